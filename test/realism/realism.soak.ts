import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { finish } from '../../src/core/market/finish.ts';
import { indexFrom } from '../../src/core/market/grid.ts';
import { ENGINE_VERSION } from '../../src/core/market/market-id.ts';
import { FACTS } from '../../src/core/realism/facts.ts';
import { readColumn } from '../../src/core/realism/reading.ts';
import { MarketRealismMaker } from '../../src/core/realism/report.ts';
import {
  byFacts,
  daysOfSeed,
  factsOfDays,
  MEASURED,
  type MeasuredPreset,
  type OfSeed,
  sampleOf,
  tenYearsOf,
} from '../helpers/pooled.ts';
import {
  applies,
  complaintsOf,
  EFFORT,
  type Measured,
  type MeasuredMarket,
  presetId,
  rounded,
  rowOf,
} from './measured.ts';
import { measuredPage } from './measured-page.ts';

const JSON_PATH = new URL('../../docs/realism.json', import.meta.url);
const PAGE_PATH = new URL('../../docs/realism.md', import.meta.url);
const SECONDS_A_DAY = 86_400;
/** Half an hour on two cores that do much else. */
const RUN_MS = 3_600_000;

const say = (line: string) => void process.stdout.write(line);

/** Days of a calendar that hold so many days of business: of 7 days 5. */
function calendarDays(preset: MeasuredPreset, days: number): number {
  return preset === 'exchange' ? Math.ceil((days * 7) / 5) : days;
}

/** Seconds, trades and pairs of one seed. */
function rowsOfSeed(preset: MeasuredPreset, seed: number): OfSeed {
  const { rowInstruments, rowDays } = EFFORT;
  const market = sampleOf(preset, seed, '1s', rowInstruments);
  const maker = new MarketRealismMaker(market.id);
  // Mondays, two to five years after the origin.
  const from =
    indexFrom(market.grid, market.grid.originMs) + (100 + ((seed * 37) % 150)) * 7 * SECONDS_A_DAY;
  const next = from + calendarDays(preset, rowDays) * SECONDS_A_DAY;
  for (const column of market.instruments.keys()) {
    finish(maker.add(finish(readColumn(market, column, from, next))));
  }
  const { instruments, facts } = finish(maker.report());
  return byFacts([...instruments.map((of) => of.facts), facts]);
}

/** Four years of one seed, and where ten years lead. */
function yearsOfSeed(preset: MeasuredPreset, seed: number): { facts: OfSeed; tenYears: number[] } {
  const { dayInstruments } = EFFORT;
  const market = sampleOf(preset, seed, preset === 'exchange' ? '15m' : '30m', dayInstruments);
  const days = daysOfSeed(market, seed);
  const facts = factsOfDays(market, days);
  return { facts, tenYears: tenYearsOf(sampleOf(preset, seed, '1h', dayInstruments)) };
}

/** `make` of each seed, with progress. */
function ofSeeds<T>(preset: string, what: string, seeds: number, make: (seed: number) => T): T[] {
  return Array.from({ length: seeds }, (_, n) => {
    const before = process.cpuUsage();
    const made = make(n + 1);
    const { user, system } = process.cpuUsage(before);
    const seconds = ((user + system) / 1e6).toFixed(1);
    say(`${preset}: ${what} of seed ${n + 1} of ${seeds}, ${seconds} s of CPU\n`);
    return made;
  });
}

function measure(preset: MeasuredPreset): MeasuredMarket {
  const { rowSeeds, daySeeds } = EFFORT;
  const years = ofSeeds(preset, 'years', daySeeds, (seed) => yearsOfSeed(preset, seed));
  const ofDays = years.map(({ facts }) => facts);
  const ofRows = ofSeeds(preset, 'seconds', rowSeeds, (seed) => rowsOfSeed(preset, seed));
  const rows = FACTS.filter(({ id }) => applies(id, preset)).map(({ id, group }) =>
    rowOf(id, preset, group === 'days' ? ofDays : ofRows),
  );
  const ends = years.flatMap(({ tenYears }) => tenYears).sort((a, b) => a - b);
  const part = (share: number) => rounded(ends[Math.floor(share * ends.length)]);
  return {
    ...{ preset, marketId: presetId(preset), rows },
    tenYears: [part(0.05), part(0.5), part(0.95)],
  };
}

/** What others measured by the same engine and with the same effort. */
function measuredBefore(): readonly MeasuredMarket[] {
  if (!existsSync(JSON_PATH)) return [];
  const { engineVersion, effort, markets } = JSON.parse(
    readFileSync(JSON_PATH, 'utf8'),
  ) as Measured;
  const isSame = engineVersion === ENGINE_VERSION && isDeepStrictEqual(effort, EFFORT);
  return isSame ? markets : [];
}

describe('presets', () => {
  it.each(MEASURED)(
    '%s is as real markets are, by the second and over years',
    (preset) => {
      const market = measure(preset);
      const others = measuredBefore().filter((other) => other.preset !== preset);
      const all = [...others, market];
      const markets = MEASURED.flatMap((name) => all.filter((each) => each.preset === name));
      const measured: Measured = { engineVersion: ENGINE_VERSION, effort: EFFORT, markets };
      writeFileSync(JSON_PATH, `${JSON.stringify(measured, null, 1)}\n`);
      writeFileSync(PAGE_PATH, measuredPage(measured));
      say(`${measuredPage({ ...measured, markets: [market] })}\n`);
      expect(complaintsOf({ ...measured, markets: [market] })).toEqual([]);
    },
    RUN_MS,
  );
});
