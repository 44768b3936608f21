import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candlePages } from '../../../src/core/history/candle-pages.ts';
import {
  candleRange,
  foldCandles,
  foldPaid,
  newCandles,
} from '../../../src/core/history/candles.ts';
import { paidPages } from '../../../src/core/history/paid-pages.ts';
import type { Statistics } from '../../../src/core/history/rolling-state.ts';
import { RollingStatistics } from '../../../src/core/history/rolling-statistics.ts';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { FIELDS, type Field, PaidSums } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';
import { logs, rowsOf } from './done.ts';

const SYMBOLS = ['A', 'B', 'C'];
/** The first fill ends in a block; the feed lives over the end of it. */
const [START, END] = [BLOCK_ROWS - 4_000, BLOCK_ROWS + 4_000];
/** More rows than are made ahead: columns are topped up, one after the other. */
const MANY_ROWS = 1_300;
const RESOLUTION = parseResolution('5m')!;
const SPAN_MS = 3_600_000;

const specOf = (model: string) => ({
  seed: 31,
  capacity: 2_000,
  instruments: SYMBOLS.map((symbol) => ({ symbol, model })),
});

/** What a reader was given. */
interface Given {
  readonly column: number;
  readonly from: number;
  readonly field: Field;
  readonly values: readonly number[];
}

/** How a feed goes on; entries that are due come before it, or between two of its slices. */
interface Step {
  readonly rows: number;
  readonly isBetween: boolean;
  readonly slices: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    rows: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 900 })),
    isBetween: fc.boolean(),
    slices: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 8, maxLength: 20 },
);

/** Lives through a log, reads what it makes, and holds all of it to a market made from the log. */
function live(model: string, log: readonly Entry[], list: readonly Step[], forgets = true): void {
  const feed = new Feed(marketOf(specOf(model)));
  const { history } = feed;
  if (!forgets) history.forgetFrom = () => {};
  const rolling = new RollingStatistics(history, SPAN_MS, 0, 2 ** 24);
  history.holdsAhead(rolling);
  const waiting = [...log].sort((a, b) => a.index - b.index);
  const given: Given[] = [];
  const addBefore = (index: number) => {
    while (waiting.length > 0 && waiting[0]!.index < index) feed.add(waiting.shift()!);
  };
  const spans: Statistics[] = [];
  const goTo = (head: number, slices: number) => {
    // Some of what is for later is said early.
    if (slices % 2 === 1) addBefore(head + 300);
    const making = feed.fill(timeOf(feed.market.grid, head - 1));
    let isMade = false;
    for (let n = 0; n < slices && !isMade; n++) isMade = making.next().done === true;
    if (!isMade) addBefore(head);
    finish(making);
    addBefore(head + 1);
    expect(feed.head).toBe(head);
    finish(history.trades.follow([0, 1]));
    finish(rolling.follow([0, 1], true));
    spans.push(rolling.read(1)!);
    for (const column of [0, 1]) {
      const candles = newCandles(['volume', 'notional']);
      const range = candleRange(history, RESOLUTION, timeOf(feed.market.grid, head - 700), 1e15);
      for (const _ of foldCandles(candles, history, column, RESOLUTION, range));
      for (const field of FIELDS) {
        const from = head - 400;
        const values = history.newValues(field, 400);
        history.copyField(values, 0, field, column, from, head);
        given.push({ column, from, field, values: [...values] });
      }
    }
  };
  goTo(START, 2);
  for (const { rows, isBetween, slices } of list) {
    if (!isBetween) addBefore(feed.head + rows);
    goTo(feed.head + (isBetween ? MANY_ROWS : rows), isBetween ? slices : 1);
  }
  hold(feed, given, spans, new Timeline(marketOf(specOf(model)), feed.timeline.entries));
}

/** Holds what was given, and what is kept, to `truth`. */
function hold(
  feed: Feed,
  given: readonly Given[],
  spans: readonly Statistics[],
  truth: Timeline,
): void {
  const { history, head } = feed;
  const first = START - 4_000;
  for (const column of [0, 1]) {
    const rows = { ...rowsOf(truth, column, first, head), status: new Uint8Array(head - first) };
    truth.fillStatus(rows.status, 0, column, first, head);
    for (const { column: of, from, field, values } of given) {
      if (of !== column) continue;
      const expected = rows[field].subarray(from - first, from - first + values.length);
      expect(values, `${field} from row ${from}`).toEqual([...expected]);
    }
    for (const { from, next, ...span } of column === 1 ? spans : []) {
      const last = rows.last.subarray(from - first, next - first);
      const lots = rows.volume.subarray(from - first, next - first);
      expect([span.open, span.last], 'a span').toEqual([last[0], last.at(-1)]);
      expect([span.high, span.low], 'a span').toEqual([Math.max(...last), Math.min(...last)]);
      expect(span.volume, 'a span').toBe(lots.reduce((sum, one) => sum + one, 0));
      const trades = [from, next].map((row) => truth.tradesBefore(1, row));
      expect([span.firstTrade, span.nextTrade], 'a span').toEqual(trades);
    }
    const [sums, expected] = [new PaidSums(), new PaidSums()];
    finish(foldPaid(sums, history, column, first, head));
    expected.add(rows, 0, head - first);
    expect(sums).toEqual(expected);
    const candles = newCandles(['volume', 'trades', 'notional']);
    const other = newCandles(['volume', 'trades', 'notional']);
    const late = new Feed(truth);
    finish(late.fill(timeOf(truth.grid, head - 1)));
    const range = candleRange(history, RESOLUTION, timeOf(truth.grid, first), 1e15);
    for (const _ of foldCandles(candles, history, column, RESOLUTION, range));
    for (const _ of foldCandles(other, late.history, column, RESOLUTION, range));
    expect(candles).toEqual(other);
  }
}

/** Moves all prices for good, and halts one for a while. */
const crash = (index: number): Entry => ({
  ...{ key: `${index}`, index },
  effects: [
    { kind: 'shift', of: { all: true }, afterMs: 0, percent: -20 },
    { kind: 'halt', of: { symbol: 'B' }, afterMs: 5_000, forMs: 20_000, resume: 'base' },
  ],
});

/** Lets so many slices pass; false if that is the end. */
function goOn(making: Generator<unknown, void, void>, slices: number): boolean {
  for (let n = 0; n < slices; n++) if (making.next().done === true) return false;
  return true;
}

/** All that a feed does in slices. */
function* work(feed: Feed, rolling: RollingStatistics): Generator<unknown, void, void> {
  const { history } = feed;
  yield* history.trades.follow([0, 1]);
  yield* rolling.follow([0, 1], true);
  yield* feed.fill(timeOf(feed.market.grid, feed.head + MANY_ROWS - 1));
  yield* feed.prepare();
  yield* rolling.follow([0, 1], true);
  const range = candleRange(history, RESOLUTION, timeOf(feed.market.grid, START - 4_000), 1e15);
  yield* foldCandles(newCandles(['volume']), history, 1, RESOLUTION, range);
}

/** The rows from `from` on are those of a market that has known all. */
function expectRows({ history, head, market, timeline }: Feed, from: number): void {
  const truth = new Timeline(market, timeline.entries);
  for (const column of SYMBOLS.keys()) {
    const rows = { ...rowsOf(truth, column, from, head), status: new Uint8Array(head - from) };
    truth.fillStatus(rows.status, 0, column, from, head);
    for (const field of FIELDS) {
      const values = history.newValues(field, head - from);
      history.copyField(values, 0, field, column, from, head);
      expect([field, ...values]).toEqual([field, ...rows[field]]);
    }
  }
}

const log = logs(SYMBOLS, 0, END);

describe('a feed to which things are done while it runs', () => {
  it.each(['walk', 'gbm', 'regime', 'market'])('gives the rows of its log: %s', (model) => {
    const property = fc.property(log, steps, (entries, list) => live(model, entries, list));
    fc.assert(property, { seed: 20261130, numRuns: 6 });
  });

  it.each(['walk', 'gbm', 'market'])('whatever two slices they come between: %s', (model) => {
    let [filling, working] = [0, 0];
    for (let isMore = true; isMore; filling++) {
      const feed = new Feed(marketOf(specOf(model)));
      const making = feed.fill(timeOf(feed.market.grid, START - 1));
      isMore = goOn(making, filling);
      // Nothing is readable yet.
      if (isMore) expect(feed.head).toBe(0);
      feed.add(crash(isMore ? START - 300 : START));
      finish(making);
      expectRows(feed, START - 400);
    }
    for (let isMore = true; isMore; working++) {
      const feed = new Feed(marketOf(specOf(model)));
      feed.advance(timeOf(feed.market.grid, START - 1));
      const rolling = new RollingStatistics(feed.history, SPAN_MS, 0, 2 ** 24);
      const making = work(feed, rolling);
      isMore = goOn(making, working);
      feed.add(crash(feed.head + 2));
      finish(making);
      feed.advance(timeOf(feed.market.grid, feed.head + 59));
      finish(feed.history.trades.follow([0, 1]));
      finish(rolling.follow([0, 1], true));
      expectRows(feed, feed.head - 400);
      const { from, next, volume, last } = rolling.read(1)!;
      const rows = rowsOf(new Timeline(feed.market, feed.timeline.entries), 1, from, next);
      expect(volume).toBe(rows.volume.reduce((sum, one) => sum + one, 0));
      expect(last).toBe(rows.last.at(-1));
    }
    expect(Math.min(filling, working)).toBeGreaterThan(SYMBOLS.length);
  });

  it.each(['walk', 'gbm', 'market'])('with candles and sums that threads made: %s', (model) => {
    const spec = { ...specOf(model), interval: 60_000 };
    /** Hours, days and what was paid, as the feed has them and as one that knew all. */
    const both = (known: (feed: Feed) => readonly Entry[]) => {
      const feed = new Feed(marketOf(spec));
      const { grid } = feed.market;
      feed.advance(timeOf(grid, START - 1));
      feed.add(crash(START + 5));
      feed.advance(timeOf(grid, START + 4_000));
      const toMs = timeOf(grid, feed.head);
      const days = { columns: 2, fromMs: 0, hoursFromMs: 0, paidColumns: 2, paidFromMs: 0, toMs };
      const thread = new Timeline(marketOf(spec), known(feed));
      const made = [...candlePages(thread, days), ...paidPages(thread, days)].flat();
      for (const page of made) feed.history.kept.keep(page);
      feed.add(crash(feed.head));
      feed.advance(timeOf(grid, feed.head + 2_000));
      const late = new Feed(new Timeline(marketOf(spec), feed.timeline.entries));
      late.advance(timeOf(grid, feed.head - 1));
      expect(late.head).toBe(feed.head);
      return [feed, late].map(({ history }) =>
        ['1h', '1d'].map((width) => {
          const candles = newCandles(['volume', 'trades']);
          const resolution = parseResolution(width)!;
          const range = candleRange(history, resolution, grid.originMs, 1e15);
          for (const _ of foldCandles(candles, history, 1, resolution, range));
          const sums = new PaidSums();
          finish(foldPaid(sums, history, 1, 0, history.head));
          return { candles, sums };
        }),
      );
    };
    const [lived, late] = both((feed) => feed.timeline.entries);
    expect(lived).toEqual(late);
    // A thread that was not told is found out: of candles and of what was paid.
    const [wrong, right] = both(() => []);
    for (const n of [0, 1]) {
      expect(wrong![n]!.candles).not.toEqual(right![n]!.candles);
      expect(wrong![n]!.sums).not.toEqual(right![n]!.sums);
    }
  });

  it('would not, if what was made ahead were not forgotten', () => {
    const shift = (index: number): Entry => ({
      ...{ key: `${index}`, index },
      effects: [{ kind: 'shift', of: { all: true }, afterMs: 0, percent: 10 }],
    });
    const list = [{ rows: 40, isBetween: false, slices: 1 }];
    const entries = [shift(START + 5)];
    for (const model of ['walk', 'gbm', 'market']) {
      live(model, entries, list);
      expect(() => live(model, entries, list, false), model).toThrow('row');
    }
  });
});
