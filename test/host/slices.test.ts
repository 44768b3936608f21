import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import type { History } from '../../src/core/history/history.ts';
import { readRows } from '../../src/core/history/read-rows.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS, FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import {
  csvShape,
  lines,
  ndjsonRowShape,
  TextWriter,
} from '../../src/protocols/tickwell/formats/text.ts';
import { marketOf } from '../helpers/market.ts';

/**
 * How much is done between two yields, counted and not timed. What is counted takes 20 to 130 ns
 * each (`npm run bench -- formats`), so that 2^13 of it are a millisecond, and a slice of 5 ms
 * ends before 10.
 */
const MOST_PER_STEP = 2 ** 13;
const COLUMNS = 2500;

/** The most that `count` rises by between two yields of `steps`, and how often it yields. */
function mostPerStep(steps: Generator<unknown, unknown, void>, count: () => number) {
  let [most, yields] = [0, 0];
  for (let before = count(), isDone = false; !isDone; yields++) {
    isDone = steps.next().done === true;
    most = Math.max(most, count() - before);
    before = count();
  }
  return { most, yields };
}

describe('a step of', () => {
  let history: History;

  beforeAll(() => {
    const market = marketOf({ interval: 1000, capacity: 4, count: COLUMNS });
    const feed = new Feed(market);
    for (const _ of feed.fill(timeOf(market.grid, 20)));
    history = feed.history;
  });

  const all = Array.from({ length: COLUMNS }, (_, column) => column);

  /** Counts what is copied out of the ring, made in blocks, and traded. */
  function counted() {
    const { market, ring } = history;
    const own = { blocks: 0, traded: 0, copied: 0 };
    const [fillBlock, fillTrades, copy] = [market.fillBlock, market.fillTrades, ring.copy];
    market.fillBlock = (...given) => {
      own.blocks += 1;
      fillBlock.apply(market, given);
    };
    market.fillTrades = (...given) => {
      own.traded += 1;
      fillTrades.apply(market, given);
    };
    ring.copy = (...given) => {
      own.copied += 1;
      copy.apply(ring, given);
    };
    return {
      own,
      restore: () =>
        Object.assign(market, { fillBlock, fillTrades }) && Object.assign(ring, { copy }),
    };
  }

  let restore = () => {};
  afterEach(() => restore());
  afterAll(() => restore());

  it('the newest row of many copies some of them', () => {
    const counter = counted();
    restore = counter.restore;
    const wanted = wantedOf(DEFAULT_FIELDS, all);
    const { most } = mostPerStep(readRows(history, wanted, 20, 21), () => counter.own.copied);
    expect(counter.own.copied).toBe(COLUMNS);
    // With an array for each: half a microsecond.
    expect(most).toBeLessThanOrEqual(MOST_PER_STEP / 8);
  });

  it('an old row of many with all fields makes at most two blocks', () => {
    const counter = counted();
    restore = counter.restore;
    const wanted = wantedOf(FIELDS, all.slice(0, 200));
    const { own } = counter;
    const { most } = mostPerStep(readRows(history, wanted, 0, 1), () => own.blocks + own.traded);
    expect(own.traded).toBe(200);
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('a step of writing', () => {
  /** Numbers that know how often they were asked for. */
  function numbers(rows: number) {
    let asked = 0;
    const get = (_: unknown, name: string | symbol) => {
      if (name === 'length') return rows;
      asked += 1;
      return 12_345;
    };
    const values = new Proxy<ArrayLike<number>>({ length: rows }, { get });
    return { values, asked: () => asked };
  }

  it.each([
    ['one wide row', 1, 60_000],
    ['many narrow rows', 60_000, 1],
    ['a table', 300, 300],
  ])('%s writes some of its numbers', (_, rows, columns) => {
    const { values, asked } = numbers(rows);
    const cells = Array.from({ length: columns }, () => ({ values, text: undefined }));
    const table = { rows, timeOf: (row: number) => row, columns: cells };
    const { most } = mostPerStep(lines(csvShape(columns), '', table, String), asked);
    expect(asked()).toBe(rows * columns);
    // At least a character beside each: a piece of text has no more than so many.
    expect(most).toBeLessThanOrEqual(2 * MOST_PER_STEP);
  });

  it('the shape of a wide row names some of its symbols', () => {
    const symbols = Array.from({ length: 10_000 }, (_, n) => `s${n}`);
    const { yields } = mostPerStep(ndjsonRowShape(FIELDS, symbols), () => 0);
    expect((FIELDS.length * 10_000) / yields).toBeLessThanOrEqual(MOST_PER_STEP);
  });

  it.each([
    ['', 20_000],
    ['1', 20_000],
    ['12345', 20_000],
    ['x'.repeat(50_000), 500],
  ])('texts such as %.5s adds some of them', (text, count) => {
    const writer = new TextWriter('');
    let [most, since] = [0, 0];
    for (let n = 0; n < count; n++) {
      since += 1;
      most = Math.max(most, since);
      if (writer.add(text)) since = 0;
    }
    expect(most).toBeLessThanOrEqual(MOST_PER_STEP);
    expect(most * text.length).toBeLessThanOrEqual(2 ** 17);
  });
});
