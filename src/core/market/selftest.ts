import { checksum } from './checksum.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from './grid.ts';
import { Market } from './market.ts';
import { checkSpec } from './spec.ts';

/**
 * Checksums of a block of each model, as every machine must compute it. Between them they take in
 * the generator, both totals' corrections, the walls, the normals, exp and log.
 */
const GOLDEN = [
  { title: 'walk', dtype: 'uint16', model: 'walk', block: 1700, checksum: 'd0d5bfbb' },
  {
    title: 'walk between walls',
    dtype: 'uint8',
    model: 'walk',
    block: ERA_BLOCKS,
    checksum: 'e0468d40',
  },
  { title: 'gbm', dtype: 'int32', model: 'gbm', block: 3 * ERA_BLOCKS - 1, checksum: '5fa17aa1' },
  { title: 'regime', dtype: 'int32', model: 'regime', block: 1700, checksum: '832de26d' },
  { title: 'market', dtype: 'int32', model: 'market', block: 1700, checksum: '5c20012f' },
] as const;

/** What this machine computes differently from every other, one sentence each; empty if nothing. */
export function selfTest(): string[] {
  const failures: string[] = [];
  for (const { title, dtype, model, block, checksum: expected } of GOLDEN) {
    const check = checkSpec({ seed: 20260101, dtype, count: 1, defaults: { model } });
    if (!check.ok) throw new Error('the self-test has a correct spec');
    const market = new Market(check.spec);
    const prices = market.newPrices(BLOCK_ROWS);
    market.fillBlock(prices, 0, block);
    const found = checksum(prices);
    if (found !== expected) {
      failures.push(`${title}: the checksum of block ${block} is ${found}, it must be ${expected}`);
    }
  }
  return failures;
}
