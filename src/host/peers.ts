import type { Feed } from '../core/feed/feed.ts';
import type { KeptPage } from '../core/history/kept-candles.ts';
import type { Addresses } from './budgets/addresses.ts';
import type { Director } from './control/director.ts';
import type { MarketClock } from './market-clock.ts';
import type { Metric } from './metrics/exposition.ts';

/** One of the processes that serve a market at one port together, as a whole. */
export interface Worker {
  readonly addresses: Addresses;
  /** Reads its metrics. */
  readonly read: () => Promise<readonly Metric[]>;
  /** Takes candles that another one made. */
  readonly takeCandles: (pages: readonly KeptPage[]) => void;
}

/** All workers of a primary, as one of them sees them. */
export interface Peers {
  /** How many there are to be. */
  readonly workers: number;
  /** Whether this one makes candles in the background, for the others too. */
  readonly makesCandles: boolean;
  /** Gives candles to the others. */
  shareCandles(pages: readonly KeptPage[]): void;
  /**
   * What has things done to the market of a feed and to its time, by all of them; `own` would do so
   * at this one alone.
   */
  direct(feed: Feed, clock: MarketClock, own: () => Director): Director;
  /** From now on this one reports what it holds, and merges the reports of the others. */
  join(worker: Worker): void;
  /**
   * Says that the ring of this one is full; resolves when those of all are. A client that
   * finds one ready may come to another next.
   */
  filled(): Promise<void>;
  /** The metrics of each, those of this one and of the primary too. */
  read(): Promise<readonly (readonly Metric[])[]>;
}
