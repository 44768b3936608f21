import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../../../src/core/history/wanted.ts';
import { FIELDS } from '../../../../src/core/market/fields.ts';
import { finish } from '../../../../src/core/market/finish.ts';
import { ONE_PART } from '../../../../src/protocols/tickwell/formats/candles.ts';
import { candlesWriter, rowsWriter } from '../../../../src/protocols/tickwell/formats/writers.ts';
import type { Notation } from '../../../../src/wire/notation.ts';
import { marketOf } from '../../../helpers/market.ts';

const market = marketOf({ interval: 1000, count: 3, defaults: { tickSize: 0.05 } });
const NOTATIONS: readonly Notation[] = [
  { prices: 'ticks', time: 'ms' },
  { prices: 'decimal', time: 'iso' },
];

const text = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]).toString();

/** What a list of the records in `lines` must be. */
const listOf = (lines: string) => `[\n${lines.trimEnd().split('\n').join(',\n')}\n]\n`;

describe('a list of records', () => {
  it('holds the lines of NDJSON, in whatever parts it is written', async () => {
    const [lines, records] = [await rowsWriter('ndjson'), await rowsWriter('records')];
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 19 }));
    const fieldLists = fc.shuffledSubarray([...FIELDS], { minLength: 1 });
    const property = fc.property(
      cuts,
      fieldLists,
      fc.constantFrom(...NOTATIONS),
      (at, fields, notation) => {
        const wanted = wantedOf(fields, [2, 0]);
        const whole = { ...wanted, id: market.id, from: 0, next: 20, head: undefined };
        const read = fields.flatMap((_, f) =>
          wanted.columns.map((column) =>
            Uint16Array.from({ length: 20 }, (_, n) => n + f + column),
          ),
        );
        const all = { market, range: whole, read, notation, part: { whole, ...ONE_PART } };
        const ends = [...at.toSorted((a, b) => a - b), 20];
        const parts = ends.map((next, n) => {
          const from = n === 0 ? 0 : ends[n - 1]!;
          const part = { whole, isFirst: n === 0, isLast: next === 20 };
          const some = read.map((list) => list.subarray(from, next));
          const range = { ...whole, from, next };
          return text(finish(records({ market, range, read: some, notation, part })));
        });
        expect(parts.join('')).toBe(listOf(text(finish(lines(all)))));
        expect(JSON.parse(parts.join(''))).toHaveLength(20);
      },
    );
    fc.assert(property, { seed: 20260104 });
  });

  it('holds the candles of one symbol after those of another', async () => {
    const [lines, records] = [await candlesWriter('ndjson'), await candlesWriter('records')];
    const written = { lines: '', records: '' };
    for (const [n, { symbol }] of market.instruments.entries()) {
      const prices = { open: [1, 2], high: [3, 4], low: [5, 6], close: [7, 8] };
      const about = { market: market.id, symbol, resolution: '1m', time: [0, 60_000], closed: 2 };
      const answer = { ...about, ...prices, volume: [9, n] };
      const part = { isFirst: n === 0, isLast: n === market.instruments.length - 1 };
      const candles = { market, answer, notation: NOTATIONS[1]!, among: market.instruments, part };
      written.lines += text(finish(lines(candles)));
      written.records += text(finish(records(candles)));
    }
    expect(written.records).toBe(listOf(written.lines));
    expect(JSON.parse(written.records)).toHaveLength(2 * market.instruments.length);
  });
});
