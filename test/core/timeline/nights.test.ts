import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { STATUS } from '../../../src/core/market/fields.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { newDepth } from '../../../src/core/market/trading/book.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';
import { NIGHT_LOGS, NOON, NOON_HELD, NOON_ROWS } from './at-night.ts';
import { rowsOf, type Said } from './done.ts';

const FIELDS = ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor'] as const;
const { from: FROM, next: NEXT } = NOON_ROWS;
/** Behind the first part of what was done by night, and amid it. */
const CUTS = [FROM, 6_950, 7_200, 7_201, 8_500, 9_003, 12_599, 12_600, 12_950, NEXT];

const SPECS = [
  ...MODEL_KINDS.map((model) => ({ model })),
  { model: 'market', tradesPerDay: 400 },
  { model: 'market', tradesPerDay: 0 },
];

function bookAt(timeline: Timeline, row: number) {
  const depth = newDepth(5);
  timeline.fillDepth(depth, 0, row, 5);
  return [depth.bids, depth.asks].map(({ ticks, lots, levels }) => [levels, ...ticks, ...lots]);
}

/** Held rows show what the last open one does, and nobody trades in them. */
function expectHeld(timeline: Timeline, rows: Said, name: string): void {
  const [shown, next] = [NOON_HELD.from - 1 - FROM, NOON_HELD.next - FROM];
  const status = new Uint8Array(NEXT - FROM);
  timeline.fillStatus(status, 0, 0, FROM, NEXT);
  expect(status[shown], name).not.toBe(STATUS.closed);
  expect(status[next], name).not.toBe(STATUS.closed);
  const expected = { status: STATUS.closed, volume: 0, trades: 0, aggressor: 0 };
  const { last, bid, ask } = rows;
  const all = { ...expected, last: last[shown]!, bid: bid[shown]!, ask: ask[shown]! };
  for (const [field, value] of Object.entries(all)) {
    const found = { ...rows, status }[field as keyof typeof all].subarray(shown + 1, next);
    expect([...new Set(found)], `${name}: ${field}`).toEqual([value]);
  }
  const book = bookAt(timeline, NOON_HELD.from - 1);
  for (const row of [NOON_HELD.from, 8_001, 9_003, 9_010, NOON_HELD.next - 1]) {
    expect(bookAt(timeline, row), `${name}: book of row ${row}`).toEqual(book);
  }
}

describe.each(SPECS)('what is done to an instrument that is closed: %o', (said) => {
  const instruments = [{ symbol: 'A', ...said, calendar: NOON.calendar }];
  const spec = { seed: 7, dtype: 'uint32', origin: NOON.origin, instruments };
  const market = marketOf(spec);
  const made = (log: readonly Entry[]) => new Timeline(market, log);

  it('leaves held rows as the last open one, and is lived through as it is told', () => {
    for (const { name, log } of NIGHT_LOGS) {
      const later = made(log);
      const rows = rowsOf(later, 0, FROM, NEXT);
      expectHeld(later, rows, name);
      const lived = made([]);
      const waiting = [...log].sort((a, b) => a.index - b.index);
      for (let at = FROM; at < NEXT; ) {
        const stop = waiting[0]?.index ?? NEXT;
        const found = rowsOf(lived, 0, at, stop);
        // Some beyond it are made ahead, of the night and of the session behind it.
        rowsOf(lived, 0, stop, stop + 100);
        rowsOf(lived, 0, NOON_HELD.next - 5, NOON_HELD.next + 5);
        for (const field of FIELDS) {
          expect(found[field], `${name}: ${field}`).toEqual(
            rows[field].subarray(at - FROM, stop - FROM),
          );
        }
        while (waiting[0]?.index === stop) lived.add(waiting.shift()!);
        at = stop;
      }
    }
  });

  it('is in candles as it is in rows', () => {
    for (const { name, log } of NIGHT_LOGS) {
      const { last } = rowsOf(made(log), 0, FROM, NEXT);
      const timeline = made(log);
      for (const [n, next] of CUTS.entries()) {
        for (const from of CUTS.slice(0, n)) {
          const [found, expected] = [new Fold(), new Fold()];
          timeline.fold(found, 0, from, next);
          expected.addPrices(last, from - FROM, next - FROM);
          expect(found, `${name}: rows ${from} to ${next}`).toEqual(expected);
        }
      }
    }
  });
});
