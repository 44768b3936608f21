import { describe, expect, it } from 'vitest';
import { candlePages } from '../../../src/core/history/candle-pages.ts';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { type CandlePage, KEPT_MS, pageBytes } from '../../../src/core/history/kept-candles.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { candleStart, parseResolution } from '../../../src/core/market/resolution.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const [DAY_MS, HOUR_MS] = KEPT_MS;
const ORIGIN = Date.UTC(2026, 0, 30, 7, 20, 30);

/** Two columns, one of which is quoted and paid; of rows a minute or more apart, or a second. */
function marketOfRows(interval: number): Market {
  const instruments = [
    { symbol: 'A', model: 'walk', startPrice: 200 },
    { symbol: 'B', model: 'market', startPrice: 200 },
  ];
  return marketOf({ origin: ORIGIN, interval, capacity: 100, instruments });
}

function historyOf(market: Market, days: number) {
  const history = new History(market);
  for (const _ of history.moveTo(Math.ceil((days * DAY_MS) / market.grid.intervalMs)));
  let rows = 0;
  const { fold } = history;
  history.fold = (...given) => {
    rows += given[3] - given[2];
    fold.apply(history, given);
  };
  return { history, read: () => rows };
}

function candlesOf(history: History, column: number, text: string, offsetMs: number, from: number) {
  const resolution = parseResolution(text, offsetMs)!;
  const out = newCandles(['volume', 'trades']);
  const fromMs = candleStart(resolution, ORIGIN + from);
  const headMs = timeOf(history.market.grid, history.head);
  const end = Math.min(resolution.numberOf(fromMs) + 30, resolution.numberOf(headMs) + 1);
  const range = { fromMs, toMs: resolution.startOf(end) };
  for (const _ of foldCandles(out, history, column, resolution, range));
  return out;
}

function keep(history: History, fromMs: number, hoursFromMs: number, toMs: number): CandlePage[] {
  const wanted = { columns: 2, fromMs, hoursFromMs, toMs };
  const pages = [...candlePages(history.market, wanted)].flat();
  for (const page of pages) history.kept.keep(page);
  return pages;
}

describe('candles of what is kept', () => {
  it.each([1000, 60_000, 300_000, 3_000_000])(
    'are those of their rows, every %i ms',
    (interval) => {
      const market = marketOfRows(interval);
      const days = interval === 1000 ? 3 : 150;
      const next = sequence(7);
      const some = (among: number) => Math.floor(next() * among);
      for (let round = 0; round < 2; round++) {
        const { history } = historyOf(market, days);
        const toMs = timeOf(market.grid, history.head) - (round % 2) * some(days * DAY_MS);
        const fromMs = ORIGIN - DAY_MS + some(days * DAY_MS);
        keep(history, fromMs, ORIGIN + some(days * DAY_MS), toMs);
        // As when the next hours have ended.
        keep(history, toMs, ORIGIN, timeOf(market.grid, history.head));
        for (let look = 0; look < 25; look++) {
          const text = ['40m', '1h', '3h', '1d', '5d', '1w', '1mo', '1y'][look % 8]!;
          const offsetMs = [0, -5 * HOUR_MS, 5.5 * HOUR_MS][look % 3]!;
          const given = [look % 2, text, offsetMs, some(days * DAY_MS)] as const;
          const plain = historyOf(market, days).history;
          expect(candlesOf(history, ...given)).toEqual(candlesOf(plain, ...given));
        }
      }
    },
  );

  it('cost the rows of the hours that have not ended', () => {
    const { history, read } = historyOf(marketOfRows(60_000), 40);
    const { grid } = history.market;
    keep(history, ORIGIN, ORIGIN, timeOf(grid, history.head));
    candlesOf(history, 1, '1d', 0, 0);
    expect(read()).toBe(0);
    // It is 20 minutes past the hour.
    candlesOf(history, 0, '1mo', 5 * HOUR_MS, 0);
    expect(read()).toBe(20);
    // Days that begin and end amid an hour.
    candlesOf(history, 0, '1d', 5.5 * HOUR_MS, 3 * DAY_MS);
    expect(read()).toBe(20 + 30 * 60);
  });

  it('miss what is not kept', () => {
    const { history } = historyOf(marketOfRows(60_000), 40);
    const { kept, head } = history;
    expect([...kept.missing(0, 0, head)]).toEqual([[0, head]]);
    const hour = 40;
    keep(history, ORIGIN + 10 * DAY_MS, ORIGIN + 20 * DAY_MS, ORIGIN + 30 * DAY_MS);
    // From 00:00 of the tenth day to 07:00 of the thirtieth.
    const [from, next] = [10 * 1440 - 440, 30 * 1440 - 20];
    expect([...kept.missing(0, 0, head)]).toEqual([
      [0, from],
      [next, head],
    ]);
    expect([...kept.missing(1, next - 60 + hour, head)]).toEqual([[next - 60 + hour, head]]);
    expect([...kept.missing(1, from + 30, from + 1440)]).toEqual([[from + 30, from + 1440]]);
  });

  it('are forgotten by the page, and take what they are said to', () => {
    const { history } = historyOf(marketOfRows(60_000), 150);
    const { market, kept } = history;
    const pages = keep(history, ORIGIN, ORIGIN, timeOf(market.grid, history.head));
    expect(kept.bytes).toBe(pages.length * pageBytes(market));
    const number = Math.floor((ORIGIN + 70 * DAY_MS) / (64 * DAY_MS));
    kept.dropBefore(DAY_MS, number);
    kept.dropBefore(HOUR_MS, number * 24);
    const left = pages.filter((page) => page.number >= number * (page.ms === DAY_MS ? 1 : 24));
    expect(left.length).toBeLessThan(pages.length);
    expect(kept.bytes).toBe(left.length * pageBytes(market));
    expect([...kept.missing(0, 0, history.head)][0]![0]).toBe(0);
  });

  it('are made the newest first, column by column, as many as a chart asks for', () => {
    const { history } = historyOf(marketOfRows(3_000_000), 600);
    const toMs = timeOf(history.market.grid, history.head);
    const wanted = { columns: 2, fromMs: 0, hoursFromMs: toMs, toMs };
    const made = [...candlePages(history.market, wanted)].map((pages) =>
      pages.map(({ column, ms, number }) => [column, ms, number]),
    );
    const newest = Math.floor(toMs / (64 * DAY_MS));
    const turn = (from: number, count: number) =>
      [0, 1].flatMap((column) =>
        Array.from({ length: count }, (_, n) => [[column, DAY_MS, from - n]]),
      );
    expect(made).toEqual([...turn(newest, 8), ...turn(newest - 8, made.length / 2 - 8)]);
    expect(made.length).toBeGreaterThan(16);
  });
});
