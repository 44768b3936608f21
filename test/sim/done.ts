import fc from 'fast-check';
import type { Effect, Target } from '../../src/core/market/entries/effects.ts';
import type { Rows } from '../../src/core/market/rows.ts';

/** An effect whose times are in rows: markets here have rows of any width. */
export interface Done {
  readonly what: number;
  /** Counts round the instruments; every third is all of them. */
  readonly whom: number;
  readonly afterRows: number;
  readonly rows: number;
}

export const done: fc.Arbitrary<Done> = fc.record({
  what: fc.nat({ max: 11 }),
  whom: fc.nat({ max: 29 }),
  afterRows: fc.constantFrom(0, 0, 1, 7),
  rows: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })),
});

/** What is done to a market, as an entry has it. */
export function effectOf({ what, whom, afterRows, rows }: Done, market: Rows): Effect {
  const { symbols, grid } = market;
  const of: Target = whom % 3 === 0 ? { all: true } : { symbol: symbols[whom % symbols.length]! };
  const common = { of, afterMs: afterRows * grid.intervalMs };
  const forMs = rows * grid.intervalMs;
  const kinds: readonly Effect[] = [
    ...[-40, 0.7, 25].map((percent) => ({ kind: 'shift', percent, ...common }) as const),
    { kind: 'ramp', percent: -30, overMs: forMs, backPercent: 60, backOverMs: forMs, ...common },
    ...[0, 4].map((factor) => ({ kind: 'volatility', factor, forMs, ...common }) as const),
    { kind: 'drift', percentPerDay: 90, forMs, ...common },
    ...(['base', 'frozen', 'base'] as const).map(
      (resume) => ({ kind: 'halt', forMs, resume, ...common }) as const,
    ),
    { kind: 'liquidity', spread: 3, depth: 0.2, volume: 4, forMs, ...common },
    { kind: 'liquidity', spread: 0.5, depth: 5, volume: 0.1, forMs, ...common },
  ];
  return kinds[what]!;
}
