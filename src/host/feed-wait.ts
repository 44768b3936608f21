import type { Logger } from 'pino';
import type { Feed } from '../core/feed/feed.ts';
import type { HostLimits } from './host-limits.ts';
import type { MarketClock } from './market-clock.ts';

/**
 * Whether the feed waits for its clock: that was set back behind the newest row, and the head does
 * not move until it is there again. History is served meanwhile. A market whose origin is yet to
 * come is none of that: it waits for its beginning, as it should.
 */
export class FeedWait {
  readonly #feed: Feed;
  readonly #clock: MarketClock;
  readonly #limits: HostLimits;
  readonly #logger: Logger;
  #isReported = false;

  constructor(feed: Feed, clock: MarketClock, limits: HostLimits, logger: Logger) {
    this.#feed = feed;
    this.#clock = clock;
    this.#limits = limits;
    this.#logger = logger;
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

  /** Whether it is longer than clocks of replicas may differ. */
  get isLong(): boolean {
    return this.ms > this.#limits.aheadMs;
  }

  /** Says when it begins and when it ends; to be called whenever the feed is looked at. */
  look(): void {
    if (this.isLong === this.#isReported) return;
    this.#isReported = this.isLong;
    if (this.#isReported) this.#logger.warn({ waitMs: this.ms }, 'the feed waits for its clock');
    else this.#logger.warn('the feed waits no longer');
  }
}
