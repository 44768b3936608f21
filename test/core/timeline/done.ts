import fc from 'fast-check';
import type { Prices } from '../../../src/core/market/dtype.ts';
import type { Effect } from '../../../src/core/market/entries/effects.ts';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { newTrades, type Trades } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Rows } from '../../../src/core/market/rows.ts';

/** All that rows say. */
export interface Said extends Trades {
  readonly last: Prices;
}

/** The rows `[from, next)` of a column, as they are made now, block by block. */
export function rowsOf(rows: Rows, column: number, from: number, next: number): Said {
  const said = { last: rows.newPrices(next - from), ...newTrades(rows.spec.dtype, next - from) };
  const prices = rows.newPrices(BLOCK_ROWS);
  const trades = newTrades(rows.spec.dtype, BLOCK_ROWS);
  for (let index = from; index < next; ) {
    const block = Math.floor(index / BLOCK_ROWS);
    const first = block * BLOCK_ROWS;
    const [at, stop] = [index - first, Math.min(next - first, BLOCK_ROWS)];
    rows.fillTrades(trades, column, block, at, stop);
    rows.fillBlock(prices, column, block, at, stop);
    said.last.set(prices.subarray(at, stop), index - from);
    for (const field of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
      said[field].set(trades[field].subarray(at, stop), index - from);
    }
    index = first + stop;
  }
  return said;
}

/** Effects of some seconds to some hours, of a market whose rows are a second apart. */
function effects(symbols: readonly string[]): fc.Arbitrary<Effect> {
  const forMs = fc.oneof(
    fc.integer({ min: 1, max: 300_000 }),
    fc.integer({ min: 1, max: 3_000_000 }),
  );
  // Floats of any size would nearly all be as good as 0.
  const percent = fc.oneof(
    fc.constantFrom(-99, -40.5, -7, -0.3, 0.01, 2, 12.5, 60, 900),
    fc.integer({ min: -5_000, max: 5_000 }).map((n) => n / 1000),
  );
  const factor = fc.constantFrom(0.01, 0.3, 0.5, 1, 1.5, 3, 20);
  const kinds: fc.Arbitrary<object>[] = [
    fc.record({ kind: fc.constant('shift'), percent }),
    fc.record({
      kind: fc.constant('ramp'),
      percent,
      overMs: forMs,
      backPercent: fc.constantFrom(0, 50, 100, 130),
      backOverMs: forMs,
    }),
    fc.record({
      kind: fc.constant('volatility'),
      factor: fc.constantFrom(0, 0.2, 0.7, 1, 1.37, 2, 3, 8),
      forMs,
    }),
    fc.record({
      kind: fc.constant('drift'),
      percentPerDay: fc.constantFrom(-90, -30, -1.5, 0, 3, 44.4, 900),
      forMs,
    }),
    fc.record({ kind: fc.constant('halt'), forMs, resume: fc.constantFrom('base', 'frozen') }),
    fc.record({
      kind: fc.constant('liquidity'),
      spread: factor,
      depth: factor,
      volume: factor,
      forMs,
    }),
  ];
  const common = fc.record({
    of: fc.oneof(
      fc.constant({ all: true as const }),
      fc.constantFrom(...symbols).map((symbol) => ({ symbol })),
    ),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })),
  });
  return fc.tuple(common, fc.oneof(...kinds)).map(([a, b]) => ({ ...a, ...b }) as Effect);
}

/** Entries from row `from` to before row `next`, in the order of a log. */
export function logs(
  symbols: readonly string[],
  from: number,
  next: number,
): fc.Arbitrary<readonly Entry[]> {
  const entry = fc.record({
    index: fc.integer({ min: from, max: next - 1 }),
    effects: fc.array(effects(symbols), { minLength: 1, maxLength: 3, size: 'max' }),
  });
  return fc
    .array(entry, { minLength: 1, maxLength: 16, size: 'max' })
    .map((entries) => entries.map((one, n) => ({ key: `key ${n}`, ...one })));
}
