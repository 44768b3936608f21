import * as apacheArrow from 'apache-arrow';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candleRange } from '../../../src/core/history/candles.ts';
import type { History } from '../../../src/core/history/history.ts';
import { readRows } from '../../../src/core/history/read-rows.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS, FIELDS } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { Walk } from '../../../src/core/market/models/walk.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { FrameSource } from '../../../src/delivery/frame-source.ts';
import { Frames } from '../../../src/delivery/frames.ts';
import type { Subscription } from '../../../src/delivery/subscription.ts';
import { candlesAnswer, sparklinesAnswer } from '../../../src/protocols/tickwell/answers.ts';
import { newEncoders } from '../../../src/protocols/tickwell/encoders.ts';
import { arrowRows } from '../../../src/protocols/tickwell/formats/arrow.ts';
import { ONE_PART } from '../../../src/protocols/tickwell/formats/candles.ts';
import { CANDLES_FORMATS } from '../../../src/protocols/tickwell/formats/format.ts';
import { alone } from '../../../src/protocols/tickwell/formats/rows.ts';
import { TextWriter } from '../../../src/protocols/tickwell/formats/text.ts';
import { candlesWriter, rowsWriter } from '../../../src/protocols/tickwell/formats/writers.ts';
import { valuesBytesInSteps } from '../../../src/wire/binary.ts';
import { DEFAULT_NOTATION } from '../../../src/wire/notation.ts';
import { marketOf } from '../../helpers/market.ts';
import { counted, counting, mostPerStep } from '../../helpers/steps.ts';

/**
 * What each kind of answer does between two yields, in its worst shapes, counted. A slice ends at
 * the first yield after 5 ms, and is to end before 10: each step is well below 5 ms, by what its
 * unit was measured to take.
 */
/** Copied or converted, at 1 to 15 ns, up to 30 where memory is new: 2 ms. */
const MOST_COPIED = 2 ** 16;
/** Characters of text, of which a number takes five or more and 40 to 130 ns: 3 ms. */
const MOST_CHARACTERS = 2 ** 17;
/** Blocks of 16,384 rows, at 1 to 120 ns each: 2 ms. */
const MOST_BLOCKS = 1;
/** Rows of a block that are looked at: 16,384 at a nanosecond. */
const MOST_ROWS = BLOCK_ROWS;

const LONG_ROWS = 200_000;
const WIDE_COLUMNS = 3000;

let long: History;
let wide: History;

function historyOf(spec: object, rows: number): History {
  const market = marketOf({ interval: 1000, ...spec });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, rows - 1)));
  return feed.history;
}

beforeAll(() => {
  long = historyOf({ capacity: LONG_ROWS, count: 1 }, LONG_ROWS);
  wide = historyOf({ capacity: 4, count: WIDE_COLUMNS }, 3 * BLOCK_ROWS);
});

const columnsOf = (count: number) => Array.from({ length: count }, (_, column) => column);

describe('a step that reads', () => {
  it('a long range of one instrument out of the ring copies some of it', () => {
    const copied = counted(
      long.ring as never,
      'copy' as never,
      (_out, _at, _column, from, next) => {
        return next - from;
      },
    );
    const wanted = wantedOf(DEFAULT_FIELDS, [0]);
    const { most } = mostPerStep(readRows(long, wanted, 0, LONG_ROWS), copied);
    expect(copied()).toBe(LONG_ROWS);
    expect(most).toBeLessThanOrEqual(MOST_COPIED);
  });

  it('all fields of an old row makes one block, once', () => {
    const made = counted(Walk.prototype as never, 'fillBlock' as never);
    const wanted = wantedOf(FIELDS, columnsOf(200));
    const row = BLOCK_ROWS + 5;
    const { most } = mostPerStep(readRows(wide, wanted, row, row + 1), made);
    expect(made()).toBe(200);
    expect(most).toBeLessThanOrEqual(MOST_BLOCKS);
  });

  it('all fields of an old row of few instruments makes its block and the one before it once', () => {
    const made = counted(Walk.prototype as never, 'fillBlock' as never);
    const row = BLOCK_ROWS + 7;
    mostPerStep(readRows(wide, wantedOf(FIELDS, [1000, 1001]), row, row + 1), made);
    expect(made()).toBe(4);
  });

  it('lines of points looks at those of one instrument, and makes one block', () => {
    const looked = counted(wide.ring as never, 'priceAt' as never);
    const columns = columnsOf(300);
    const ring = sparklinesAnswer(wide, wide.timeline.id, wide.head, columns, 4, 3000);
    expect(mostPerStep(ring, looked).most).toBeLessThanOrEqual(4);
    const made = counted(Walk.prototype as never, 'fillBlock' as never);
    const lines = sparklinesAnswer(wide, wide.timeline.id, wide.head, columns, 3, 1e9);
    const { most } = mostPerStep(lines, made);
    expect(made()).toBeGreaterThan(300);
    expect(most).toBeLessThanOrEqual(MOST_BLOCKS);
  });

  it('candles looks at the rows of a block, or at some candles that are known', () => {
    const minute = parseResolution('1m')!;
    const { grid } = long.market;
    const range = candleRange(long, minute, timeOf(grid, 0), timeOf(grid, 180_000));
    const looked = counted(long.candles as never, 'get' as never);
    const folded = () => looked();
    const first = mostPerStep(candlesAnswer(long, long.timeline.id, 0, minute, range, []), folded);
    const again = mostPerStep(candlesAnswer(long, long.timeline.id, 0, minute, range, []), folded);
    expect(again.result).toEqual(first.result);
    expect(again.result.time).toHaveLength(3000);
    // A microsecond each.
    expect(again.most).toBeLessThanOrEqual(512);
    const day = parseResolution('1d')!;
    const days = candleRange(long, day, timeOf(grid, 0), timeOf(grid, LONG_ROWS));
    const rows = counted(
      long as never,
      'fold' as never,
      (_fold, _column, from, next) => next - from,
    );
    const { most } = mostPerStep(
      candlesAnswer(long, long.timeline.id, 0, day, days, ['volume']),
      rows,
    );
    expect(rows()).toBe(LONG_ROWS);
    expect(most).toBeLessThanOrEqual(MOST_ROWS);
  });

  it('old rows for the stream makes one block, or the body of one frame', () => {
    const made = counted(Walk.prototype as never, 'fillBlock' as never);
    const frames = new Frames();
    const encoded = counted(frames as never, 'encode' as never);
    const subscription = {
      id: 1,
      fields: DEFAULT_FIELDS,
      columns: columnsOf(1000),
      wantedKey: 'all',
      rowsPerFrame: 1,
      group: { encoder: newEncoders(wide.timeline).json },
    } as unknown as Subscription;
    const source = new FrameSource(wide, frames);
    const end = source.readTo(subscription, 0, 1);
    expect(end).toBeGreaterThan(50);
    const { most } = mostPerStep(source.read(subscription, 0, 1, end), () => made() + encoded());
    expect(encoded()).toBe(end);
    // Some are at hand already.
    expect(made()).toBeGreaterThan(500);
    expect(most).toBeLessThanOrEqual(2);
  });
});

/** Shapes of an answer: few columns of many rows, many of one. */
const SHAPES = [
  ['one instrument', DEFAULT_FIELDS, 1, LONG_ROWS],
  ['all fields of one instrument', FIELDS, 1, LONG_ROWS / 4],
  ['many instruments', DEFAULT_FIELDS, 10_000, 1],
  ['all fields of many instruments', FIELDS, 10_000, 1],
] as const;
const NOTATIONS = [DEFAULT_NOTATION, { prices: 'decimal', time: 'iso' }] as const;

describe('a step that writes', () => {
  const market = marketOf({ interval: 1000, capacity: 4, count: 10_000 });

  function rowsOf(fields: readonly (typeof FIELDS)[number][], count: number, rows: number) {
    const about = { id: market.id, from: 0, next: rows, head: rows };
    const range = { ...wantedOf(fields, columnsOf(count)), ...about };
    const read = fields.flatMap(() => range.columns.map(() => new Uint16Array(rows).fill(12_345)));
    return { market, range, read, part: alone(range) };
  }

  const texts = (['json', 'csv', 'ndjson'] as const).flatMap((format) =>
    SHAPES.flatMap((shape) => NOTATIONS.map((notation) => [format, ...shape, notation] as const)),
  );

  it.each(texts)('%s of %s writes some of it', async (format, _, fields, count, rows, notation) => {
    const write = await rowsWriter(format);
    const written = counted(TextWriter.prototype as never, 'add' as never, ({ length }: string) => {
      return length + 16;
    });
    const { most, yields } = mostPerStep(
      write({ ...rowsOf(fields, count, rows), notation }),
      written,
    );
    expect(written()).toBeGreaterThan(5 * fields.length * count * rows);
    // A line of 60,000 numbers is added in one go, but made in many steps; the names of a JSON
    // answer are one text, at 10 ns a character.
    const line = rows > 1 ? 0 : format === 'json' ? 20 * count : written();
    expect(most).toBeLessThanOrEqual(Math.max(MOST_CHARACTERS, line));
    expect(written() / yields).toBeLessThanOrEqual(MOST_CHARACTERS);
  });

  it('a wide row keeps no texts for the next, which would take megabytes', async () => {
    const write = await rowsWriter('csv');
    const [real, notation] = [Float64Array, { ...DEFAULT_NOTATION, prices: 'decimal' } as const];
    let made = 0;
    globalThis.Float64Array = new Proxy(real, {
      construct(of, given) {
        made += 1;
        return Reflect.construct(of, given);
      },
    });
    onTestFinished(() => {
      globalThis.Float64Array = real;
    });
    mostPerStep(write({ ...rowsOf(DEFAULT_FIELDS, 10_000, 1), notation }), () => 0);
    expect(made).toBe(0);
  });

  it.each(SHAPES)('bytes of %s copies some of them', (_, fields, count, rows) => {
    const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
    const set = counted(typed as never, 'set' as never, ({ length }: Uint8Array) => length);
    let asked = () => 0;
    const read = fields.flatMap(() =>
      columnsOf(count).map((column) => {
        const values = new Uint16Array(rows);
        if (rows > 1 || column > 0) return values;
        const one = counting(values);
        asked = one.asked;
        return one.values;
      }),
    );
    const { yields, most } = mostPerStep(valuesBytesInSteps(fields, read), () => set() + asked());
    expect(most).toBeLessThanOrEqual(MOST_COPIED);
    expect((fields.length * count * rows) / yields).toBeLessThanOrEqual(MOST_COPIED);
  });

  it.each(NOTATIONS)(
    'Arrow converts some of the values, and makes some columns: %j',
    (notation) => {
      let fields = 0;
      const arrow = new Proxy(apacheArrow, {
        get(of, name) {
          if (name === 'Field') fields += 1;
          return Reflect.get(of, name);
        },
      });
      const { values, asked } = counting(new Uint16Array(LONG_ROWS));
      const one = { ...rowsOf(DEFAULT_FIELDS, 1, LONG_ROWS), read: [values], notation };
      expect(mostPerStep(arrowRows(arrow, one), asked).most).toBeLessThanOrEqual(MOST_COPIED);
      expect(asked()).toBe(LONG_ROWS);
      fields = 0;
      const many = { ...rowsOf(DEFAULT_FIELDS, 1000, 1), notation };
      const { most } = mostPerStep(arrowRows(arrow, many), () => fields);
      expect(fields).toBeGreaterThanOrEqual(1000);
      // Four microseconds each.
      expect(most).toBeLessThanOrEqual(256);
    },
  );

  it.each(NOTATIONS)(
    'Parquet converts some of the values, or of the columns: %j',
    async (notation) => {
      const { values, asked } = counting(new Uint16Array(LONG_ROWS).fill(12_345));
      const one = { ...rowsOf(DEFAULT_FIELDS, 1, LONG_ROWS), read: [values], notation };
      const long = (await rowsWriter('parquet'))(one);
      expect(mostPerStep(long, asked).most).toBeLessThanOrEqual(MOST_COPIED);
      expect(asked()).toBeGreaterThanOrEqual(LONG_ROWS);
      const single = counting(new Uint16Array(1));
      const many = {
        ...rowsOf(DEFAULT_FIELDS, 1000, 1),
        read: Array(1000).fill(single.values),
        notation,
      };
      const { most } = mostPerStep((await rowsWriter('parquet'))(many), single.asked);
      expect(single.asked()).toBeGreaterThanOrEqual(1000);
      // Each is encoded on its own, at some microseconds.
      expect(most).toBeLessThanOrEqual(64);
    },
  );

  it.each(CANDLES_FORMATS)('candles as %s writes some of them', async (format) => {
    const list = Array.from({ length: 10_000 }, (_, n) => 10_000 + n);
    const [open, high, low, close] = [list, list, list, list];
    const { symbol } = market.instruments[0]!;
    const about = { market: market.id, symbol, resolution: '1s', closed: 10_000, until: 1 };
    const answer = { ...about, time: list, open, high, low, close, volume: list, trades: list };
    const write = await candlesWriter(format);
    const written = counted(TextWriter.prototype as never, 'add' as never, ({ length }: string) => {
      return length + 16;
    });
    const notation = { prices: 'decimal', time: 'iso' } as const;
    const steps = write({ market, answer, notation, part: ONE_PART });
    expect(mostPerStep(steps, written).most).toBeLessThanOrEqual(MOST_CHARACTERS);
  });
});
