import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candles,
  candleRange,
  foldCandles,
  newCandles,
} from '../../../src/core/history/candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import {
  candleStart,
  parseResolution,
  type Resolution,
} from '../../../src/core/market/resolution.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';

const ORIGIN = Date.UTC(2026, 0, 1, 9, 30, 0, 500);

function historyOf(spec: object, capacity: number): History {
  return new History(marketOf(spec), capacity);
}

function moveTo(history: History, head: number): void {
  for (const _ of history.ring.moveTo(head));
}

function candlesOf(
  history: History,
  column: number,
  resolution: Resolution,
  fromMs = -Infinity,
  toMs = Infinity,
): Candles {
  const out = newCandles();
  const range = candleRange(history, resolution, fromMs, toMs);
  for (const _ of foldCandles(out, history, column, resolution, range));
  return out;
}

/** The candles of the rows `[0, head)`, one row after another. */
function naiveCandles(history: History, prices: readonly number[], resolution: Resolution) {
  const { grid } = history.market;
  const out = newCandles();
  for (let index = 0; index < history.head; index++) {
    const start = candleStart(resolution, timeOf(grid, index));
    const price = prices[index];
    if (out.time.at(-1) !== start) {
      out.time.push(start);
      out.open.push(price);
      out.high.push(price);
      out.low.push(price);
      out.close.push(price);
    }
    const last = out.time.length - 1;
    out.next = index + 1;
    out.high[last] = Math.max(out.high[last], price);
    out.low[last] = Math.min(out.low[last], price);
    out.close[last] = price;
  }
  const headMs = timeOf(grid, history.head);
  out.closed = out.time.filter((start) => start + resolution.ms <= headMs).length;
  return out;
}

const resolutionOf = (text: string) => parseResolution(text)!;

describe('candles', () => {
  const specs = [
    { origin: ORIGIN, interval: 1000, count: 1 },
    { origin: ORIGIN, interval: 300, count: 1, dtype: 'uint8' },
    { origin: ORIGIN, interval: 7001, count: 1, dtype: 'float64', defaults: { model: 'gbm' } },
  ];
  const texts = ['250ms', '300ms', '1s', '7s', '1m', '13m', '1h', '4h', '1d', '1w'];

  it.each(specs)('are the fold of their rows, wherever those come from: %j', (spec) => {
    const most = 3 * BLOCK_ROWS;
    const market = marketOf(spec);
    const prices = pricesOf(market, 0, 0, most);
    const property = fc.property(
      fc.constantFrom(...texts),
      fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: most })),
      fc.constantFrom(1, 500, 20_000, most),
      (text, head, capacity) => {
        const history = historyOf(spec, capacity);
        moveTo(history, head);
        const resolution = resolutionOf(text);
        expect(candlesOf(history, 0, resolution)).toEqual(
          naiveCandles(history, prices, resolution),
        );
      },
    );
    fc.assert(property, { seed: 20260103, numRuns: 12 });
  });

  it('that are closed never change, and the newest one keeps its open', () => {
    const history = historyOf(specs[0], 300);
    const resolution = resolutionOf('1m');
    let before = newCandles();
    for (const head of [1, 29, 30, 31, 60, 89, 90, 91, 500, 2000, 17_000]) {
      moveTo(history, head);
      const now = candlesOf(history, 0, resolution);
      expect(now.time.length - now.closed).toBeLessThanOrEqual(1);
      expect(now.closed).toBeGreaterThanOrEqual(before.closed);
      for (const field of ['time', 'open', 'high', 'low', 'close'] as const) {
        expect(now[field].slice(0, before.closed)).toEqual(before[field].slice(0, before.closed));
      }
      expect(now.open.slice(0, before.open.length)).toEqual(before.open);
      before = now;
    }
  });

  it('of a part are that part of all', () => {
    const history = historyOf(specs[0], 1000);
    moveTo(history, 20_000);
    const resolution = resolutionOf('5m');
    const all = candlesOf(history, 0, resolution);
    const property = fc.property(fc.nat(20_100_000), fc.nat(20_100_000), (a, b) => {
      const [fromMs, toMs] = [ORIGIN - 50_000 + Math.min(a, b), ORIGIN - 50_000 + Math.max(a, b)];
      const part = candlesOf(history, 0, resolution, fromMs, toMs);
      const inside = all.time.filter((start) => start + 300_000 > fromMs && start < toMs);
      expect(part.time).toEqual(inside);
      const first = all.time.indexOf(inside[0]);
      expect(part.high).toEqual(inside.map((_, i) => all.high[first + i]));
    });
    fc.assert(property, { seed: 20260104, numRuns: 60 });
  });

  it('are none before the first row, and none of a range without rows', () => {
    const history = historyOf(specs[0], 1000);
    const resolution = resolutionOf('1m');
    expect(candlesOf(history, 0, resolution)).toEqual(newCandles());
    moveTo(history, 100);
    expect(candlesOf(history, 0, resolution, 0, ORIGIN - 100_000)).toEqual(newCandles());
    expect(candlesOf(history, 0, resolution, ORIGIN + 1e9, ORIGIN + 2e9)).toEqual(newCandles());
  });

  it('yield as they fold, at most a block of rows at a time, and every row once', () => {
    const history = historyOf(specs[0], 1000);
    moveTo(history, 3 * BLOCK_ROWS + 7);
    const resolution = resolutionOf('1w');
    const range = candleRange(history, resolution, 0, Infinity);
    const yields = [...foldCandles(newCandles(), history, 0, resolution, range)];
    expect(Math.max(...yields)).toBeLessThanOrEqual(BLOCK_ROWS);
    expect(yields.reduce((sum, rows) => sum + rows, 0)).toBe(3 * BLOCK_ROWS + 7);
  });
});
