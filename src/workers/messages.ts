import type { KeptPage } from '../core/history/kept-candles.ts';
import type { Entry } from '../core/market/entries/entry.ts';
import type { Spec } from '../core/market/market.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { AccessOptions } from '../host/access/access-policy.ts';
import type { UsageReport } from '../host/budgets/addresses.ts';
import type { ClockWish, Wish } from '../host/control/director.ts';
import type { FaultOptions } from '../host/faults/fault-settings.ts';
import type { Metric } from '../host/metrics/exposition.ts';
import type { SpokenLimits } from '../server/limits.ts';
import type { ProtocolName } from '../server/protocols.ts';
import type { ErrorCode, ErrorDetails } from '../wire/errors.ts';

/** What the primary makes of what it is asked for. */
export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly details: ErrorDetails;
      };
    };

/** What a worker serves, and as which one of how many. */
export interface Start {
  readonly spec: Spec;
  /** The id of the market, which a worker must compute too. */
  readonly market: string;
  readonly host: string;
  readonly addresses: readonly string[];
  /** Never 0: a worker that replaces another must listen where that did. */
  readonly port: number;
  readonly limits: SpokenLimits;
  readonly protocols: readonly ProtocolName[];
  readonly access: AccessOptions;
  readonly faults: FaultOptions;
  /** How the market's time goes, the same for all. */
  readonly anchors: readonly Anchor[];
  /** What was done to the market, and the first row that it may not make yet. */
  readonly entries: readonly Entry[];
  readonly seal: number;
  /** How long it goes on when a signal tells it to end. */
  readonly drainMs: number;
  /** Of this worker alone. */
  readonly cacheMb: number;
  readonly logLevel: string;
  /** How many there are; at least one. */
  readonly workers: number;
  /** Whether others serve already, so that nobody need find it half ready. */
  readonly isReplacement: boolean;
  /** Whether it makes candles, for all. */
  readonly makesCandles: boolean;
}

/** From the primary to a worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly start: Start }
  /** The usage report of another one. */
  | { readonly type: 'usage'; readonly worker: number; readonly reports: readonly UsageReport[] }
  /** There is a new one: it needs a report of all that each holds. */
  | { readonly type: 'joined' }
  | { readonly type: 'gone'; readonly worker: number }
  /** The rings of all are full. */
  | { readonly type: 'open' }
  /** Those that another one made. */
  | { readonly type: 'candles'; readonly pages: readonly KeptPage[] }
  /** Asks for its metrics. */
  | { readonly type: 'read'; readonly ask: number }
  /** Those of all, as it asked. */
  | { readonly type: 'metrics'; readonly ask: number; readonly all: readonly (readonly Metric[])[] }
  /** What was done to the market, behind all that was sealed. */
  | { readonly type: 'entry'; readonly entry: Entry }
  /** How the market's time goes on, behind all that was sealed. */
  | { readonly type: 'turn'; readonly anchor: Anchor }
  /** Nothing will be done to rows before this one: they may be made. */
  | { readonly type: 'seal'; readonly until: number }
  /** What came of what it wanted done, or wanted to know. */
  | { readonly type: 'answered'; readonly ask: number; readonly answer: Answered<unknown> }
  /** Asks for a sign of life. */
  | { readonly type: 'ping' }
  /** It is about to be stopped. */
  | { readonly type: 'drain' }
  | { readonly type: 'stop' };

/** From a worker to the primary. */
export type ToPrimary =
  /** It reads messages from now on, the first of which says what to serve. */
  | { readonly type: 'begun' }
  /** It merges usage reports from now on. */
  | { readonly type: 'joined' }
  | { readonly type: 'listening'; readonly url: string }
  /** How much of its ring is filled, from 0 to 1. */
  | { readonly type: 'progress'; readonly progress: number }
  /** Its ring is full. */
  | { readonly type: 'filled' }
  | { readonly type: 'ready' }
  /** Why it cannot start; `code` is that of the system, if it has one. */
  | { readonly type: 'failed'; readonly message: string; readonly code?: string }
  | { readonly type: 'usage'; readonly reports: readonly UsageReport[] }
  | { readonly type: 'candles'; readonly pages: readonly KeptPage[] }
  | { readonly type: 'pong' }
  /** What somebody wants done to the market. */
  | { readonly type: 'take'; readonly ask: number; readonly wish: Wish }
  /** What somebody wants done to its time. */
  | { readonly type: 'change'; readonly ask: number; readonly wish: ClockWish }
  /** Asks for all that was done to it. */
  | { readonly type: 'list'; readonly ask: number }
  | { readonly type: 'read'; readonly ask: number; readonly metrics: readonly Metric[] }
  /** Asks for the metrics of all. */
  | { readonly type: 'wanted'; readonly ask: number };
