import type { Logger } from 'pino';
import type { Feed } from '../core/feed/feed.ts';
import type { AwaitedRows } from './awaited-rows.ts';
import type { Addresses } from './budgets/addresses.ts';
import type { ClientLog } from './client-log.ts';
import type { Director } from './control/director.ts';
import type { Failures } from './failures.ts';
import type { Fates } from './faults/fates.ts';
import type { FaultSettings } from './faults/fault-settings.ts';
import type { FeedWait } from './feed-wait.ts';
import type { HostLimits } from './host-limits.ts';
import type { AnswerCache } from './http/answer-cache.ts';
import type { MarketClock } from './market-clock.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Slicer } from './slicer.ts';

/** What every part of a server works with. */
export interface Service {
  readonly feed: Feed;
  /** What has things done to the market. */
  readonly director: Director;
  readonly clock: MarketClock;
  readonly wait: FeedWait;
  readonly awaited: AwaitedRows;
  readonly limits: HostLimits;
  /** What clients are told that the limits of all rooms bound, by name. */
  readonly limitTexts: Readonly<Record<string, string>>;
  /** As many connections as this process may have: all, if it is the only one. */
  readonly maxOwnConnections: number;
  readonly slicer: Slicer;
  readonly addresses: Addresses;
  readonly answers: AnswerCache;
  readonly metrics: Metrics;
  /** Which faults there are to be asked for. */
  readonly faults: FaultSettings;
  /** What is done to rows under each. */
  readonly fates: Fates;
  readonly logger: Logger;
  /** Lines that it could not write. */
  readonly droppedLines: () => number;
  /** For what we do wrong. */
  readonly failures: Failures;
  /** For what clients do. */
  readonly log: ClientLog;
  readonly version: string;
  /** Whether the newest rows are there. */
  readonly isReady: () => boolean;
  /** Whether it is about to stop, and should be given no more readers. */
  readonly isDraining: () => boolean;
  /** How much of the ring is filled, from 0 to 1. */
  readonly progress: () => number;
}
