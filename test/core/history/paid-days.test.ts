import { describe, expect, it } from 'vitest';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { PAID_PAGE_BYTES } from '../../../src/core/history/paid-days.ts';
import { paidPages } from '../../../src/core/history/paid-pages.ts';
import { PAID_FIELDS } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { candleStart, parseResolution } from '../../../src/core/market/resolution.ts';
import { DAY_MS } from '../../../src/core/market/time.ts';
import { paidCost } from '../../../src/host/budgets/paid-cost.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const HOUR_MS = DAY_MS / 24;
const DAYS = 90;
const ORIGIN = Date.UTC(2026, 0, 30, 7, 20, 30);

function marketOfRows(interval: number): Market {
  const instruments = [
    { symbol: 'A', model: 'walk', startPrice: 200 },
    { symbol: 'B', model: 'market', startPrice: 200 },
  ];
  return marketOf({ origin: ORIGIN, interval, capacity: 100, dtype: 'uint32', instruments });
}

function historyOf(market: Market): History {
  const history = new History(market);
  finish(history.moveTo(Math.ceil((DAYS * DAY_MS) / market.grid.intervalMs)));
  return history;
}

function candlesOf(history: History, column: number, text: string, offsetMs: number, from: number) {
  const resolution = parseResolution(text, offsetMs)!;
  const out = newCandles(['volume', ...PAID_FIELDS]);
  const fromMs = candleStart(resolution, ORIGIN + from);
  const headMs = timeOf(history.market.grid, history.head);
  const end = Math.min(resolution.numberOf(fromMs) + 9, resolution.numberOf(headMs) + 1);
  const range = { fromMs, toMs: resolution.startOf(end) };
  finish(foldCandles(out, history, column, resolution, range));
  return out;
}

function keep(history: History, paidFromMs: number, toMs: number): void {
  for (const page of [...paidPages(history.market, { paidColumns: 2, paidFromMs, toMs })].flat()) {
    history.kept.keep(page);
  }
}

describe('what was paid in days that are kept', () => {
  it.each([60_000, 420_000, 3_600_000])('is that of their rows, every %i ms', (interval) => {
    const market = marketOfRows(interval);
    const next = sequence(7);
    const some = (among: number) => Math.floor(next() * among);
    const history = historyOf(market);
    const plain = historyOf(market);
    const headMs = timeOf(market.grid, history.head);
    const middle = headMs - some(DAYS * DAY_MS);
    keep(history, ORIGIN + some(DAYS * DAY_MS) - 10 * DAY_MS, middle);
    // As when the next days have ended.
    keep(history, middle, headMs);
    for (let look = 0; look < 30; look++) {
      const text = ['3h', '1d', '3d', '1w', '1mo'][look % 5]!;
      const offsetMs = [0, -5 * HOUR_MS, 5.5 * HOUR_MS][look % 3]!;
      const given = [look % 2, text, offsetMs, some(DAYS * DAY_MS)] as const;
      expect(candlesOf(history, ...given)).toEqual(candlesOf(plain, ...given));
    }
  });

  it('costs nothing, and its rows are not read', () => {
    const market = marketOfRows(60_000);
    const history = historyOf(market);
    const headMs = timeOf(market.grid, history.head);
    const before = paidCost(history, 1, 0, history.head);
    keep(history, ORIGIN, headMs);
    const newest = history.head - Math.floor((headMs % DAY_MS) / 60_000);
    expect(paidCost(history, 1, 0, newest - 1440)).toBe(0);
    expect(paidCost(history, 1, 0, history.head)).toBe(paidCost(history, 1, newest, history.head));
    expect(paidCost(history, 1, 0, history.head)).toBeLessThan(before / 2);
    let rows = 0;
    const { foldPaid } = history.trades;
    history.trades.foldPaid = function* (...given) {
      rows += given[3] - given[2];
      return yield* foldPaid.apply(history.trades, given);
    };
    candlesOf(history, 1, '1w', 0, 20 * DAY_MS);
    expect(rows).toBe(0);
  });

  it('is dropped by pages, and takes what they take', () => {
    const market = marketOfRows(3_000_000);
    // Of `walk` alone: rows of days are made where they are wanted.
    const walk = marketOf({ origin: ORIGIN, interval: 3_000_000, capacity: 100, count: 2 });
    const history = historyOf(walk);
    keep(history, ORIGIN, timeOf(walk.grid, history.head));
    const { paid } = history.kept;
    expect(paid.bytes % (2 * PAID_PAGE_BYTES)).toBe(0);
    const pages = paid.bytes / 2 / PAID_PAGE_BYTES;
    paid.dropBefore(Math.floor(ORIGIN / DAY_MS / 64) + 1);
    expect(paid.bytes).toBe(2 * (pages - 1) * PAID_PAGE_BYTES);
    const wide = historyOf(market);
    keep(wide, ORIGIN, timeOf(market.grid, wide.head));
    expect(wide.kept.paid.bytes).toBe(0);
  });
});
