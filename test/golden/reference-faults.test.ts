import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../../src/core/faults/decider.ts';
import { GARBAGE_TEXTS } from '../../src/core/faults/kinds.ts';
import { ledger } from '../../src/core/faults/ledger.ts';
import { OWN_PROFILES } from '../../src/core/faults/own.ts';
import { parseFaults } from '../../src/core/faults/profile.ts';
import type { Strike } from '../../src/core/faults/strike.ts';
import { checksum } from '../../src/core/market/checksum.ts';
import { aProfile } from '../core/faults/profiles.ts';
import { strikesOf, textsOf, type World } from './reference-faults.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const document = read('../../docs/faults.md');
const texts = textsOf(document);
const WORLD = {
  originMs: Date.UTC(2026, 0, 1),
  intervalMs: 1000,
  symbols: ['AAA', 'BBB', 'CCC'],
};

/** A strike as the reference says it. */
function textOf(index: number, strike: Strike): string {
  const { kind, clause, ...said } = strike;
  const { symbol = '*', ...values } = said as Readonly<Record<string, string | number | boolean>>;
  const words = Object.values(values).map((value) => (value === true ? 'overtake' : value));
  return [index, symbol, clause, kind, ...words.filter((value) => value !== false)].join(' ');
}

/** The strikes on `[from, next)` by the core. */
function ours(text: string, world: World, from: number, next: number): string[] {
  const decider = new Decider(parseFaults(text), world, world.symbols);
  const columns = world.symbols.map((_, column) => column);
  const turns = [...ledger(decider, columns, from, next)];
  return turns.flat().map(({ index, strike }) => textOf(index, strike));
}

/** The same by the document. */
function theirs(text: string, world: World, from: number, next: number): string[] {
  const { profile, seed } = parseFaults(text);
  if (profile.clauses.length === 0) return [];
  const rows = Array.from({ length: next - from }, (_, n) => BigInt(from + n));
  return rows.flatMap((index) => strikesOf(profile.text, BigInt(seed), world, texts, index));
}

describe('docs/faults.md', () => {
  it('says what strikes every row, whatever the profile', () => {
    const seeds = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 32, Number.MAX_SAFE_INTEGER));
    const starts = fc.constantFrom(0, 86_395, 2 ** 32 - 5, 2 ** 37, 2 ** 46 - 10);
    const intervals = fc.constantFrom(1, 250, 1000, 60_000, 86_400_000);
    const manySymbols = fc.subarray(['AAA', 'BBB', 'CCC', 'A', 'LONG.SYMBOL_OF-31/CHARACTERS:^='], {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        aProfile(8),
        seeds,
        starts,
        intervals,
        manySymbols,
        (text, seed, start, intervalMs, symbols) => {
          const world = { originMs: Date.UTC(2026, 0, 1, 0, 0, 0, 7), intervalMs, symbols };
          const from = Math.min(start, Math.floor(2.5e14 / intervalMs));
          const faults = `${text === '' ? 'off' : text}:${seed}`;
          const found = ours(faults, world, from, from + 12);
          expect(found).toEqual(theirs(faults, world, from, from + 12));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lists the texts of garbage', () => {
    expect(texts).toEqual([...GARBAGE_TEXTS]);
  });

  it('lists our own profiles', () => {
    const rows = [...document.matchAll(/^\| `([a-z-]+)` \| `([^`]+@[^`]+)` \| (.+) \|$/gm)];
    const listed = rows.map(([, name, text, about]) => ({ name, text, about }));
    expect(listed).toEqual([...OWN_PROFILES]);
  });

  const checks = [...document.matchAll(/^\| `(\S+:\d+)` \| (\d+) \.\. (\d+) \| (.+) \|$/gm)];

  it('has check values', () => {
    expect(checks.length).toBeGreaterThanOrEqual(6);
  });

  it.each(checks.map(([, text, from, last, said]) => ({ text, from, last, said })))(
    'says what $text does to the rows $from to $last',
    ({ text, from, last, said }) => {
      const found = ours(text, WORLD, Number(from), Number(last) + 1);
      expect(said).toBe(saidOf(found));
    },
  );
});

/** As the table of check values has it: row, symbol if it is of one, and what was drawn. */
function saidOf(strikes: readonly string[]): string {
  return strikes
    .map((text) => {
      const [index, symbol, , kind, ...drawn] = text.split(' ');
      return [index, ...(symbol === '*' ? [] : [symbol]), kind, ...drawn].join(' ');
    })
    .join('; ');
}

function sumOf(strikes: readonly string[]): string {
  return checksum(Float64Array.from(strikes.join('\n'), (letter) => letter.charCodeAt(0)));
}

describe('the frozen ledgers', () => {
  const golden: { faults: string; from: number; count: number; sum: string }[] = JSON.parse(
    read('./faults.json'),
  );

  it('are of every profile of our own, and of all kinds', () => {
    expect(golden.length).toBeGreaterThanOrEqual(OWN_PROFILES.length + 3);
  });

  it.each(golden)(
    'are what the core computes: $faults from $from',
    ({ faults, from, count, sum }) => {
      const found = ours(faults, WORLD, from, from + 20_000);
      expect([found.length, sumOf(found)]).toEqual([count, sum]);
    },
  );
});
