import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../../../src/core/faults/decider.ts';
import { type LedgerEntry, ledger } from '../../../src/core/faults/ledger.ts';
import { parseFaults } from '../../../src/core/faults/profile.ts';
import { aProfile } from './profiles.ts';

const ORIGIN_MS = Date.UTC(2026, 0, 1);
const SYMBOLS = Array.from({ length: 6 }, (_, n) => `S${n}`);

function deciderOf(text: string, intervalMs = 1000, symbols = SYMBOLS): Decider {
  return new Decider(parseFaults(text), { originMs: ORIGIN_MS, intervalMs }, symbols);
}

/** Row by row, as a connection would ask. */
function oneByOne(decider: Decider, columns: readonly number[], from: number, next: number) {
  const found: LedgerEntry[] = [];
  for (let index = from; index < next; index++) {
    for (const strike of decider.strikes(index)) found.push({ index, strike });
    for (const column of columns) {
      for (const strike of decider.strikesOf(index, column)) found.push({ index, strike });
    }
  }
  return found;
}

describe('the ledger', () => {
  it('is what is decided row by row, whatever the profile', () => {
    const starts = fc.constantFrom(0, 1000, 2 ** 32 - 40, 2 ** 40, 2 ** 46 - 100);
    const columns = fc.shuffledSubarray(SYMBOLS.map((_, column) => column));
    const intervals = fc.constantFrom(1, 250, 1000, 60_000, 7_000_003);
    fc.assert(
      fc.property(aProfile(6), starts, columns, intervals, (text, start, some, intervalMs) => {
        // No market has rows beyond the year 9999.
        const from = Math.min(start, Math.floor(2.5e14 / intervalMs));
        const decider = deciderOf(text, intervalMs);
        const found = [...ledger(decider, some, from, from + 100)].flat();
        expect(found).toEqual(oneByOne(decider, some, from, from + 100));
      }),
      { numRuns: 400 },
    );
  });

  it('is the same over many stretches, and where the words of counters end', () => {
    const decider = deciderOf('drop@0.1%,stale@0.1%,corrupt@0.05%,cut@1h');
    for (const from of [0, 2 ** 32 - 20_000]) {
      const found = [...ledger(decider, [4, 0, 1], from, from + 40_000)];
      expect(found.length).toBeGreaterThan(10);
      expect(found.flat().length).toBeGreaterThan(100);
      expect(found.flat()).toEqual(oneByOne(decider, [4, 0, 1], from, from + 40_000));
    }
  });

  it('takes turns within a row that has more to be drawn than one turn may', () => {
    const symbols = Array.from({ length: 10_000 }, (_, n) => `S${n}`);
    const decider = deciderOf('drop@100%,stale@50%,corrupt@50%', 1000, symbols);
    const columns = symbols.map((_, column) => column);
    const turns = [...ledger(decider, columns, 5, 7)];
    // 20 for the keys of 20,000 clauses of symbols.
    expect(turns.map((turn) => turn.length > 0).lastIndexOf(false)).toBeLessThan(20);
    expect(turns.filter((turn) => turn.length > 0)).toHaveLength(4);
    expect(turns.flat()).toEqual(oneByOne(decider, columns, 5, 7));
  });

  it.each([
    ['drop@1%', 64],
    ['drop@1%,stale@1%,cut@1s', 512],
  ])('draws %s of a million rows in %i turns, so that each is short', (text, least) => {
    const columns = SYMBOLS.map((_, column) => column);
    const turns = [...ledger(deciderOf(text), columns, 0, 2 ** 20)].length;
    expect(turns).toBeGreaterThanOrEqual(least);
    expect(turns).toBeLessThan(1.1 * least);
  });

  it('goes over rows that no period strikes', () => {
    const decider = deciderOf('cut@30s,stale@1w', 1);
    const year = 365 * 86_400_000;
    const turns = [...ledger(decider, [0, 1], 0, year)];
    const cuts = year / 30_000;
    expect(turns.length).toBe(cuts);
    const found = turns.flat();
    expect(found.filter(({ strike }) => strike.kind === 'cut')).toHaveLength(cuts);
    // 2026 has 52 Thursdays behind its first day, which is one: weeks of the epoch begin then.
    expect(found.filter(({ strike }) => strike.kind === 'stale')).toHaveLength(2 * 53);
  });

  it('is empty of no rows, and of no faults', () => {
    expect([...ledger(deciderOf('drop@100%'), [0], 7, 7)]).toEqual([]);
    expect([...ledger(deciderOf('off'), [0], 0, 1e12)]).toEqual([]);
    expect([...ledger(deciderOf('throttle:1kB/s'), [0], 0, 1e12)]).toEqual([]);
  });
});
