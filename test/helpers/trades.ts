import { newTrades, type Trades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';

/** An instrument of each model, one of which few rows have a trade, and one that closes at night. */
export function tradedSpec(tradesPerDay: number) {
  return {
    count: undefined,
    dtype: 'int32',
    instruments: [
      ...MODEL_KINDS.map((model, n) => ({ symbol: `M${n}`, model, tradesPerDay })),
      { symbol: 'RARE', model: 'market', tradesPerDay: 24, startPrice: 1000 },
      { symbol: 'SHUT', model: 'market', calendar: 'new-york', tradesPerDay },
    ],
  };
}

export const TRADED_SYMBOLS = tradedSpec(1).instruments.map(({ symbol }) => symbol);

/** A trade as answers, messages and files say it. */
export interface Told {
  readonly id: number;
  readonly time: number;
  readonly price: number;
  readonly lots: number;
  readonly side: number;
}

/** What the rows of a range say of what was traded: of each that has a trade. */
export interface TradedRow {
  readonly time: number;
  readonly last: number;
  readonly volume: number;
  readonly trades: number;
  readonly aggressor: number;
}

/** The same rows put together of their trades: one taker each, at one price. */
export function foldOf({ grid }: Market, trades: readonly Told[]): TradedRow[] {
  const rows: { -readonly [K in keyof TradedRow]: TradedRow[K] }[] = [];
  for (const { time, price, lots, side } of trades) {
    const at = Math.floor((time - grid.originMs) / grid.intervalMs);
    const rowMs = grid.originMs + at * grid.intervalMs;
    const row = rows.at(-1);
    if (row?.time !== rowMs) {
      rows.push({ time: rowMs, last: price, volume: lots, trades: 1, aggressor: side });
      continue;
    }
    row.volume += lots;
    row.trades += 1;
    // A row of two prices or sides is none.
    if (price !== row.last || side !== row.aggressor) row.last = Number.NaN;
  }
  return rows;
}

/** The rows `[from, next)` with a trade as the core makes them, without history or server. */
export function tradedRows(
  market: Market,
  column: number,
  from: number,
  next: number,
): TradedRow[] {
  const { grid } = market;
  const rows: TradedRow[] = [];
  const made: Trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  const prices = market.newPrices(BLOCK_ROWS);
  for (let block = Math.floor(from / BLOCK_ROWS); block * BLOCK_ROWS < next; block++) {
    const first = block * BLOCK_ROWS;
    market.fillTrades(made, column, block);
    market.fillBlock(prices, column, block);
    for (let i = Math.max(0, from - first); i < Math.min(BLOCK_ROWS, next - first); i++) {
      if (made.trades[i] === 0) continue;
      rows.push({
        time: grid.originMs + (first + i) * grid.intervalMs,
        last: prices[i]!,
        volume: made.volume[i]!,
        trades: made.trades[i]!,
        aggressor: made.aggressor[i]!,
      });
    }
  }
  return rows;
}
