import type { Logger } from 'pino';
import type { Feed } from '../core/feed/feed.ts';
import type { Director } from './control/director.ts';
import type { HostLimits } from './host-limits.ts';
import type { MarketClock } from './market-clock.ts';

/** Rows that are later are not what anybody should be sent to, if there is another server. */
const LATE_MS = 5000;
/**
 * Longer than brokers take to choose a leader. Where all servers share a log all wait for it, and
 * were they to say so at once, a proxy would have nobody left for the history that needs no log.
 */
const HELD_MS = 15_000;

/** The ways in which rows do not flow as they should. */
export type WaitReason = 'clock' | 'log' | 'late';

const BEGINS = {
  clock: 'the feed waits for its clock',
  log: 'the feed waits for the log',
  late: 'rows are late',
} as const satisfies Record<WaitReason, string>;

/**
 * Whether the feed waits: for its clock, that was set back behind the newest row; for the log of
 * what is done to the market; or for the processor. History is served meanwhile. A market whose
 * origin is yet to come is none of that: it waits for its beginning, as it should.
 */
export class FeedWait {
  readonly #feed: Feed;
  readonly #clock: MarketClock;
  readonly #director: Pick<Director, 'mayMakeUntil'>;
  readonly #limits: HostLimits;
  readonly #logger: Logger;
  #reported: WaitReason | undefined;
  /** When rows were last not late, by the steady clock. */
  #onTimeMs: number;

  constructor(
    feed: Feed,
    clock: MarketClock,
    director: Pick<Director, 'mayMakeUntil'>,
    limits: HostLimits,
    logger: Logger,
  ) {
    this.#feed = feed;
    this.#clock = clock;
    this.#director = director;
    this.#limits = limits;
    this.#logger = logger;
    this.#onTimeMs = clock.steadyMs();
  }

  /** By how much the next row is further away than an interval, for the host; 0 while rows flow. */
  get ms(): number {
    if (this.#feed.head === 0) return 0;
    const { intervalMs } = this.#feed.market.grid;
    const aheadMs = this.#feed.nextDueMs() - this.#clock.marketMs() - intervalMs;
    return Math.max(0, this.#clock.asHostMs(aheadMs));
  }

  /** When the next row is due, by the market's clock. */
  get nextRowMs(): number {
    return this.#feed.nextDueMs();
  }

  /** How long the next row has been due, for the host; 0 if all that is due is there. */
  get lateMs(): number {
    return Math.max(0, this.#clock.asHostMs(this.#clock.marketMs() - this.#feed.nextDueMs()));
  }

  /**
   * Why rows do not flow, once that is longer than it may be: clocks of replicas differ by
   * `aheadMs`, a busy moment is no fault, and a log is away for a while.
   */
  get reason(): WaitReason | undefined {
    if (this.ms > this.#limits.aheadMs) return 'clock';
    // Where the market's time was moved on, rows of hours are due at once, and late by nothing.
    const lateMs = Math.min(this.lateMs, this.#clock.steadyMs() - this.#onTimeMs);
    if (lateMs <= LATE_MS) return undefined;
    if (this.#feed.head < this.#director.mayMakeUntil) return 'late';
    return lateMs > HELD_MS ? 'log' : undefined;
  }

  /** Says when it begins and when it ends; to be called whenever the feed is looked at. */
  look(): void {
    if (this.lateMs <= LATE_MS) this.#onTimeMs = this.#clock.steadyMs() - this.lateMs;
    const { reason } = this;
    if (reason === this.#reported) return;
    const before = this.#reported;
    this.#reported = reason;
    if (reason === 'clock') this.#logger.warn({ waitMs: this.ms }, BEGINS.clock);
    else if (reason !== undefined) this.#logger.warn({ lateMs: this.lateMs }, BEGINS[reason]);
    else this.#logger.warn({ reason: before }, 'the feed waits no longer');
  }
}
