import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFor } from '../../src/core/market/entries/effects.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { TradeSums } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';
import { newDepth } from '../../src/core/market/trading/book.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { NIGHT_LOGS, NOON, NOON_HELD, NOON_ROWS } from '../core/timeline/at-night.ts';
import { logs, rowsOf } from '../core/timeline/done.ts';
import { marketOf } from '../helpers/market.ts';
import type { ReferenceTraded } from './reference-quotes.ts';
import { type ReferenceTimeline, timelineOf } from './reference-timeline.ts';

const SAID = { seed: 2026, dtype: 'uint32', origin: '2026-01-05T09:00:00Z' };
const FAST = { volatility: 8, tickSize: 0.01 };
/** Opens before row 0 and closes twice within the rows that are looked at. */
const LUNCH = {
  ...{ days: ['mon'], open: '09:00', close: '15:00', lunch: ['11:00', '12:30'] },
};
const SPECS = [
  { model: 'walk' },
  { model: 'walk', dtype: 'int8' },
  { model: 'gbm', ...FAST },
  { model: 'gbm', dtype: 'uint8', volatility: 60 },
  { model: 'ou', ...FAST },
  { model: 'jump', ...FAST, tradesPerDay: 4e6 },
  { model: 'crash-boom', ...FAST, lotsPerTrade: 1 },
  { model: 'range', ...FAST, dtype: 'uint8' },
  { model: 'regime', tickSize: 0.01, stormVolatility: 9, calmTime: '1h' },
  { model: 'market', tickSize: 0.01 },
  { model: 'market', tickSize: 0.01, tradesPerDay: 900, spreadTicks: 40 },
  { model: 'market', tickSize: 0.01, tradesPerDay: 0, volatility: 20 },
  // It opens in row 19,800.
  { model: 'market', tickSize: 0.01, calendar: 'new-york', spreadTicks: 30 },
  { model: 'market', tickSize: 0.01, calendar: LUNCH },
  { model: 'walk', calendar: 'new-york' },
  { model: 'gbm', ...FAST, calendar: LUNCH },
  { model: 'ou', ...FAST, calendar: LUNCH },
];

function tradedOf(market: Market): ReferenceTraded {
  const [{ symbol, sector, startTicks, minTicks, maxTicks, model, trading, calendar }] =
    market.instruments;
  const { kind, ...parameters } = model;
  const { intervalMs, originMs } = market.grid;
  return {
    seed: market.spec.seed,
    ...{ symbol, sector, start: startTicks, min: minTicks, max: maxTicks, calendar },
    ...{ intervalMs, originMs, model: kind, parameters, ...trading },
  };
}

/** Those of `NIGHT_LOGS` that are looked at here: the program is slow. */
const BY_NIGHT = new Set([
  'halt, base from a session into the night',
  'shift by night',
  'halts that touch by night',
  'all kinds, one behind the other',
]);

/** What entries do to the instrument. */
function effectsOf(entries: readonly Entry[]) {
  return entries.flatMap(({ index, effects }) =>
    effects
      .filter((effect) => isFor(effect.of, { symbol: 'REF.1', sector: '' }))
      .map((effect) => ({ ...effect, index })),
  );
}

/** Rows that are looked at: where something begins or ends, and some others. */
function placesOf(entries: readonly Entry[], next: number): number[] {
  const cuts = entries.flatMap(({ index, effects }) =>
    effects.flatMap((effect) => {
      const s = index + Math.ceil(effect.afterMs / 1000);
      const rows = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
      if (effect.kind === 'shift') return [s];
      if (effect.kind !== 'ramp') return [s, s + rows(effect.forMs)];
      return [s, s + rows(effect.overMs), s + rows(effect.overMs) + rows(effect.backOverMs)];
    }),
  );
  const near = cuts.flatMap((cut) => [cut - 1, cut, cut + 1, cut + 5, cut + 17, cut + 40]);
  const others = Array.from({ length: 20 }, (_, n) => Math.floor((n * next) / 20));
  return [...new Set([0, ...near, ...others])].filter((row) => row >= 0 && row < next);
}

function expectBook(timeline: Timeline, of: ReferenceTimeline, row: number): void {
  const depth = newDepth(5);
  timeline.fillDepth(depth, 0, row, 5);
  for (const side of ['bids', 'asks'] as const) {
    const { ticks, lots, levels } = depth[side];
    const found = Array.from({ length: levels }, (_, level) => [ticks[level], lots[level]]);
    expect(found, `book of row ${row}`).toEqual(of.side(row, side === 'bids', 5));
  }
}

describe('docs/prices.md is how the core has things done', () => {
  it.each(SPECS)('to %o', ({ dtype, ...said }: { dtype?: string; model: string }) => {
    const spec = { ...SAID, ...(dtype && { dtype }), instruments: [{ symbol: 'REF.1', ...said }] };
    const of = tradedOf(marketOf(spec));
    const rows = BLOCK_ROWS + 5_000;
    const many = logs(['REF.1'], 0, rows - 2_000).filter((entries) => entries.length > 5);
    const property = fc.property(many, (entries) => {
      const timeline = new Timeline(marketOf(spec), entries);
      const reference = timelineOf(of, effectsOf(entries));
      const found = rowsOf(timeline, 0, 0, rows);
      const status = new Uint8Array(rows);
      timeline.fillStatus(status, 0, 0, 0, rows);
      for (const [n, row] of placesOf(entries, rows).entries()) {
        const { last, bid, ask, trades, volume, aggressor } = found;
        const values = { last, bid, ask, trades, volume, aggressor, status };
        const here = Object.entries(values).map(([field, list]) => [field, list[row]]);
        expect(Object.fromEntries(here), `row ${row}`).toEqual(reference.row(row));
        if (n % 7 !== 0) continue;
        expect(timeline.tradesBefore(0, row)).toBe(reference.number(row));
        const sums = new TradeSums();
        timeline.foldTrades(sums, 0, 0, row);
        expect(sums.volume).toBe(reference.lots(row));
        expectBook(timeline, reference, row);
      }
    });
    fc.assert(property, { seed: 20261130, numRuns: 2 });
  });

  it.each(MODEL_KINDS)('by night, to %s', (model) => {
    const instruments = [{ symbol: 'REF.1', model, tickSize: 0.01, calendar: NOON.calendar }];
    const market = marketOf({ ...SAID, origin: NOON.origin, instruments });
    const of = tradedOf(market);
    for (const { name, log } of NIGHT_LOGS.filter(({ name }) => BY_NIGHT.has(name))) {
      const timeline = new Timeline(market, log);
      const { from, next } = NOON_ROWS;
      const found = rowsOf(timeline, 0, from, next);
      const status = new Uint8Array(next - from);
      timeline.fillStatus(status, 0, 0, from, next);
      const reference = timelineOf(of, effectsOf(log));
      const near = [NOON_HELD.from, NOON_HELD.next].flatMap((row) => [row - 1, row, row + 1]);
      const rows = [...placesOf(log, next), ...near].filter((row) => row >= from);
      for (const row of rows) {
        const here = Object.entries({ ...found, status }).map(([field, list]) => {
          return [field, list[row - from]];
        });
        expect(Object.fromEntries(here), `${name}: row ${row}`).toEqual(reference.row(row));
      }
      for (const row of [NOON_HELD.from, 9_003, NOON_HELD.next]) {
        expect(timeline.tradesBefore(0, row), name).toBe(reference.number(row));
        expectBook(timeline, reference, row);
      }
    }
  });

  it('to the rows behind a halt of the model market, one by one', () => {
    const spec = { ...SAID, instruments: [{ symbol: 'REF.1', model: 'market', tickSize: 0.01 }] };
    const of = tradedOf(marketOf(spec));
    const shift = { kind: 'shift', of: { all: true }, afterMs: 0, percent: 3 } as const;
    const halt = { kind: 'halt', of: { all: true }, afterMs: 0, forMs: 60_000 } as const;
    const log: Entry[] = [
      { key: '1', index: 5000, effects: [shift] },
      { key: '2', index: 6000, effects: [{ ...halt, resume: 'base' }] },
      { key: '3', index: 6030, effects: [shift] },
      { key: '4', index: 6070, effects: [{ ...halt, resume: 'frozen' }] },
    ];
    const reference = timelineOf(of, effectsOf(log));
    const { aggressor, last } = rowsOf(new Timeline(marketOf(spec), log), 0, 5990, 6200);
    for (let row = 5990; row < 6200; row++) {
      const found = { aggressor: aggressor[row - 5990], last: last[row - 5990] };
      expect(reference.row(row), `row ${row}`).toMatchObject(found);
    }
  });
});
