import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../../../../src/core/faults/decider.ts';
import { OWN_PROFILES } from '../../../../src/core/faults/own.ts';
import { type Faults, parseFaults } from '../../../../src/core/faults/profile.ts';
import type { Strike } from '../../../../src/core/faults/strike.ts';
import type { FaultsGrade } from '../../../../src/core/grading/grade.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { gradeOf } from '../../../helpers/grading.ts';
import { marketOf, pricesOf } from '../../../helpers/market.ts';

const market = marketOf({ interval: 1000, count: 3, origin: '2026-01-01' });
const timeline = new Timeline(market);
const { grid, symbols } = market;
const FROM = 1000;
const ROWS = 600;
const COLUMNS = [0, 2];
const prices = COLUMNS.map((column) => pricesOf(market, column, 0, FROM + ROWS));
const timeAt = (index: number) => grid.originMs + index * grid.intervalMs;
/** Rows that a reader lacks whose connection broke: until it is back. */
const AWAY = 3;

interface Taken {
  readonly column: number;
  readonly time: number;
  readonly price: number | string;
}

/** What a reader has that takes what comes for what is true, and asks for nothing again. */
function believer(faults: Faults): Taken[] {
  const decider = new Decider(faults, grid, symbols);
  const records: Taken[] = [];
  let later: Taken[] = [];
  let awayUntil = 0;
  for (let index = FROM; index < FROM + ROWS; index++) {
    const strikes = decider.strikes(index);
    const has = (kind: string) => strikes.some((strike) => strike.kind === kind);
    const skews = strikes.map((strike) => (strike.kind === 'skew' ? strike.ms : 0));
    const time = skews.reduce((sum, ms) => sum + ms, timeAt(index));
    const row = COLUMNS.map((column, n): Taken => {
      const [strike] = decider.strikesOf(index, column);
      return { column, time, price: priceOf(strike, n, index) };
    });
    if (has('cut')) awayUntil = index + AWAY;
    const before = later;
    later = [];
    if (index < awayUntil || has('drop') || has('garbage')) {
      records.push(...before);
      continue;
    }
    if (has('reorder')) {
      later = [...before, ...row];
      continue;
    }
    records.push(...row, ...(has('duplicate') ? row : []), ...before);
  }
  return [...records, ...later];
}

function priceOf(strike: Strike | undefined, n: number, index: number): number | string {
  const price = prices[n]![index]!;
  if (strike?.kind === 'stale') return prices[n]![index - 1]!;
  if (strike?.kind !== 'corrupt') return price;
  if (strike.form === 'ticks') return price + strike.ticks;
  if (strike.form === 'negative') return -price;
  return strike.form === 'zero' ? 0 : 'null';
}

function csvOf(records: readonly Taken[]): string {
  const lines = records.map(({ column, time, price }) => `${time},${symbols[column]},${price}\n`);
  return `time,symbol,price\n${lines.join('')}`;
}

function faultsGrade(records: readonly Taken[], faults: Faults) {
  const request = {
    columns: COLUMNS,
    sinceMs: timeAt(FROM - 1),
    untilMs: timeAt(FROM + ROWS - 1),
    faults,
  };
  const grade = gradeOf(csvOf(records), { timeline, request });
  return { ...grade, faults: grade.faults as FaultsGrade };
}

/** How many strikes of each kind there are, for each of the symbols. */
function strikesOf(faults: Faults): Record<string, number> {
  const decider = new Decider(faults, grid, symbols);
  const counts = Object.fromEntries(faults.profile.clauses.map(({ kind }) => [kind, 0]));
  for (let index = FROM; index < FROM + ROWS; index++) {
    for (const column of COLUMNS) {
      const all = [...decider.strikes(index), ...decider.strikesOf(index, column)];
      for (const { kind } of all) counts[kind]! += 1;
    }
  }
  return counts;
}

const NOTHING = { missing: 0, twice: 0, outOfOrder: 0, wrong: 0, offGrid: 0, tooLate: 0 };

describe('a recording under faults', () => {
  it.each([
    'drop@5%',
    'duplicate@5%',
    'corrupt@3%',
    'garbage@5%',
    'cut@30s',
    'skew:1ms-900ms@3%',
    'skew:1s@3%',
    'skew:3s+ahead@30s',
    'skew:2s+behind@30s',
    'reorder@30s',
  ])('has an excuse for all that %s did to who believes it, and recovers nothing', (profile) => {
    const faults = parseFaults(`${profile}:7`);
    const records = believer(faults);
    const { right, faults: found } = faultsGrade(records, faults);
    expect(right).toBe(false);
    expect(found.noExcuse).toEqual(NOTHING);
    const [kind] = faults.profile.clauses.map((clause) => clause.kind);
    const strikes = strikesOf(faults)[kind!]!;
    expect(strikes).toBeGreaterThan(20);
    expect(found).toEqual({
      profile: faults.profile.text,
      seed: 7,
      kinds: { [kind!]: { strikes, recovered: 0, notRecovered: strikes } },
      noExcuse: NOTHING,
    });
  });

  it('is recovered where it is as if nothing had been done', () => {
    const faults = parseFaults('drop@2%,duplicate@2%,corrupt@1%,cut@30s,skew:1ms-2s@1%:3');
    const records = believer(parseFaults('off'));
    const { right, faults: found } = faultsGrade(records, faults);
    expect(right).toBe(true);
    expect(found.noExcuse).toEqual(NOTHING);
    const strikes = strikesOf(faults);
    for (const [kind, count] of Object.entries(strikes)) {
      expect(found.kinds[kind]).toEqual({ strikes: count, recovered: count, notRecovered: 0 });
    }
  });

  it.each(['delay:1s@20%', 'stall:5s@20%', 'burst:1s@20%', 'cut@3s', 'status@20%', 'slow:1s@20%'])(
    'has rows that were dropped beside %s by drop alone',
    (beside) => {
      const records = believer(parseFaults('drop@5%:7'));
      const { faults } = faultsGrade(records, parseFaults(`drop@5%,${beside}:7`));
      const strikes = strikesOf(parseFaults('drop@5%:7')).drop!;
      const [other] = Object.keys(faults.kinds).filter((kind) => kind !== 'drop');
      expect(faults.noExcuse).toEqual(NOTHING);
      expect(faults.kinds.drop).toEqual({ strikes, recovered: 0, notRecovered: strikes });
      expect(faults.kinds[other!]!.notRecovered).toBe(0);
    },
  );

  it('has rows that are missing behind a stall by that, and by what broke before that', () => {
    const stalls = parseFaults('stall:5s@60s:7');
    const both = parseFaults('stall:5s@60s,cut@60s:7');
    const isAway = ({ time }: Taken) => time % 60_000 >= 3000;
    const records = believer(parseFaults('off')).filter(isAway);
    const alone = faultsGrade(records, stalls).faults;
    expect(alone.noExcuse).toEqual(NOTHING);
    const { strikes } = alone.kinds.stall!;
    expect(alone.kinds.stall).toEqual({ strikes, recovered: 0, notRecovered: strikes });
    const { kinds } = faultsGrade(records, both).faults;
    expect(kinds.stall).toEqual({ strikes, recovered: strikes, notRecovered: 0 });
    expect(kinds.cut).toEqual({ strikes, recovered: 0, notRecovered: strikes });
  });

  it('has a duplicate of an old row without excuse, however far ahead another was', () => {
    const faults = parseFaults('skew:3s+ahead@30s:7');
    const records = believer(faults);
    const old = records.find(({ time }) => time === timeAt(FROM + 47))!;
    const { faults: found } = faultsGrade([...records, old], faults);
    expect(found.noExcuse).toEqual({ ...NOTHING, twice: 1 });
  });

  it('has no excuse for what was not done to it', () => {
    const faults = parseFaults('drop@1%:7');
    const decider = new Decider(faults, grid, symbols);
    const records = believer(faults);
    const spared = (n: number) => decider.strikes(FROM + n).length === 0;
    const [lost, again, wrong] = [50, 150, 250].map((n) => {
      let row = n;
      while (!spared(row)) row += 1;
      return timeAt(FROM + row);
    });
    const spoilt = records.flatMap((record) => {
      if (record.column !== 0) return [record];
      if (record.time === lost) return [];
      if (record.time === again) return [record, record];
      return [record.time === wrong ? { ...record, price: 0 } : record];
    });
    const { faults: found } = faultsGrade(spoilt, faults);
    expect(found.noExcuse).toEqual({ ...NOTHING, missing: 1, twice: 1, wrong: 1 });
    const strikes = strikesOf(faults).drop!;
    expect(found.kinds.drop).toEqual({ strikes, recovered: 0, notRecovered: strikes });
  });

  it('has an excuse for all that any mixture did, by any seed', () => {
    const clause = fc.constantFrom(
      ...['drop@2%', 'duplicate@2%', 'corrupt:ticks+null@2%', 'stale@2%', 'garbage:half@2%'],
      ...['cut@45s', 'skew:1ms-900ms@1%', 'reorder@40s', 'skew:2s@50s'],
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(clause, { minLength: 1, maxLength: 8 }),
        fc.nat(1e6),
        (all, seed) => {
          const faults = parseFaults(`${all.join()}:${seed}`);
          const { faults: found } = faultsGrade(believer(faults), faults);
          expect(found.noExcuse).toEqual(NOTHING);
          for (const [kind, count] of Object.entries(strikesOf(faults))) {
            const { strikes, recovered, notRecovered } = found.kinds[kind]!;
            expect(strikes).toBe(count);
            expect(recovered + notRecovered).toBe(count);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('knows the profiles that have a name', () => {
    for (const { name } of OWN_PROFILES) {
      const faults = parseFaults(name);
      const records = believer(parseFaults('off'));
      const { faults: found } = faultsGrade(records, faults);
      expect(Object.keys(found.kinds).sort()).toEqual(
        [...new Set(faults.profile.clauses.map(({ kind }) => kind))].sort(),
      );
      expect(found.noExcuse).toEqual(NOTHING);
    }
  });
});
