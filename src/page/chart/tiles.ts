import type { CandlesAnswer } from '../../client/index.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { barAt, barStartMs } from '../time/resolution.ts';
import { TILE_BARS, tileFirst } from './plan.ts';
import type { Bar } from './window.ts';

const CACHED_TILES = 40;

/** Up to 512 consecutive bars: fewer at the market's first bar and at the one being made. */
export interface Tile {
  readonly first: number;
  readonly bars: readonly Bar[];
  /** How many of them will never change. */
  readonly closed: number;
  /** Time of the last row in them; undefined if there are none. */
  readonly until: number | undefined;
}

export interface CandlesQuery {
  readonly market: string;
  readonly symbol: string;
  readonly resolution: string;
  readonly from: number;
  readonly count: number;
  readonly signal: AbortSignal;
  /** Ask the server, whatever the browser remembers. */
  readonly isAnew: boolean;
}

export type FetchCandles = (query: CandlesQuery) => Promise<CandlesAnswer>;

/** History in tiles of 512 aligned bars; those that are over are kept, the most recent 40. */
export class Tiles {
  readonly #market: string;
  readonly #fetch: FetchCandles;
  readonly #cache = new Map<string, Tile>();
  #isMistrusted = false;

  constructor(market: string, fetch: FetchCandles) {
    this.#market = market;
    this.#fetch = fetch;
  }

  /** Something kept was wrong: forget all, and never again believe what the browser remembers. */
  forget(): void {
    this.#isMistrusted = true;
    this.#cache.clear();
  }

  /** One tile of an instrument; `headMs` tells whether it is over and can be kept for good. */
  async load(
    symbol: string,
    resolution: Resolution,
    tile: number,
    headMs: number,
    signal: AbortSignal,
  ): Promise<Tile> {
    const key = `${symbol} ${resolution.text} ${tile}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const from = barStartMs(resolution, tileFirst(tile));
    const isOver = barStartMs(resolution, tileFirst(tile + 1)) <= headMs;
    const answer = await this.#fetch({
      market: this.#market,
      symbol,
      resolution: resolution.text,
      from,
      count: TILE_BARS,
      signal,
      isAnew: this.#isMistrusted,
    });
    const loaded = toTile(answer, resolution, tileFirst(tile));
    if (isOver && loaded.closed === loaded.bars.length) this.#remember(key, loaded);
    return loaded;
  }

  #remember(key: string, tile: Tile): void {
    this.#cache.set(key, tile);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_TILES && oldest !== undefined) this.#cache.delete(oldest);
  }
}

/** The bars of an answer, numbered. `firstWanted` numbers an answer without bars. */
function toTile(answer: CandlesAnswer, resolution: Resolution, firstWanted: number): Tile {
  const bars = answer.time.map((time, index) => ({
    time,
    open: answer.open[index]!,
    high: answer.high[index]!,
    low: answer.low[index]!,
    close: answer.close[index]!,
  }));
  const first = bars[0] === undefined ? firstWanted : barAt(resolution, bars[0].time);
  return { first, bars, closed: answer.closed, until: answer.until };
}
