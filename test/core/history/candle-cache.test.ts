import { describe, expect, it } from 'vitest';
import { CandleCache } from '../../../src/core/history/candle-cache.ts';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { type CandleField, TradeSums } from '../../../src/core/market/fields.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import {
  candleStart,
  parseResolution,
  type Resolution,
} from '../../../src/core/market/resolution.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const MINUTE = parseResolution('1m')!;
const ORIGIN = Date.UTC(2026, 0, 1);

function historyOf(): { history: History; folded: () => number } {
  const history = new History(marketOf({ count: 3, capacity: 1000 }));
  for (const _ of history.moveTo(200_000));
  let rows = 0;
  const { fold } = history;
  history.fold = (...given) => {
    rows += given[3] - given[2];
    fold.apply(history, given);
  };
  return { history, folded: () => rows };
}

function candles(
  history: History,
  column: number,
  resolution: Resolution,
  from: number,
  count: number,
  fields: readonly CandleField[] = [],
) {
  const out = newCandles(fields);
  const fromMs = ORIGIN + from * resolution.ms;
  const range = { fromMs, toMs: fromMs + count * resolution.ms };
  for (const _ of foldCandles(out, history, column, resolution, range));
  return out;
}

describe('candles that were folded before', () => {
  it('are the same, and cost no rows', () => {
    const { history, folded } = historyOf();
    const first = candles(history, 1, MINUTE, 10, 500);
    const rows = folded();
    expect(rows).toBe(30_000);
    expect(candles(history, 1, MINUTE, 10, 500)).toEqual(first);
    expect(candles(history, 1, MINUTE, 100, 20).open).toEqual(first.open.slice(90, 110));
    expect(folded()).toBe(rows);
  });

  it('are those of their column, resolution, anchor and fields', () => {
    const { history } = historyOf();
    const next = sequence(5);
    const resolutions = ['1m', '2m', '15m', '1h', '1d', '7d', '1w'].map((r) => parseResolution(r)!);
    for (let round = 0; round < 150; round++) {
      const column = Math.floor(next() * 3);
      const resolution = resolutions[Math.floor(next() * resolutions.length)];
      const wanted = round % 3 === 0 ? (['volume', 'trades'] as const) : [];
      const from = Math.floor(next() * 100) * (resolution.ms < 3_600_000 ? 3 : 0);
      // Weeks begin on Mondays, seven days on Thursdays.
      const shift = (candleStart(resolution, ORIGIN) - ORIGIN) / resolution.ms;
      const given = [column, resolution, from + shift, 5, wanted] as const;
      expect(candles(history, ...given)).toEqual(candles(historyOf().history, ...given));
    }
  });

  it('are not kept while they can still change', () => {
    const { history } = historyOf();
    const last = Math.floor(200_000 / 60);
    const before = candles(history, 0, MINUTE, last, 1);
    for (const _ of history.moveTo(200_030));
    const after = candles(history, 0, MINUTE, last, 1);
    expect([before.closed, after.closed]).toEqual([0, 0]);
    expect(after.next - before.next).toBe(30);
    for (const _ of history.moveTo(200_100));
    expect(candles(history, 0, MINUTE, last, 1).closed).toBe(1);
  });

  it('are as many as there is room for, the ones used last', () => {
    const cache = new CandleCache();
    const fold = new Fold();
    fold.add(1, 4, 0, 2, 60 * 2);
    const pages = Math.floor(2 ** 25 / (64 * 7 * 8));
    const startOf = (page: number) => ORIGIN + page * 64 * MINUTE.ms;
    for (let page = 0; page <= pages; page++) cache.put(fold, undefined, 0, MINUTE, startOf(page));
    const has = (page: number) => cache.get(new Fold(), undefined, 0, MINUTE, startOf(page));
    expect([has(0), has(1), has(pages)]).toEqual([false, true, true]);
    expect(cache.get(new Fold(), new TradeSums(), 0, MINUTE, startOf(1))).toBe(false);
    // What was in a page before it was used again is gone.
    expect(cache.get(new Fold(), undefined, 0, MINUTE, startOf(pages) + MINUTE.ms)).toBe(false);
  });
});
