import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import { readRows } from '../../../src/core/history/read-rows.ts';
import type { Statistics } from '../../../src/core/history/rolling-state.ts';
import { RollingStatistics } from '../../../src/core/history/rolling-statistics.ts';
import { newRoom, summed } from '../../../src/core/history/summed-rows.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { marketOf } from '../../helpers/market.ts';
import { counter } from '../../helpers/steps.ts';
import { sequence } from '../market/statistics.ts';

const BYTES = 2 ** 24;
const MINUTE_MS = 60_000;

function historyOf(spec: object): History {
  return new History(marketOf({ seed: 12, capacity: 3000, ...spec }));
}

interface Span {
  readonly spanMs: number;
  readonly startMs: number;
}

/** Plain sums over the rows of a span, as every reader gets them. */
function plain(history: History, column: number, { spanMs, startMs }: Span): Statistics {
  const { head, market } = history;
  const { grid } = market;
  const closeMs = timeOf(grid, head - 1);
  const isIn = (index: number) => {
    const ms = timeOf(grid, index);
    return startMs === 0
      ? ms > closeMs - spanMs
      : ms >= closeMs - spanMs - ((closeMs - spanMs) % startMs);
  };
  let from = head - 1;
  while (from > 0 && isIn(from - 1)) from -= 1;
  const wanted = wantedOf(['last', 'volume'], [column]);
  const rows = finish(readRows(history, wanted, from, head));
  const [last, volume] = [[...rows.at(0)], [...rows.at(1)]];
  const notional = last.reduce((sum, price, n) => sum + BigInt(price) * BigInt(volume[n]!), 0n);
  const isSafe = notional <= BigInt(Number.MAX_SAFE_INTEGER);
  return {
    ...{ from, next: head, open: last[0]!, high: Math.max(...last), low: Math.min(...last) },
    last: last.at(-1)!,
    before: history.priceAt(column, Math.max(0, from - 1)),
    volume: volume.reduce((sum, lots) => sum + lots, 0),
    notional: isSafe ? Number(notional) : notional,
    firstTrade: market.tradesBefore(column, from),
    nextTrade: market.tradesBefore(column, head),
  };
}

const DAY: Span = { spanMs: 86_400_000, startMs: 0 };
const HOUR: Span = { spanMs: 3_600_000, startMs: MINUTE_MS };
/** Spans, and rows as far apart as fit them. */
const SPANS = [
  ['an hour from a minute on, of seconds', HOUR, 1000],
  ['an hour, of 7 s', { spanMs: 3_600_000, startMs: 0 }, 7000],
  ['a minute, of 10 ms', { spanMs: 60_000, startMs: 0 }, 10],
  ['a day, of minutes', DAY, 60_000],
  ['a day, of three hours', DAY, 3 * 3_600_000],
  ['a day, of days', DAY, 86_400_000],
  ['a day, of two days', DAY, 2 * 86_400_000],
  ['a day from a minute on, of days', { spanMs: 86_400_000, startMs: MINUTE_MS }, 86_400_000],
] as const;

describe('statistics of a span that ends at the head', () => {
  it.each(SPANS)('of %s are plain sums over its rows, however the head moves', (_, span, ms) => {
    const history = historyOf({ interval: ms, count: 3 });
    const rolling = new RollingStatistics(history, span.spanMs, span.startMs, BYTES);
    const next = sequence(3);
    const { rows, batchRows } = rolling.span;
    for (let round = 0; round < 40; round++) {
      const most = round % 10 === 9 ? 3 * rows : round % 3 === 0 ? 2 * batchRows : 3;
      finish(history.moveTo(history.head + 1 + Math.floor(next() * most)));
      finish(rolling.follow([0, 2], true));
      for (const column of [0, 2]) {
        expect(rolling.read(column)).toEqual(plain(history, column, span));
      }
    }
    expect(rolling.read(1)).toBeUndefined();
  });

  it.each(MODEL_KINDS)('of %s are those, begun from sums made elsewhere too', (model) => {
    const trading = { tradesPerDay: 20_000, lotsPerTrade: 1e6 };
    const instruments = [
      { symbol: 'a', model: 'walk' },
      { symbol: 'b', model, ...trading, tickSize: 1, startPrice: 2 ** 40 },
    ];
    const spec = { dtype: 'float64', instruments };
    const history = historyOf(spec);
    const rolling = new RollingStatistics(history, HOUR.spanMs, 0, BYTES);
    const market = marketOf({ seed: 12, capacity: 3000, ...spec });
    finish(history.moveTo(10_000));
    rolling.begin(finish(summed(market, rolling.span, 1, 9_950, newRoom(market))));
    const made = counter(history.market as never, 'fillTrades' as never, (...given: number[]) => {
      return given[4]! - given[3]!;
    });
    for (let head = 10_000; head < 15_000; head += head % 400 === 0 ? 387 : 1) {
      if (head % 37 !== 0) continue;
      finish(history.moveTo(head));
      finish(rolling.follow([0, 1], false));
      expect(rolling.has(0)).toBe(false);
      const read = rolling.read(1)!;
      if (head % 11 === 0) {
        expect(read).toEqual(plain(history, 1, { spanMs: HOUR.spanMs, startMs: 0 }));
      }
    }
    // Each row that came or left was made once, and some ahead.
    expect(made.counted()).toBeGreaterThan(0);
    made.restore();
  });

  it('are the same whoever else has them follow meanwhile', () => {
    const history = historyOf({ count: 2 });
    const rolling = new RollingStatistics(history, HOUR.spanMs, 0, BYTES);
    finish(history.moveTo(9000));
    const columns = [0, 1];
    for (let round = 0; round < 30; round++) {
      const first = rolling.follow(columns, true);
      first.next();
      finish(history.moveTo(history.head + 700));
      const second = rolling.follow(columns, true);
      second.next();
      first.next();
      finish(second);
      finish(first);
      for (const column of columns) {
        const expected = plain(history, column, { spanMs: HOUR.spanMs, startMs: 0 });
        expect(rolling.read(column)).toEqual(expected);
      }
    }
  });

  it('are begun for as many columns as there is room for, and each row is made once', () => {
    const history = historyOf({ count: 8 });
    finish(history.moveTo(100_000));
    const one = new RollingStatistics(history, DAY.spanMs, 0, BYTES);
    expect(one.most).toBe(8);
    const few = new RollingStatistics(history, DAY.spanMs, 0, 20_000);
    expect(few.most).toBeGreaterThan(0);
    expect(few.most).toBeLessThan(8);
    const columns = [...Array(8).keys()];
    const made = counter(history.market as never, 'fillTrades' as never, (...given: number[]) => {
      return given[4]! - given[3]!;
    });
    finish(few.follow(columns, true));
    expect(columns.filter((column) => few.read(column) !== undefined)).toHaveLength(few.most);
    const begun = made.counted();
    expect(begun / few.most).toBeLessThan(86_400 + 2 * few.span.batchRows + 1);
    finish(history.moveTo(history.head + 20 * few.span.batchRows));
    finish(few.follow(columns, false));
    const rows = (made.counted() - begun) / few.most;
    expect(rows).toBeLessThanOrEqual(2 * 21 * few.span.batchRows);
    made.restore();
    expect(few.behind(0)).toBe(0);
    expect(few.behind(7)).toBeUndefined();
    finish(history.moveTo(history.head + 5));
    expect(few.behind(0)).toBe(5);
    expect(few.read(0)).toBeUndefined();
  });
});
