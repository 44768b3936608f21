import type { Prices } from '../market/dtype.ts';
import { newTrades, PaidSums, type Trades } from '../market/fields.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import { eachBlock } from '../market/pieces.ts';
import type { Rows } from '../market/rows.ts';
import type { RollingSpan } from './rolling-span.ts';

/** What the rows of a span of a column came to: see `summed`. */
export interface Summed {
  readonly column: number;
  readonly from: number;
  readonly next: number;
  /** The highest and lowest price of each batch, by its number. */
  readonly highs: Prices;
  readonly lows: Prices;
  readonly notional: readonly [high: number, low: number];
  readonly volume: number;
  readonly firstTrade: number;
  readonly nextTrade: number;
}

/** How many batches are remembered: those of a span, and those that its ends are in. */
export function slotsOf({ rows, batchRows }: RollingSpan): number {
  return Math.ceil(rows / batchRows) + 4;
}

/** The number of the batch of a row. They begin at other rows in each column: these take turns. */
export function batchOf(market: Rows, span: RollingSpan, column: number, index: number): number {
  return Math.floor((index + shiftOf(market, span, column)) / span.batchRows);
}

/** The first row of a batch; of the first one it may lie before row 0. */
export function batchStart(market: Rows, span: RollingSpan, column: number, batch: number): number {
  return batch * span.batchRows - shiftOf(market, span, column);
}

function shiftOf({ instruments }: Rows, { batchRows }: RollingSpan, column: number): number {
  return Math.floor((column * batchRows) / instruments.length);
}

/** Rows of a block that are being made: one for all. */
export interface Room {
  readonly prices: Prices;
  readonly trades: Trades;
}

export function newRoom(market: Rows): Room {
  return {
    prices: market.newPrices(BLOCK_ROWS),
    trades: newTrades(market.spec.dtype, BLOCK_ROWS),
  };
}

/** Adds up the rows of a span that ends at `next`; yields how many after each block. */
export function* summed(
  market: Rows,
  span: RollingSpan,
  column: number,
  next: number,
  room: Room,
): Generator<number, Summed, void> {
  const slots = slotsOf(span);
  const shift = shiftOf(market, span, column);
  const from = span.from(next);
  const highs = market.newPrices(slots);
  const lows = market.newPrices(slots);
  const paid = new PaidSums();
  let volume = 0;
  let trades = 0;
  let batch = -1;
  for (const { number, at, stop, from: first } of eachBlock(from, next)) {
    market.fillTrades(room.trades, column, number, at, stop);
    market.fillBlock(room.prices, column, number, at, stop);
    paid.add(room.trades, at, stop);
    for (let i = at; i < stop; i++) {
      volume += room.trades.volume[i]!;
      trades += room.trades.trades[i]!;
      const price = room.prices[i]!;
      const own = Math.floor((first + i - at + shift) / span.batchRows);
      const slot = own % slots;
      if (own !== batch || price > highs[slot]!) highs[slot] = price;
      if (own !== batch || price < lows[slot]!) lows[slot] = price;
      batch = own;
    }
    yield stop - at;
  }
  const { high, low } = paid.notional;
  const firstTrade = market.tradesBefore(column, from);
  const nextTrade = firstTrade + trades;
  return { column, from, next, highs, lows, notional: [high, low], volume, firstTrade, nextTrade };
}
