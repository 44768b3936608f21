import { Market } from '../../src/core/market/market.ts';
import { checkSpec } from '../../src/core/market/spec.ts';
import { type FactId, factOf, type Range, verdictOf } from '../../src/core/realism/facts.ts';
import { type MeasuredPreset, medianOf, type OfSeed, valueOfSeed } from '../helpers/pooled.ts';
import { FIGHTS } from './fights.ts';

/** How much is measured of each preset. */
export interface Effort {
  /** Seeds of which rows are measured, instruments of each, and of these so many days. */
  readonly rowSeeds: number;
  readonly rowInstruments: number;
  readonly rowDays: number;
  /** Seeds of which four years are measured, and instruments of each. */
  readonly daySeeds: number;
  readonly dayInstruments: number;
}

export const EFFORT: Effort = {
  ...{ rowSeeds: 8, rowInstruments: 4, rowDays: 20 },
  ...{ daySeeds: 8, dayInstruments: 10 },
};

/** A row of one preset, over its seeds. */
export interface MeasuredRow {
  readonly id: FactId;
  readonly low: number | null;
  readonly high: number | null;
  /** The middle one of what seeds count as, the lowest and the highest. */
  readonly middle: number;
  readonly lowest: number;
  readonly highest: number;
  /** The parts of seeds, and of single instruments, that are inside. */
  readonly seedsInside: number;
  readonly instrumentsInside: number;
}

export interface MeasuredMarket {
  readonly preset: MeasuredPreset;
  /** The id of the market that the preset is. */
  readonly marketId: string;
  readonly rows: readonly MeasuredRow[];
  /** The price after ten years over that at the start: of 100 the fifth, the middle one, the 95th. */
  readonly tenYears: readonly [low: number, middle: number, high: number];
}

/** What is committed: docs/realism.json. */
export interface Measured {
  readonly engineVersion: number;
  readonly effort: Effort;
  readonly markets: readonly MeasuredMarket[];
}

/** The id of the market that a preset is. */
export function presetId(preset: MeasuredPreset): string {
  const check = checkSpec({ preset });
  if (!check.ok) throw new Error('presets are right');
  return new Market(check.spec).id;
}

/** Where a row says nothing of a preset. */
export function applies(id: FactId, preset: MeasuredPreset): boolean {
  // Shares and currencies trade at weekends so that there is something to see.
  if (id === 'weekend') return preset === 'crypto';
  return id !== 'night' || preset === 'exchange';
}

/** What a row of a preset is judged by, and what it is held to. */
export function rangesOf(id: FactId, preset: MeasuredPreset): { range: Range; held: Range } {
  const fact = factOf(id);
  const isShare = preset === 'equities' || preset === 'exchange';
  const { low, high } = (isShare ? undefined : fact.others) ?? fact;
  const range = { low, high };
  const fight = FIGHTS.find((each) => each.id === id && each.preset === preset);
  return { range, held: fight ?? range };
}

export function rowOf(id: FactId, preset: MeasuredPreset, seeds: readonly OfSeed[]): MeasuredRow {
  const { range } = rangesOf(id, preset);
  const found = seeds.map((seed) => seed.get(id) ?? []).filter(({ length }) => length > 0);
  const values = found.map((of) => valueOfSeed(id, of));
  const partInside = (of: readonly number[]) =>
    rounded(of.filter((value) => verdictOf(value, range) === 'inside').length / of.length);
  return {
    ...{ id, ...range },
    middle: rounded(medianOf(values)),
    lowest: rounded(Math.min(...values)),
    highest: rounded(Math.max(...values)),
    seedsInside: partInside(values),
    instrumentsInside: partInside(found.flat()),
  };
}

/** To four digits: more are noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Rows that are not where they are held to be, as sentences. */
export function complaintsOf({ markets }: Measured): string[] {
  return markets.flatMap(({ preset, rows }) =>
    rows.flatMap(({ id, middle }) => {
      const { held } = rangesOf(id, preset);
      if (verdictOf(middle, held) === 'inside') return [];
      return `${preset}: ${id} is ${middle}, to be from ${held.low} to ${held.high}`;
    }),
  );
}
