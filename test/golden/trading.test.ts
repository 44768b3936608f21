import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { marketOf } from '../helpers/market.ts';
import { type FrozenTrading, tradingAt } from './frozen.ts';

interface GoldenRow extends FrozenTrading {
  readonly spec: object;
  readonly row: number;
}

const golden: { readonly rows: readonly GoldenRow[] } = JSON.parse(
  readFileSync(new URL('./trading.json', import.meta.url), 'utf8'),
);

describe('the frozen trades and books', () => {
  it('are of prices that move by themselves, and of mids under every calendar', () => {
    const kinds = golden.rows.map(({ spec }) => {
      const [{ model, calendar }] = marketOf(spec).instruments;
      return model.kind === 'market' ? calendar : model.kind;
    });
    const all = ['walk', 'gbm', 'regime', 'always', 'fx-week', 'new-york'];
    expect(new Set(kinds)).toEqual(new Set(all));
  });

  it.each(golden.rows)('are what the core computes: $spec, row $row', (expected) => {
    const { spec, row } = expected;
    expect({ spec, row, ...tradingAt(marketOf(spec), row) }).toEqual(expected);
  });
});
