import { describe, expect, it, onTestFinished } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import type { History } from '../../../src/core/history/history.ts';
import { CANDLE_FIELDS } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, sinceOf, timeOf } from '../../../src/core/market/grid.ts';
import { Walk } from '../../../src/core/market/models/walk.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { CANDLES_FORMATS } from '../../../src/protocols/tickwell/formats/format.ts';
import {
  csvLatest,
  DEFAULT_LATEST_FIELDS,
  jsonLatest,
  type Latest,
} from '../../../src/protocols/tickwell/formats/latest.ts';
import { TextWriter } from '../../../src/protocols/tickwell/formats/text.ts';
import { candlesWriter } from '../../../src/protocols/tickwell/formats/writers.ts';
import { joinedParts, manyCandlesParts } from '../../../src/protocols/tickwell/many-candles.ts';
import { zonedResolution } from '../../../src/zones/zoned-resolution.ts';
import { countingLooks } from '../../helpers/clock-looks.ts';
import { marketOf } from '../../helpers/market.ts';
import { counted, mostPerStep } from '../../helpers/steps.ts';

/** What answers of many symbols do between two yields, counted: as `answers-in-slices` does. */
/** Characters of text, of which a number takes five or more and 40 to 130 ns: 3 ms. */
const MOST_CHARACTERS = 2 ** 17;
/** Rows of blocks that are looked at, at a nanosecond; or those of a block and what is behind. */
const MOST_ROWS = BLOCK_ROWS;
/** Rows that are left to be folded when all columns are read in one go: at some tens of ns. */
const MOST_NEAR_ROWS = 2 ** 14;
/** Looks at a clock, at one or two microseconds: those of a year, and of the next. */
const MOST_LOOKS = 2 * 110;

const COLUMNS = 2000;
const columnsOf = (count: number) => Array.from({ length: count }, (_, column) => column);

function feedOf(spec: object, rows: number): Feed {
  const feed = new Feed(marketOf({ interval: 1000, ...spec }));
  for (const _ of feed.fill(timeOf(feed.market.grid, rows - 1)));
  return feed;
}

/** Rows that are folded or copied out of a history. */
function rowsLookedAt(history: History): () => number {
  const folded = counted(
    history as never,
    'fold' as never,
    (_fold, _column, from: number, next: number) => next - from,
  );
  const copied = counted(
    history as never,
    'copy' as never,
    (_out, _at, _column, from: number, next: number) => next - from,
  );
  const single = counted(history as never, 'priceAt' as never);
  return () => folded() + copied() + single();
}

describe('the latest of many symbols', () => {
  it('is followed a block at a time, and then is a look at each', () => {
    const feed = feedOf({ capacity: 4, count: 20 }, 2 * 86_400);
    const { history, market } = feed;
    const looked = rowsLookedAt(history);
    const all = columnsOf(20);
    const made = counted(Walk.prototype as never, 'foldBlock' as never);
    const first = mostPerStep(history.day.follow(all), looked);
    expect(looked()).toBeGreaterThan(20 * 86_400);
    expect(first.most).toBeLessThanOrEqual(2 * MOST_ROWS);
    expect(mostPerStep(history.day.follow(all), made).most).toBe(0);
    for (const _ of feed.fill(timeOf(market.grid, history.head + 9)));
    mostPerStep(history.day.follow(all), looked);
    const before = looked();
    for (const column of all) history.day.read(column);
    expect(looked() - before).toBeLessThanOrEqual(MOST_NEAR_ROWS);
  });

  it('of thousands leaves few rows to be folded in one go', () => {
    const feed = feedOf({ capacity: 4000, count: COLUMNS }, 3000);
    const { history, market } = feed;
    const all = columnsOf(COLUMNS);
    mostPerStep(history.day.follow(all), () => 0);
    for (const rows of [1, 3, 30]) {
      for (const _ of feed.fill(timeOf(market.grid, history.head - 1 + rows)));
      const looked = rowsLookedAt(history);
      const { most } = mostPerStep(history.day.follow(all), looked);
      expect(most).toBeLessThanOrEqual(2 * MOST_ROWS);
      const before = looked();
      for (const column of all) history.day.read(column);
      // And the newest price of each.
      expect(looked() - before).toBeLessThanOrEqual(MOST_NEAR_ROWS + COLUMNS);
    }
  });

  it.each([
    ['json', jsonLatest],
    ['csv', csvLatest],
  ])('as %s writes some of it', (_, write) => {
    const { instruments } = marketOf({ interval: 1000, capacity: 4, count: 10_000 });
    const prices = { open: 12_345, high: 13_579, low: 11_111, last: 12_321 };
    const all: Latest[] = instruments.map((instrument) => ({ instrument, ...prices }));
    const written = counted(TextWriter.prototype as never, 'add' as never, ({ length }: string) => {
      return length + 16;
    });
    const notation = { prices: 'decimal', time: 'iso' } as const;
    const steps = write(
      all,
      sinceOf({ originMs: 0, intervalMs: 1 }, 9),
      DEFAULT_LATEST_FIELDS,
      notation,
    );
    const { most } = mostPerStep(steps, written);
    expect(written()).toBeGreaterThan(50 * 10_000);
    expect(most).toBeLessThanOrEqual(MOST_CHARACTERS);
  });
});

describe('candles of many symbols', () => {
  it.each(CANDLES_FORMATS)('as %s fold some rows, or write some of them', async (format) => {
    const { history } = feedOf({ capacity: 100, count: 300 }, 4 * BLOCK_ROWS);
    const { market, head } = history;
    const resolution = parseResolution('5m')!;
    const range = candleRange(history, resolution, 0, 8e15);
    const columns = columnsOf(300);
    const about = { id: market.id, columns, resolution, range, fields: [], head };
    const many = { ...about, isHeldToo: true };
    const notation = { prices: 'ticks', time: 'ms' } as const;
    const write = await candlesWriter(format);
    const looked = rowsLookedAt(history);
    const written = counted(TextWriter.prototype as never, 'add' as never, ({ length }: string) => {
      return length + 16;
    });
    // A row is a nanosecond, a character ten or more.
    const work = () => looked() / MOST_ROWS + written() / MOST_CHARACTERS;
    const parts = manyCandlesParts(history, many, { format, notation, write });
    const { most, result } = mostPerStep(joinedParts(parts), work);
    expect(looked()).toBeGreaterThanOrEqual(300 * head);
    expect(result.length).toBeGreaterThan(0);
    expect(market.instruments).toHaveLength(300);
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('candles by the clock of a zone', () => {
  it.each([
    ['1h', 'Europe/Lisbon'],
    ['1d', 'Europe/Madrid'],
    ['1w', 'America/Denver'],
    ['1mo', 'Africa/Casablanca'],
    ['1y', 'Asia/Tehran'],
  ])('of %s look at a year of it at a time', (text, tz) => {
    const spec = { origin: '1961-01-01', interval: 6 * 3_600_000, capacity: 100, count: 1 };
    const { history } = feedOf(spec, 60 * 366 * 4);
    const { grid } = history.market;
    const resolution = zonedResolution(text, tz, grid.originMs)!;
    const counting = countingLooks();
    onTestFinished(() => void counting.restore());
    let looks = 0;
    const within = <T>(act: () => T): T => {
      let result: T | undefined;
      looks += counting.during(() => {
        result = act();
      });
      return result as T;
    };
    const to = timeOf(grid, history.head);
    // Hours are counted from the origin on: they are cut in order.
    const from = text === '1h' ? grid.originMs : to - 40 * 365 * 86_400_000;
    const next = text === '1h' ? from + 3 * 365 * 86_400_000 : to;
    const range = within(() => candleRange(history, resolution, from, next));
    const atEnds = looks;
    const out = newCandles(text === '1y' ? CANDLE_FIELDS : []);
    const folding = foldCandles(out, history, 0, resolution, range);
    const stepping = (function* () {
      for (let step = within(() => folding.next()); !step.done; ) {
        yield;
        step = within(() => folding.next());
      }
    })();
    const { most } = mostPerStep(stepping, () => looks);
    expect(out.time.length).toBeGreaterThan(30);
    expect(most).toBeLessThanOrEqual(MOST_LOOKS);
    if (text !== '1h') expect(looks - atEnds).toBeGreaterThan(38 * 50);
  });
});
