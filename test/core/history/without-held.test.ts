import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { withoutHeld } from '../../../src/core/history/without-held.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';

const ORIGIN = Date.parse('2026-03-05T00:00:00Z');
const MINUTE = 60_000;
const at = (text: string) => (Date.parse(text) - ORIGIN) / MINUTE;

function candlesOf(calendar: unknown, resolution: string, rows: number, entries = [] as never[]) {
  const market = marketOf({
    ...{ origin: ORIGIN, interval: MINUTE },
    instruments: [{ symbol: 'S', calendar }],
  });
  const feed = new Feed(new Timeline(market, entries));
  feed.advance(ORIGIN + (rows - 1) * MINUTE);
  const { history } = feed;
  const width = parseResolution(resolution)!;
  const range = candleRange(history, width, ORIGIN, ORIGIN + rows * MINUTE);
  const candles = newCandles(['trades']);
  for (const _ of foldCandles(candles, history, 0, width, range));
  return { all: candles, shown: withoutHeld(candles, history, 0, width) };
}

describe('candles without held ones', () => {
  it('are those in which there was a trade, of a price that moves by itself', () => {
    for (const calendar of ['new-york', 'tokyo', 'london']) {
      for (const resolution of ['1m', '15m', '1h', '1d']) {
        const { all, shown } = candlesOf(calendar, resolution, at('2026-03-11T13:00:00Z'));
        const traded = all.time.filter((_, n) => all.trades![n]! > 0);
        expect(shown.time).toEqual(traded);
        expect(shown.time.length).toBeLessThan(all.time.length);
        const closes = all.close.filter((_, n) => all.trades![n]! > 0);
        expect(shown.close).toEqual(closes);
        expect(shown.next).toBe(all.next);
        const open = all.time.slice(all.closed).filter((start) => shown.time.includes(start));
        expect(shown.time.length - shown.closed).toBe(open.length);
      }
    }
  });

  it('are all of them round the clock', () => {
    const { all, shown } = candlesOf('always', '5m', 3000);
    expect(shown).toEqual(all);
  });

  it('leave out those of a halt, too', () => {
    const halt = {
      kind: 'halt',
      of: { all: true },
      afterMs: 0,
      forMs: 10 * MINUTE,
      resume: 'base',
    };
    const entry = { key: 'k', index: 1003, effects: [halt] } as never;
    const { shown } = candlesOf('always', '5m', 1100, [entry]);
    const left = [1005].map((row) => ORIGIN + row * MINUTE);
    expect(left.some((start) => shown.time.includes(start))).toBe(false);
    expect(shown.time).toContain(ORIGIN + 1000 * MINUTE);
    expect(shown.time).toContain(ORIGIN + 1010 * MINUTE);
  });
});
