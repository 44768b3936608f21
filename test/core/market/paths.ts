import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import type { ModelKind } from '../../../src/core/market/models/parameters.ts';
import { marketOf } from '../../helpers/market.ts';

export const YEAR_MS = 365.25 * 86_400_000;
/**
 * 2^24 ticks, halfway between the walls of float64 by their logarithms: a tick is 6e-8 of the
 * price, far less than a row moves.
 */
export const MIDDLE = { startPrice: 167_772.16 };

/** A market of one model, of fine prices. */
export function modelMarket(model: ModelKind, spec: object, parameters: object = {}): Market {
  return marketOf({ dtype: 'float64', ...spec, defaults: { model, ...MIDDLE, ...parameters } });
}

export function blockOf(market: Market, column: number, block: number) {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, column, block);
  return prices;
}

/** The logarithms of the prices of consecutive blocks, less that of the start price. */
export function logsOf(market: Market, column: number, first: number, blocks: number) {
  const start = Math.log(market.instruments[column].startTicks);
  const logs = new Float64Array(blocks * BLOCK_ROWS);
  for (let n = 0; n < blocks; n++) {
    const block = Float64Array.from(blockOf(market, column, first + n), Math.log);
    logs.set(block, n * BLOCK_ROWS);
  }
  return logs.map((log) => log - start);
}

/** The logarithm of one price, less that of the start price. */
export function logAt(market: Market, column: number, index: number): number {
  const block = blockOf(market, column, Math.floor(index / BLOCK_ROWS));
  return Math.log(block[index % BLOCK_ROWS] / market.instruments[column].startTicks);
}

export function differences(values: Float64Array): number[] {
  return Array.from(values.subarray(1), (value, i) => value - values[i]);
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How far the mean of independent `values` is from `expected`, in its own standard errors. */
export function averageSigmas(values: readonly number[], expected: number): number {
  const mean = average(values);
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return (mean - expected) / (Math.sqrt(square) / values.length);
}
