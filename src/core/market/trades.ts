/**
 * Quotes and trades, made from the prices: what bid and ask stood around each, and what was traded.
 *
 * Rows are independent of one another but for the price of the row before. Two words a row decide:
 * the first, a normal variate, how busy the row was; the second, a byte each, how a number of
 * trades is rounded, which side started them, how large they were, and how the spread is rounded.
 * Both expected numbers follow the activity of the model, which is 1 on average: trades as it is,
 * the spread by its square root. docs/prices.md has the whole of it.
 */
import { exp } from '../random/kernels.ts';
import { normalOf } from '../random/normal.ts';
import { fillWords, type Key } from '../random/threefry.ts';
import type { Prices } from './dtype.ts';
import type { Trades } from './fields.ts';
import { BLOCK_ROWS } from './grid.ts';
import type { Instrument } from './instrument.ts';
import { DAY_MS } from './time.ts';

/** Standard deviation of the logarithm of a row's number of trades, beside its activity. */
const BUSTLE = 0.5;
const MAX_UINT32 = 0xffff_ffff;
/** Of 256: how often a price that rose was paid by a buyer, and one that fell got by a seller. */
const FOLLOWERS = 205;

const busyWords = new Uint32Array(BLOCK_ROWS);
const wordsOfRow = new Uint32Array(BLOCK_ROWS);

/** A block of prices to be traded at. */
export interface Traded {
  /** Its `BLOCK_ROWS` prices, in ticks. */
  readonly prices: Prices;
  /** The price of the row before it; that of its first where there is none. */
  readonly before: number;
  /** The variance of each of its rows, over the average one of its instrument. */
  readonly activity: Float64Array;
  /** The rows that are wanted, `[from, next)`, counted from its first. */
  readonly from: number;
  readonly next: number;
}

/** Fills the wanted rows of block `block` in `out`, each in its place. 70 ns a row. */
export function fillTrades(
  out: Trades,
  { prices, before, activity, from, next }: Traded,
  { trading, minTicks, maxTicks }: Instrument,
  intervalMs: number,
  key: Key,
  block: number,
): void {
  const { bid, ask, volume, trades, aggressor } = out;
  const { spreadTicks } = trading;
  const averageTrades = (trading.tradesPerDay * intervalMs) / DAY_MS;
  const furtherLots = (trading.lotsPerTrade - 1) / 128;
  // Words come in pairs.
  const [first, end] = [from - (from % 2), next + (next % 2)];
  fillWords(busyWords.subarray(first, end), key, first / 2, block);
  fillWords(wordsOfRow.subarray(first, end), key, (BLOCK_ROWS + first) / 2, block);
  let previous = from === 0 ? before : prices[from - 1]!;

  for (let i = from; i < next; i++) {
    const word = wordsOfRow[i]!;
    const last = prices[i]!;
    const active = activity[i]!;
    const bustle = exp(BUSTLE * normalOf(busyWords[i]! | 0) - (BUSTLE * BUSTLE) / 2);
    const expected = averageTrades * active * bustle;
    let count = Math.floor(expected + ((word & 0xff) + 0.5) / 256);
    // A price does not move by itself.
    if (count === 0 && last !== previous) count = 1;
    if (count > MAX_UINT32) count = MAX_UINT32;
    const lots = count + Math.floor(count * furtherLots * (((word >>> 16) & 0xff) + 0.5));
    trades[i] = count;
    volume[i] = lots > MAX_UINT32 ? MAX_UINT32 : lots;

    const room = Math.max(last - minTicks, maxTicks - last);
    const wide = Math.floor(spreadTicks * Math.sqrt(active) + ((word >>> 24) + 0.5) / 256);
    const spread = Math.min(room, Math.max(1, wide));
    const odds = last === previous ? 128 : last > previous ? FOLLOWERS : 256 - FOLLOWERS;
    let isBought = ((word >>> 8) & 0xff) < odds;
    if (isBought ? last - spread < minTicks : last + spread > maxTicks) isBought = !isBought;
    bid[i] = isBought ? last - spread : last;
    ask[i] = isBought ? last : last + spread;
    aggressor[i] = count === 0 ? 0 : isBought ? 1 : 2;
    previous = last;
  }
}
