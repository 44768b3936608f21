import type { Logger } from 'pino';
import type { NatsLogOptions } from '../cluster/cluster-options.ts';
import type { Market } from '../core/market/market.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { Clock } from '../host/clock.ts';
import type { HeartbeatTimes } from './heartbeat.ts';
import type { Start } from './messages.ts';

export interface PrimaryOptions
  extends Pick<Start, 'host' | 'limits' | 'protocols' | 'access' | 'faults' | 'workers'> {
  readonly market: Market;
  /** 0 for any free port. */
  readonly port: number;
  /** Of the market's time; without any, that is the host's. */
  readonly anchors?: readonly Anchor[];
  readonly clock: Clock;
  /** The file of what is done to the market. Default: that ends with this process. */
  readonly log?: string | undefined;
  /** Where in NATS that is instead, for several primaries. */
  readonly nats?: NatsLogOptions | undefined;
  /** Called when that log can be gone on with no more: this process is to be ended. */
  readonly logBroke: (error: Error) => void;
  /** How long a worker goes on when a signal tells it to end. */
  readonly drainMs: number;
  /** Of all workers together. */
  readonly cacheMb: number;
  readonly logger: Logger;
  /** Lines that it could not write. */
  readonly droppedLines: () => number;
  /** What a worker runs, which is to call `runWorker`, and with which arguments. */
  readonly program: string;
  readonly args: readonly string[];
  /** When a worker is taken to hang; only tests set it. */
  readonly heartbeat?: HeartbeatTimes;
}
