import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { Market } from '../../src/core/market/market.ts';
import { checkSpec } from '../../src/core/market/spec.ts';

/** The market of a spec that is right. */
export function marketOf(spec: unknown): Market {
  const check = checkSpec(spec);
  if (!check.ok) throw new Error(check.problems.map(({ message }) => message).join('\n'));
  return new Market(check.spec);
}

/** The prices of the rows `[from, next)` as the core makes them, without ring, history or server. */
export function pricesOf(market: Market, column: number, from: number, next: number): number[] {
  const prices: number[] = [];
  const block = market.newPrices(BLOCK_ROWS);
  for (let index = from; index < next; ) {
    const number = Math.floor(index / BLOCK_ROWS);
    const end = Math.min(next, (number + 1) * BLOCK_ROWS);
    market.fillBlock(block, column, number);
    prices.push(...block.subarray(index - number * BLOCK_ROWS, end - number * BLOCK_ROWS));
    index = end;
  }
  return prices;
}
