import { newTrades } from '../../src/core/market/fields.ts';
import { finish } from '../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { calendarOf } from '../../src/core/market/models/calendar.ts';
import { PRESETS } from '../../src/core/market/presets/presets.ts';
import { correlationsOf, meanCorrelation } from '../../src/core/realism/correlation.ts';
import { type Day, readDays } from '../../src/core/realism/days.ts';
import { FACTS, type FactId, type MeasuredFact } from '../../src/core/realism/facts.ts';
import { realismOf } from '../../src/core/realism/report.ts';
import { yearsMs } from '../../src/core/realism/years.ts';
import { marketOf } from './market.ts';

/**
 * What a preset is like over many seeds: one of them is not a market. Of each seed some instruments
 * are measured, of these the middle one counts, and of the seeds again the middle one.
 */

export const MEASURED = ['equities', 'crypto', 'fx', 'exchange'] as const;
export type MeasuredPreset = (typeof MEASURED)[number];

/** Rows of ten years of hours. */
const TEN_YEARS = 87_660;

/** Some instruments of a preset, as far apart in its list as can be, by another seed. */
export function sampleOf(
  preset: MeasuredPreset,
  seed: number,
  interval: string,
  many: number,
): Market {
  const { spec } = PRESETS[preset];
  const all = (spec.instruments as readonly { model?: string }[]).filter(
    ({ model = 'market' }) => model === 'market',
  );
  const step = Math.floor(all.length / many);
  const instruments = Array.from({ length: many }, (_, n) => all[n * step]);
  // A Monday.
  return marketOf({ preset, seed, interval, instruments, origin: '2026-01-05' });
}

/** Of a fact: what was found of each instrument of a seed. */
export type OfSeed = ReadonlyMap<FactId, readonly number[]>;

/** What was found, by facts. */
export function byFacts(all: readonly (readonly MeasuredFact[])[]): OfSeed {
  return new Map(
    FACTS.map(({ id }) => [
      id,
      all.flatMap((facts) => facts.find((fact) => fact.id === id)?.value ?? []),
    ]),
  );
}

/** Four years of days of a seed, and what comes with them: blocks are made whole. */
export function daysOfSeed(market: Market, seed: number): readonly (readonly Day[])[] {
  const { grid, instruments } = market;
  const blocks = Math.ceil(yearsMs(4) / grid.intervalMs / BLOCK_ROWS);
  const from = (2 + (seed % 3)) * BLOCK_ROWS;
  const next = from + blocks * BLOCK_ROWS;
  return instruments.map((_, column) => finish(readDays(market, column, from, next)));
}

/** The facts of days, as the report has them. */
export function factsOfDays(market: Market, days: readonly (readonly Day[])[]): OfSeed {
  const { grid, instruments } = market;
  const { intervalMs, originMs: firstMs } = grid;
  const facts = days.map((of, column) => {
    const { symbol, name, model, tickSize, calendar } = instruments[column];
    if (model.kind !== 'market') throw new Error('only those of the model market are measured');
    const { daysPerYear } = calendarOf(calendar, model.weekend, grid);
    const read = { days: of, yearDays: Math.round(daysPerYear), intervalMs };
    const about = { symbol, name, model: model.kind, tickSize, intervalMs, firstMs };
    const isShare = model.asymmetry > 0;
    return finish(realismOf({ ...about, ticks: [], isShare, days: read })).facts;
  });
  return byFacts(facts);
}

/** The mean correlation of pairs in stretches of days that are `stretchMs` long. */
export function correlationOfDays(
  market: Market,
  days: readonly (readonly Day[])[],
  stretchMs: number,
): number {
  const rows = stretchMs / market.grid.intervalMs;
  const stretches = days.map((of) =>
    Float64Array.from(
      of.flatMap(({ returns }) =>
        Array.from({ length: Math.floor(returns.length / rows) }, (_, n) =>
          returns.subarray(n * rows, (n + 1) * rows).reduce((sum, value) => sum + value, 0),
        ),
      ),
    ),
  );
  return meanCorrelation(finish(correlationsOf(stretches))) ?? Number.NaN;
}

/** Prices after ten years over those at the start, of a market of hours. */
export function tenYearsOf(market: Market): number[] {
  const quotes = newTrades(market.spec.dtype, BLOCK_ROWS);
  const block = Math.floor(TEN_YEARS / BLOCK_ROWS);
  const at = TEN_YEARS - block * BLOCK_ROWS;
  return market.instruments.map(({ startTicks }, column) => {
    market.fillTrades(quotes, column, block, at, at + 1);
    return (quotes.bid[at] + quotes.ask[at]) / 2 / startTicks;
  });
}

/** Of these an instrument alone says too little: their mean counts, not the middle one. */
const MEANS: ReadonlySet<FactId> = new Set<FactId>(['large-days', 'leverage', 'zumbach']);

/** What a seed counts as; NaN if nothing was found. */
export function valueOfSeed(id: FactId, found: readonly number[]): number {
  if (!MEANS.has(id)) return medianOf(found);
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(half)];
  return (sorted[half - 1] + sorted[half]) / 2;
}
