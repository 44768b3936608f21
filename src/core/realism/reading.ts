import { newTrades } from '../market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { eachBlock } from '../market/pieces.ts';
import type { RealismInput } from './report.ts';
import type { Steps } from './steps.ts';

/**
 * The rows `[from, next)` of a column, with what was traded, made for a report of them; a block at
 * a time.
 */
export function* readColumn(
  market: Market,
  column: number,
  from: number,
  next: number,
): Steps<RealismInput> {
  const { symbol, name, model, tickSize } = market.instruments[column]!;
  const prices = market.newPrices(BLOCK_ROWS);
  const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  const ticks = market.newPrices(next - from);
  const volume = new Uint32Array(next - from);
  for (const { number, from: index, at, stop } of eachBlock(from, next)) {
    market.fillTrades(trades, column, number);
    yield;
    // They were made for what was traded.
    market.fillBlock(prices, column, number);
    ticks.set(prices.subarray(at, stop), index - from);
    volume.set(trades.volume.subarray(at, stop), index - from);
    yield;
  }
  const { intervalMs } = market.grid;
  const about = { symbol, name, model: model.kind, tickSize, intervalMs };
  return { ...about, ticks, volume, firstMs: timeOf(market.grid, from) };
}
