import { type CandlesAnswer, ClientError, type MarketInfo } from '../../client/index.ts';
import {
  barAt,
  barFrom,
  barStartMs,
  barsBetween,
  type Cut,
  openBarAt,
} from '../time/resolution.ts';
import { tileFirst } from './plan.ts';
import { type Bar, emptyBar } from './window.ts';

const CACHED_TILES = 40;
/** What a slow model makes in half a second: a tile of more rows is asked for in pieces. */
const PIECE_ROWS = 4_000_000;
/** Closed ones come with an answer; these are fewer than a server gives at once. */
const PIECE_BARS = 4_096;
/** A server that has had enough for a while says for how long; longer than this is a failure. */
const MOST_PATIENCE_MS = 60_000;

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
  readonly symbol: string;
  readonly resolution: string;
  /** Absent for UTC. */
  readonly tz?: string | undefined;
  readonly from: number;
  readonly count: number;
  readonly fields?: readonly ['volume'] | undefined;
  readonly signal: AbortSignal;
  /** Ask the server, whatever the browser remembers. */
  readonly isAnew: boolean;
}

export type FetchCandles = (query: CandlesQuery) => Promise<CandlesAnswer>;

/** What tiles are of. */
export interface TilesOf {
  readonly symbol: string;
  readonly resolution: Cut;
  readonly hasVolume: boolean;
  /** Time of the newest row that is known of: what is over by then can be kept for good. */
  readonly headMs: number;
  readonly signal: AbortSignal;
}

/** The server does not know the zone, or knows other times at which its clock was put. */
export class CutOtherwise extends Error {}

/** Bars that are asked for at once. */
interface Piece {
  readonly first: number;
  readonly count: number;
}

/** History in tiles of 512 aligned bars; those that are over are kept, the most recent 40. */
export class Tiles {
  readonly #market: Pick<MarketInfo, 'interval' | 'earliest'>;
  readonly #fetch: FetchCandles;
  readonly #cache = new Map<string, Tile>();
  #isMistrusted = false;

  constructor(market: Pick<MarketInfo, 'interval' | 'earliest'>, fetch: FetchCandles) {
    this.#market = market;
    this.#fetch = fetch;
  }

  /** Something kept was wrong: forget all, and never again believe what the browser remembers. */
  forget(): void {
    this.#isMistrusted = true;
    this.#cache.clear();
  }

  /**
   * Some tiles of an instrument: at once, or piece by piece if they are made of very many rows;
   * then `told` hears after each which part of them is there, from 0 to 1.
   */
  async load(of: TilesOf, tiles: readonly number[], told: (part: number) => void): Promise<Tile[]> {
    const pieces = tiles.map((tile) => this.#piecesOf(of, tile));
    const all = pieces.flat().length;
    if (all === tiles.length) {
      return Promise.all(tiles.map((tile, index) => this.#load(of, tile, pieces[index]!)));
    }
    const loaded: Tile[] = [];
    let done = 0;
    told(0);
    for (const [index, tile] of tiles.entries()) {
      const before = done;
      loaded.push(await this.#load(of, tile, pieces[index]!, () => told(++done / all)));
      done = before + pieces[index]!.length;
    }
    return loaded;
  }

  async #load(
    of: TilesOf,
    tile: number,
    pieces: readonly Piece[],
    told: () => void = () => {},
  ): Promise<Tile> {
    const { symbol, resolution, hasVolume, headMs } = of;
    const key = `${symbol} ${resolution.key} ${tile}${hasVolume ? ' volume' : ''}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const isFinal = barStartMs(resolution, tileFirst(tile + 1)) <= headMs;
    const parts: Tile[] = [];
    for (const piece of pieces) {
      // Until it opens, there is nothing to ask for.
      const isToCome = barStartMs(resolution, piece.first) > headMs && resolution.all !== undefined;
      const answer = isToCome ? undefined : await this.#fetchPiece(of, piece);
      parts.push(toTile(answer, of, piece, this.#market));
      told();
    }
    const loaded = joined(parts);
    if (isFinal && loaded.closed === loaded.bars.length) this.#remember(key, loaded);
    return loaded;
  }

  /** Waits while the server says that it has done enough for us. */
  async #fetchPiece(
    { symbol, resolution, hasVolume, signal }: TilesOf,
    { first, count }: Piece,
  ): Promise<CandlesAnswer> {
    const isZoned = resolution.clock.tz !== undefined;
    for (;;) {
      try {
        return await this.#fetch({
          symbol,
          resolution: resolution.text,
          ...resolution.clock,
          from: barStartMs(resolution, first),
          count: Math.min(barsBetween(resolution, first, first + count), PIECE_BARS),
          ...(hasVolume ? { fields: ['volume'] as const } : {}),
          signal,
          isAnew: this.#isMistrusted,
        });
      } catch (error) {
        const isRefused = error instanceof ClientError && error.code === 'bad_request';
        if (isZoned && isRefused) throw new CutOtherwise(error.message);
        const isBusy = error instanceof ClientError && error.code === 'rate_limited';
        const waitMs = isBusy ? (error.retryAfterMs ?? MOST_PATIENCE_MS) : MOST_PATIENCE_MS;
        if (waitMs >= MOST_PATIENCE_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        signal.throwIfAborted();
      }
    }
  }

  /** The whole tile, or what there is of it in pieces of about 4 million rows. */
  #piecesOf({ resolution, headMs }: TilesOf, tile: number): readonly Piece[] {
    const { interval, earliest } = this.#market;
    const pieceBars = Math.max(1, Math.floor((PIECE_ROWS * interval) / resolution.ms));
    const from = Math.max(tileFirst(tile), barAt(resolution, earliest));
    const end = Math.min(tileFirst(tile + 1), barAt(resolution, headMs) + 1);
    // Of years, a tile may begin before there were times.
    const firsts = [Math.min(from, tileFirst(tile + 1) - 1)];
    for (let bar = firsts[0]! + 1; bar < end; bar++) {
      const first = firsts.at(-1)!;
      const isFull = barsBetween(resolution, first, bar + 1) > PIECE_BARS;
      if (bar - first >= pieceBars || isFull) firsts.push(bar);
    }
    // The last one takes what has come meanwhile, too.
    return firsts.map((first, index) => ({
      first,
      count: (firsts[index + 1] ?? tileFirst(tile + 1)) - first,
    }));
  }

  #remember(key: string, tile: Tile): void {
    this.#cache.set(key, tile);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_TILES && oldest !== undefined) this.#cache.delete(oldest);
  }
}

/**
 * The bars of an answer, numbered; none, if nothing was asked. One without rows is in no answer: it
 * gets its place here, and a closed one loses its own.
 */
function toTile(
  answer: CandlesAnswer | undefined,
  { resolution, headMs }: TilesOf,
  { first: firstWanted, count }: Piece,
  { earliest, interval }: Pick<MarketInfo, 'earliest' | 'interval'>,
): Tile {
  const oldestBar = barAt(resolution, earliest);
  const first = Math.max(firstWanted, Math.min(oldestBar, firstWanted + count));
  if (answer === undefined) return { first, bars: [], closed: 0, until: headMs };
  const bars: Bar[] = [];
  const fill = (bar: number) => {
    while (first + bars.length < bar) bars.push(emptyBar(resolution, first + bars.length));
  };
  const { all = resolution } = resolution;
  for (const [index, time] of answer.time.entries()) {
    const bar = openBarAt(resolution, time);
    const isOurs = bar === undefined || bar >= first + bars.length;
    if (barStartMs(all, barAt(all, time)) !== time || !isOurs) {
      throw new CutOtherwise(`no bar begins at ${time}`);
    }
    if (bar === undefined) continue;
    fill(bar);
    bars.push({
      time,
      open: answer.open[index]!,
      high: answer.high[index]!,
      low: answer.low[index]!,
      close: answer.close[index]!,
      ...(answer.volume === undefined ? {} : { volume: answer.volume[index]! }),
    });
  }
  fill(Math.min(firstWanted + count, barAt(resolution, headMs) + 1));
  const isToChange = answer.time
    .slice(answer.closed)
    .some((time) => openBarAt(resolution, time) !== undefined);
  const until = untilOf(answer.until, resolution, { headMs, interval });
  return { first, bars, closed: bars.length - (isToChange ? 1 : 0), until };
}

/** All rows up to the newest are in what ends before bars without a place. */
function untilOf(
  until: number | undefined,
  resolution: Cut,
  { headMs, interval }: { readonly headMs: number; readonly interval: number },
): number | undefined {
  if (until === undefined) return undefined;
  const next = barFrom(resolution, until + interval);
  return barStartMs(resolution, next) > headMs ? Math.max(until, headMs) : until;
}

/** Parts that follow one another, all but the last of them final. */
function joined(parts: readonly Tile[]): Tile {
  const bars = parts.flatMap((part) => part.bars);
  const first = parts.find((part) => part.bars.length > 0)?.first ?? parts[0]!.first;
  const closed = parts.reduce((sum, part) => sum + part.closed, 0);
  return { first, bars, closed, until: parts.findLast(({ until }) => until !== undefined)?.until };
}
