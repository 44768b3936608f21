import { describe, expect, it } from 'vitest';
import { candlePieces, type Form, rowPieces } from '../../src/cli/formats.ts';
import { tradePieces, tradesOf } from '../../src/cli/trades.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { CANDLE_FIELDS, FIELDS, type Field } from '../../src/core/market/fields.ts';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { loadArrow } from '../../src/protocols/tickwell/formats/arrow-library.ts';
import { GRADED_FORMATS } from '../../src/protocols/tickwell/formats/format.ts';
import { PRICE_NOTATIONS, TIME_NOTATIONS } from '../../src/wire/notation.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';
import { gradeOf } from '../helpers/grading.ts';
import { marketOf } from '../helpers/market.ts';
import { tradedSpec } from '../helpers/trades.ts';

/** All models, prices that have decimals, and an instrument that closes at night. */
const SPEC = { ...tradedSpec(30_000), origin: '2026-01-09T18:00:00Z', seed: 3 };
const SECONDS = 1000;
/** Across blocks, and the close in New York. */
const [FROM, NEXT] = [16_300, 16_500];

/** Something is done to it meanwhile, that moves prices, and what is traded. */
function timelineOf(intervalMs: number): Timeline {
  const market = marketOf({ ...SPEC, interval: intervalMs, defaults: { tickSize: 0.05 } });
  const shift = { kind: 'shift', of: { all: true }, afterMs: 0, percent: -3 } as const;
  const halt = {
    kind: 'halt',
    of: { all: true },
    afterMs: 0,
    forMs: 20_000,
    resume: 'base',
  } as const;
  return new Timeline(market, [
    { key: 'a', index: FROM + 60, effects: [shift] },
    { key: 'b', index: FROM + 90, effects: [halt] },
  ]);
}

async function bytesOf(pieces: AsyncIterable<{ readonly bytes: Uint8Array | string }>) {
  const all: Buffer[] = [];
  for await (const { bytes } of pieces) all.push(Buffer.from(bytes as string));
  return Buffer.concat(all);
}

function formOf(timeline: Timeline, fields: readonly Field[], form: Partial<Form>): Form {
  const { market } = timeline;
  const columns = market.instruments.map((_, column) => column);
  const notation = { prices: 'ticks', time: 'ms' } as const;
  return {
    ...wantedOf(fields, columns),
    ...{ market, timeline, candleFields: [], isHeldToo: true, format: 'csv', notation },
    ...form,
  };
}

await loadArrow();

const NOTATIONS = PRICE_NOTATIONS.flatMap((prices) =>
  TIME_NOTATIONS.map((time) => ({ prices, time })),
);
const WRITTEN = GRADED_FORMATS.flatMap((format) =>
  NOTATIONS.map((notation) => ({ format, notation, name: Object.values(notation).join() })),
);

describe.each(WRITTEN)('what is written as $format, in $name, grades right:', (form) => {
  const isDecimal = form.notation.prices === 'decimal';
  const timeline = timelineOf(SECONDS);

  it.each([
    ['last', ['last']],
    ['all fields', FIELDS],
    ['quotes', ['bid', 'ask']],
  ] as const)('rows, %s', async (_, fields) => {
    const bytes = await bytesOf(rowPieces(formOf(timeline, fields, form), FROM, NEXT));
    const grade = gradeOf(bytes, { timeline, request: { isDecimal } });
    expect(grade).toMatchObject({ right: true, records: (NEXT - FROM) * SPEC.instruments.length });
    expect(grade.market).toBe(timeline.id);
    // A price more, and it is not.
    const other = gradeOf(bytes, {
      timeline: new Timeline(timeline.market),
      request: { isDecimal },
    });
    expect(other.right).toBe(false);
    const wrong = Object.values(other.symbols).flatMap((own) => own.wrong.first);
    expect(Math.min(...wrong.map(({ at }) => at))).toBe(
      timeline.grid.originMs + (FROM + 60) * SECONDS,
    );
  });

  it.each([
    ['1m', parseResolution('1m')],
    ['7s', parseResolution('7s')],
    ['1h in Kathmandu', zonedResolution('1h', 'Asia/Kathmandu', timeline.grid.originMs)],
  ])('candles of %s', async (_, resolution) => {
    const { originMs } = timeline.grid;
    const { startOf, numberOf } = resolution!;
    const range = {
      fromMs: startOf(numberOf(originMs + FROM * SECONDS)),
      toMs: startOf(numberOf(originMs + NEXT * SECONDS + resolution!.ms)),
    };
    const own = formOf(timeline, ['last'], { ...form, candleFields: CANDLE_FIELDS });
    const bytes = await bytesOf(candlePieces(own, resolution!, range));
    const request = { what: 'candles', resolution: resolution!, isDecimal } as const;
    const grade = gradeOf(bytes, { timeline, request });
    expect(grade).toMatchObject({ right: true, what: 'candles', from: range.fromMs });
    expect(grade.records).toBeGreaterThan(SPEC.instruments.length - 1);
    const other = gradeOf(bytes, { timeline: new Timeline(timeline.market), request });
    expect(other.right).toBe(false);
  });

  it('trades', async () => {
    const own = formOf(timeline, ['last'], form);
    const { total, traded } = tradesOf(own, FROM, NEXT);
    const bytes = await bytesOf(tradePieces(own, traded, NEXT));
    const grade = gradeOf(bytes, { timeline, request: { what: 'trades', isDecimal } });
    expect(grade).toMatchObject({ right: true, what: 'trades', records: total });
    const other = gradeOf(bytes, {
      timeline: new Timeline(timeline.market),
      request: { what: 'trades', isDecimal },
    });
    expect(other.right).toBe(false);
  });
});
