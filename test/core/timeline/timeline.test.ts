import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { TradeSums } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { newEachTrade } from '../../../src/core/market/trading/each-trade.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';
import { logs, rowsOf } from './done.ts';

const MODELS = ['walk', 'gbm', 'ou', 'jump', 'crash-boom', 'range', 'regime', 'market'];
const SPECS = [
  ...MODELS.map((model) => ({ model })),
  { model: 'market', calendar: 'new-york' },
  { model: 'market', tradesPerDay: 400 },
  { model: 'market', tradesPerDay: 0 },
  { model: 'walk', tradesPerDay: 2e7, lotsPerTrade: 1 },
];
/** Rows that are read: three blocks, in which things are done. */
const [FROM, NEXT] = [BLOCK_ROWS - 3_000, 2 * BLOCK_ROWS + 5_000];

const specOf = (said: object) => ({
  seed: 11,
  count: undefined,
  origin: '2026-01-05T10:00:00Z',
  instruments: [
    { symbol: 'A', ...said },
    { symbol: 'B', ...said },
  ],
});
const list = logs(['A', 'B'], FROM + 1_000, NEXT - 1_000);

describe.each(SPECS)('what is done to a market: %o', (said) => {
  const { spec } = marketOf(specOf(said));
  const fresh = (entries: readonly Entry[]) => new Timeline(marketOf(specOf(said)), entries);

  it('is the same rows to whoever lived through it, came later, asks backwards or forgot', () => {
    const property = fc.property(list, (entries) => {
      const later = fresh(entries);
      const expected = rowsOf(later, 0, FROM, NEXT);
      // Lived through: each entry comes before its rows do, some early, some at the last moment.
      const lived = fresh([]);
      const waiting = [...entries].sort((a, b) => a.index - b.index);
      let at = FROM;
      while (at < NEXT) {
        const stop = waiting[0]?.index ?? NEXT;
        const rows = rowsOf(lived, 0, at, stop);
        // Some beyond it are made ahead, and forgotten.
        rowsOf(lived, 0, stop, Math.min(NEXT, stop + 700));
        for (const field of Object.keys(rows) as (keyof typeof rows)[]) {
          expect(rows[field]).toEqual(expected[field].subarray(at - FROM, stop - FROM));
        }
        if (waiting.length > 0) lived.add(waiting.shift()!);
        at = stop;
      }
      for (let end = NEXT; end > FROM; end -= 5_000) {
        const from = Math.max(FROM, end - 5_000);
        const rows = rowsOf(later, 0, from, end);
        expect(rows.last).toEqual(expected.last.subarray(from - FROM, end - FROM));
        expect(rows.bid).toEqual(expected.bid.subarray(from - FROM, end - FROM));
        later.forgetFrom(from);
      }
      expect(rowsOf(fresh(entries), 0, FROM, NEXT)).toEqual(expected);
    });
    fc.assert(property, { seed: 20261130, numRuns: 6 });
  });

  it('is in candles and in trades as it is in rows', () => {
    const cuts = fc.array(fc.integer({ min: FROM, max: NEXT }), { minLength: 2, maxLength: 9 });
    const property = fc.property(list, cuts, (entries, places) => {
      const timeline = fresh(entries);
      const rows = rowsOf(timeline, 0, FROM, NEXT);
      places.sort((a, b) => a - b);
      for (const [n, next] of places.entries()) {
        const from = places[n - 1];
        if (from === undefined || from === next) continue;
        const [fold, expected] = [new Fold(), new Fold()];
        timeline.fold(fold, 0, from, next);
        expected.addPrices(rows.last, from - FROM, next - FROM);
        expect(fold).toEqual(expected);
        const [sums, added] = [new TradeSums(), new TradeSums()];
        timeline.foldTrades(sums, 0, from, next);
        added.add(rows, from - FROM, next - FROM);
        expect(sums).toEqual(added);
      }
      expectTrades(timeline, rows);
    });
    fc.assert(property, { seed: 20261201, numRuns: 6 });
  });

  /** Trades by their numbers are those of rows, without holes. */
  function expectTrades(timeline: Timeline, rows: ReturnType<typeof rowsOf>): void {
    let number = timeline.tradesBefore(0, FROM);
    for (let row = FROM; row < NEXT; row++) {
      const count = rows.trades[row - FROM]!;
      if (row % 97 === 0) expect(timeline.tradesBefore(0, row)).toBe(number);
      if (row % 211 === 0 && count > 0) {
        const each = newEachTrade(count + 3);
        timeline.fillEachTrade(each, 0, number, number + count + 3);
        expect(each.rows.subarray(0, count).every((one) => one === row)).toBe(true);
        expect(each.rows[count]).toBeGreaterThan(row);
        const lots = each.lots.subarray(0, count).reduce((sum, one) => sum + one, 0);
        expect(lots).toBe(rows.volume[row - FROM]);
        expect(Math.min(...each.lots)).toBeGreaterThan(0);
        expect(timeline.rowOfTrade(0, number)).toBe(row);
        expect(timeline.lotsOfTrade(0, number)).toBe(each.lots[0]);
      }
      number += count;
    }
  }

  it('is nothing to rows before it, nor to other instruments', () => {
    const entries: Entry[] = [
      {
        key: 'one',
        index: BLOCK_ROWS + 333,
        effects: [{ kind: 'shift', of: { symbol: 'A' }, afterMs: 0, percent: -12 }],
      },
    ];
    const timeline = fresh(entries);
    const base = marketOf(specOf(said));
    const before = rowsOf(base, 0, BLOCK_ROWS, BLOCK_ROWS + 333);
    expect(rowsOf(timeline, 0, BLOCK_ROWS, BLOCK_ROWS + 333)).toEqual(before);
    const other = rowsOf(base, 1, BLOCK_ROWS, 2 * BLOCK_ROWS);
    expect(rowsOf(timeline, 1, BLOCK_ROWS, 2 * BLOCK_ROWS)).toEqual(other);
    expect(spec.instruments).toHaveLength(2);
  });
});
