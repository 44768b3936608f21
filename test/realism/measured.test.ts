import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENGINE_VERSION } from '../../src/core/market/market-id.ts';
import { FACTS, verdictOf } from '../../src/core/realism/facts.ts';
import { MEASURED } from '../helpers/pooled.ts';
import { FIGHTS } from './fights.ts';
import { applies, complaintsOf, EFFORT, type Measured, presetId, rangesOf } from './measured.ts';
import { measuredPage } from './measured-page.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const measured = JSON.parse(read('realism.json')) as Measured;

describe('docs/realism.json, which `npm run soak -- realism` makes', () => {
  it('is of this engine and of the presets as they are', () => {
    expect(measured.engineVersion).toBe(ENGINE_VERSION);
    const ids = measured.markets.map(({ preset, marketId }) => [preset, marketId]);
    expect(ids).toEqual(MEASURED.map((preset) => [preset, presetId(preset)]));
    expect(measured.effort).toEqual(EFFORT);
  });

  it('has every fact of every preset that it says something of, by the ranges of the report', () => {
    expect(measured.markets.map(({ preset }) => preset)).toEqual(MEASURED);
    for (const { preset, rows } of measured.markets) {
      const known = FACTS.filter(({ id }) => applies(id, preset));
      expect(rows.map(({ id, low, high }) => ({ id, low, high }))).toEqual(
        known.map(({ id }) => ({ id, ...rangesOf(id, preset).range })),
      );
      for (const { middle } of rows) expect(middle).toEqual(expect.any(Number));
    }
  });

  it('has all rows inside but those that fight, which are where they are held to be', () => {
    expect(complaintsOf(measured)).toEqual([]);
  });

  it('has prices within reason after ten years', () => {
    for (const { tenYears, preset } of measured.markets) {
      const [low, middle, high] = tenYears;
      expect(low, preset).toBeGreaterThan(0.02);
      expect(middle, preset).toBeGreaterThan(0.3);
      expect(middle, preset).toBeLessThan(4);
      expect(high, preset).toBeLessThan(50);
    }
  });

  it('is what docs/realism.md shows', () => {
    expect(read('realism.md')).toBe(measuredPage(measured));
  });
});

describe('a row that fights', () => {
  it('is outside its range, or it need not be named', () => {
    for (const { preset, id } of FIGHTS) {
      const { rows } = measured.markets.find((market) => market.preset === preset)!;
      const { middle } = rows.find((row) => row.id === id)!;
      expect(verdictOf(middle, rangesOf(id, preset).range), `${preset}: ${id}`).not.toBe('inside');
    }
  });

  it('is held to a bound of its own, for a reason', () => {
    for (const { low, high, why } of FIGHTS) {
      expect(low).toBeLessThan(high);
      expect(why.length).toBeGreaterThan(40);
    }
  });
});
