import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SymbolGrade } from '../../../../src/core/grading/grade.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { gradeOf, listed, soleSins } from '../../../helpers/grading.ts';
import { marketOf, pricesOf } from '../../../helpers/market.ts';

/** What is recorded: rows of two symbols of three, in the order in which they come. */
const market = marketOf({ interval: 1000, count: 3, origin: '2026-01-01' });
const timeline = new Timeline(market);
const { originMs } = market.grid;
const FROM = 16_370;
const ROWS = 40;
const SYMBOLS = ['ticker_0', 'ticker_2'];
const prices = SYMBOLS.map((symbol) =>
  pricesOf(market, market.columnOf(symbol)!, FROM, FROM + ROWS),
);
const timeAt = (row: number) => originMs + (FROM + row) * 1000;

interface Record {
  readonly symbol: number;
  readonly time: number;
  readonly price: number | string;
}

/** All as it is true. */
function truth(): Record[] {
  return Array.from({ length: ROWS * 2 }, (_, n) => {
    const [row, symbol] = [n >> 1, n & 1];
    return { symbol, time: timeAt(row), price: prices[symbol]![row]! };
  });
}

function csvOf(records: readonly Record[]): string {
  const lines = records.map(({ symbol, time, price }) => `${SYMBOLS[symbol]},${time},${price}\n`);
  return `symbol,time,price\n${lines.join('')}`;
}

/** The same as lines of JSON. */
function ndjsonOf(records: readonly Record[]): string {
  const lines = records.map(({ symbol, time, price }) => {
    return `${JSON.stringify({ symbol: SYMBOLS[symbol], time, price })}\n`;
  });
  return lines.join('');
}

/** All rows are wanted, also those at the ends, of both. */
const WHOLE = {
  columns: SYMBOLS.map((symbol) => market.columnOf(symbol)!),
  sinceMs: timeAt(-1),
  untilMs: timeAt(ROWS - 1),
};

function gradesOf(records: readonly Record[], isWhole = true) {
  const request = isWhole ? WHOLE : {};
  const grade = gradeOf(csvOf(records), { timeline, request, chunkBytes: 77 });
  // However it is written, it is the same.
  expect(gradeOf(ndjsonOf(records), { timeline, request, chunkBytes: 177 })).toEqual(grade);
  const { symbols, right, ...others } = grade;
  return { right, others, symbols: SYMBOLS.map((symbol) => symbols[symbol]) };
}

/** The same by lists of all that there is. */
function naiveGrade(records: readonly Record[], symbol: number): SymbolGrade {
  const own = records.filter((record) => record.symbol === symbol);
  const seen = new Set<number>();
  let newest = Number.NEGATIVE_INFINITY;
  const [twice, late, off, wrong]: [
    number[],
    number[],
    number[],
    SymbolGrade['wrong']['first'][number][],
  ] = [[], [], [], []];
  let outside = 0;
  for (const { time, price } of own) {
    const row = (time - timeAt(0)) / 1000;
    if (!Number.isInteger(row)) {
      off.push(time);
      continue;
    }
    if (row < 0 || row >= ROWS) {
      outside += 1;
      continue;
    }
    if (seen.has(row)) twice.push(time);
    else if (row < newest) late.push(time);
    seen.add(row);
    newest = Math.max(newest, row);
    const right = prices[symbol]![row]!;
    if (price !== right) wrong.push({ at: time, field: 'last', given: price, true: right });
  }
  const missing = prices[symbol]!.flatMap((_, row) => (seen.has(row) ? [] : [timeAt(row)]));
  const sins = {
    ...(missing.length > 0 && { missing: listed(missing, 1000) }),
    ...(twice.length > 0 && { twice: listed(twice, 1000) }),
    ...(late.length > 0 && { outOfOrder: listed(late, 1000) }),
    ...(off.length > 0 && { offGrid: { count: off.length, first: off.slice(0, 10) } }),
    ...(wrong.length > 0 && { wrong: { count: wrong.length, first: wrong.slice(0, 10) } }),
  };
  return soleSins(own.length - outside, sins);
}

const NOBODY = soleSins(ROWS, {});

describe('a recording', () => {
  it('of what is true is right', () => {
    const { right, symbols, others } = gradesOf(truth());
    expect(right).toBe(true);
    expect(symbols).toEqual([NOBODY, NOBODY]);
    expect(others).toEqual({
      what: 'rows',
      market: market.id,
      from: timeAt(0),
      until: timeAt(ROWS - 1),
      records: 2 * ROWS,
      outside: 0,
      unknownSymbols: { count: 0, names: [] },
    });
  });

  it('is right from its first record to its last, where no time is named', () => {
    const some = truth().slice(7, 61);
    const { right, others } = gradesOf(some, false);
    // The first is of the second symbol alone, whose row the other lacks; so is the last.
    expect(right).toBe(false);
    expect(gradesOf(truth().slice(8, 60), false)).toMatchObject({
      right: true,
      others: { from: timeAt(4), until: timeAt(29) },
    });
    expect(others).toMatchObject({ from: timeAt(3), until: timeAt(30) });
  });
});

describe('of one sin alone, the grade tells that and no other:', () => {
  const all = truth();
  const at = (row: number) =>
    all.findIndex(({ symbol, time }) => symbol === 0 && time === timeAt(row));

  function expectSin(records: readonly Record[], count: number, sins: Partial<SymbolGrade>): void {
    const { right, symbols } = gradesOf(records);
    expect(symbols).toEqual([soleSins(count, sins), NOBODY]);
    expect(right).toBe(false);
  }

  for (const row of [0, 1, 13, 14, ROWS - 1]) {
    const time = timeAt(row);
    const one = { count: 1, ranges: [[time, time] as const], isCut: false };
    it(`row ${row} is missing`, () => {
      expectSin(all.toSpliced(at(row), 1), ROWS - 1, { missing: one });
    });
    it(`row ${row} is there twice`, () => {
      expectSin(all.toSpliced(at(row), 0, all[at(row)]!), ROWS + 1, { twice: one });
    });
    it(`row ${row} has another price`, () => {
      const right = prices[0]![row]!;
      const wrong = { ...all[at(row)]!, price: right + 1 };
      const first = [{ at: time, field: 'last', given: right + 1, true: right }];
      expectSin(all.with(at(row), wrong), ROWS, { wrong: { count: 1, first } });
    });
    it(`row ${row} has no price`, () => {
      const first = [{ at: time, field: 'last', given: 'null', true: prices[0]![row]! }];
      const wrong = { ...all[at(row)]!, price: 'null' };
      expectSin(all.with(at(row), wrong), ROWS, { wrong: { count: 1, first } });
    });
    it.skipIf(row === ROWS - 1)(`row ${row} comes after the next`, () => {
      const swapped = all.toSpliced(at(row), 1).toSpliced(at(row + 1), 0, all[at(row)]!);
      expectSin(swapped, ROWS, { outOfOrder: one });
    });
    it(`row ${row} is there at a time of no row too`, () => {
      const off = { ...all[at(row)]!, time: time + 300 };
      const offGrid = { count: 1, first: [time + 300] };
      expectSin(all.toSpliced(at(row), 0, off), ROWS + 1, { offGrid });
    });
  }

  it('rows before the market, and behind the newest', () => {
    const first = [originMs - 1000, timeAt(ROWS)];
    const others = first.map((time) => ({ symbol: 0, time, price: 1 }));
    const grade = gradeOf(csvOf([...truth(), ...others]), { timeline, head: FROM + ROWS });
    expect(grade.symbols.ticker_0).toEqual(soleSins(ROWS + 2, { offGrid: { count: 2, first } }));
  });

  it('records of a symbol that there is not', () => {
    const body = `${csvOf(all)}ticker_9,${timeAt(0)},1\nticker_9,${timeAt(1)},1\n`;
    const grade = gradeOf(body, { timeline, request: WHOLE });
    expect(grade).toMatchObject({
      right: false,
      unknownSymbols: { count: 2, names: ['ticker_9'] },
    });
    expect(Object.values(grade.symbols)).toEqual([NOBODY, NOBODY]);
  });
});

describe('of any number of sins', () => {
  const mutation = fc.record({
    how: fc.constantFrom('drop', 'twice', 'move', 'price', 'text', 'time', 'off'),
    at: fc.nat(10_000),
    by: fc.integer({ min: -5, max: 5 }),
  });

  it('the grade has exactly these, and is as that by lists of all', () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 12 }), (mutations) => {
        let records = truth();
        for (const { how, at, by } of mutations) {
          const n = at % records.length;
          const one = records[n]!;
          const to = Math.max(0, n + by * 3);
          if (how === 'drop') records = records.toSpliced(n, 1);
          if (how === 'twice') records = records.toSpliced(to, 0, one);
          if (how === 'move') records = records.toSpliced(n, 1).toSpliced(to, 0, one);
          if (how === 'price') records = records.with(n, { ...one, price: Number(one.price) + by });
          if (how === 'text') records = records.with(n, { ...one, price: 'NaN' });
          if (how === 'time') records = records.with(n, { ...one, time: one.time + by * 1000 });
          if (how === 'off') records = records.with(n, { ...one, time: one.time + by });
        }
        // A text that became a number is none.
        records = records.map((record) => {
          return Number.isNaN(record.price) ? { ...record, price: 'NaN' } : record;
        });
        const expected = SYMBOLS.map((_, symbol) => naiveGrade(records, symbol));
        const { symbols, right } = gradesOf(records);
        expect(symbols).toEqual(expected);
        expect(right).toBe(expected.every((own) => own.right));
      }),
      { numRuns: 500 },
    );
  });
});
