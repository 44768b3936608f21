import { checksum } from './checksum.ts';
import { newTrades } from './fields.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from './grid.ts';
import { Market } from './market.ts';
import type { ModelKind } from './models/parameters.ts';
import { checkSpec } from './spec.ts';

/** A block whose prices every machine must compute alike. */
interface Golden {
  readonly title: string;
  readonly dtype: 'uint8' | 'uint16' | 'int32';
  readonly model: ModelKind;
  readonly block: number;
  readonly checksum: string;
  /** Which models have something in common with it that no other takes in. Default: all. */
  readonly of?: (kind: ModelKind) => boolean;
}

const isOfNoWalk = (kind: ModelKind) => kind !== 'walk' && kind !== 'market';
const isMarket = (kind: ModelKind) => kind === 'market';

/**
 * Between them they take in the generator, both totals' corrections, the walls, the normals, exp
 * and log. That of `market` takes four fifths of the time.
 */
const GOLDEN: readonly Golden[] = [
  { title: 'walk', dtype: 'uint16', model: 'walk', block: 1700, checksum: 'd0d5bfbb' },
  {
    title: 'walk between walls',
    dtype: 'uint8',
    model: 'walk',
    block: ERA_BLOCKS,
    checksum: 'e0468d40',
  },
  {
    title: 'gbm',
    dtype: 'int32',
    model: 'gbm',
    block: 3 * ERA_BLOCKS - 1,
    checksum: '5fa17aa1',
    of: isOfNoWalk,
  },
  {
    title: 'regime',
    dtype: 'int32',
    model: 'regime',
    block: 1700,
    checksum: '832de26d',
    of: isOfNoWalk,
  },
  {
    title: 'market',
    dtype: 'int32',
    model: 'market',
    block: 1700,
    checksum: '5c20012f',
    of: isMarket,
  },
];

/** Quotes and trades have mathematics of their own: a few rows of a walk. */
const TRADED = {
  title: 'trades',
  model: 'walk',
  block: 1700,
  rows: 512,
  checksum: 'e7a980ee',
} as const;

/**
 * What this machine computes differently from every other, of what markets of these models take,
 * one sentence each; empty if nothing. Default: of all models.
 */
export function selfTest(kinds?: ReadonlySet<ModelKind>): string[] {
  const failures: string[] = [];
  const note = ({ title, block, checksum: expected }: typeof TRADED | Golden, found: string) => {
    if (found === expected) return;
    const rule = `the checksum of block ${block} is ${found}, it must be ${expected}`;
    failures.push(`${title}: ${rule}`);
  };
  for (const golden of GOLDEN) {
    const { dtype, model, block, of = () => true } = golden;
    if (kinds !== undefined && ![...kinds].some(of)) continue;
    const market = marketOf(dtype, model);
    const prices = market.newPrices(BLOCK_ROWS);
    market.fillBlock(prices, 0, block);
    note(golden, checksum(prices));
  }
  const market = marketOf('uint16', TRADED.model);
  const traded = newTrades('uint16', TRADED.rows);
  market.fillTrades(traded, 0, TRADED.block, 0, TRADED.rows);
  note(TRADED, checksum(Float64Array.of(...traded.bid, ...traded.volume)));
  return failures;
}

function marketOf(dtype: Golden['dtype'], model: ModelKind): Market {
  const check = checkSpec({ seed: 20260101, dtype, count: 1, defaults: { model } });
  if (!check.ok) throw new Error('the self-test has a correct spec');
  return new Market(check.spec);
}
