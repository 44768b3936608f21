import { describe, expect, it } from 'vitest';
import type { VarianceLaw } from '../../../src/core/market/models/age.ts';
import { AGE_DAYS, calendarOf } from '../../../src/core/market/models/calendar.ts';
import { Beside, Factor } from '../../../src/core/market/models/factor.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { differences } from './paths.ts';
import { normalSigmas, SIGMAS, varianceSigmas } from './statistics.ts';

const GRID = { originMs: 1_767_225_600_000, intervalMs: 1000 };
const LAW: VarianceLaw = {
  clustering: 1,
  jumpsPerDay: 0.35,
  jumpShare: 0.2,
  jumpSkew: 0.7,
  feedbackShare: 0.4,
  feedbackDays: 20,
  asymmetry: 1,
};
const PLAIN = { ...LAW, clustering: 0, jumpShare: 0, feedbackShare: 0 };
const calendar = calendarOf('always', 0.5, GRID);
const everyDay = calendarOf('always', 1, GRID);

function factorOf(law: VarianceLaw, key = 1, market?: Factor): Factor {
  return new Factor({ k0: key, k1: 5 }, law, calendar, 1000, new Scratch('uint16'), market);
}

describe('an age', () => {
  it('moves as it was drawn to, and has the variance of its level but for its jumps', () => {
    const market = factorOf(LAW, 1);
    for (const factor of [market, factorOf(LAW, 2, market)]) {
      for (const age of [0, 1, 500]) {
        const { variance, path, calm } = factor.age(age);
        expect(path[0]).toBe(0);
        expect(path[AGE_DAYS]).toBe(factor.ages.totalOf(age));
        const sum = calm.reduce((all, value) => all + value, 0);
        expect(sum).toBeCloseTo(0.8 * AGE_DAYS * factor.ages.levelOf(age), 6);
        for (let d = 0; d < AGE_DAYS; d++) expect(variance[d + 1]).toBeGreaterThan(variance[d]);
      }
    }
  });

  it('has its share of variance from jumps, on average', () => {
    const { ages } = factorOf(LAW);
    let [jumps, level, number] = [0, 0, 0];
    for (let age = 0; age < 60; age++) {
      const made = ages.make(age).jumps;
      for (const value of made.variance) jumps += value;
      number += made.variance.length;
      level += ages.levelOf(age) * AGE_DAYS;
    }
    // The rarest class, of 16 times the deviation, has 0.07 jumps an age and a fifth of it all.
    expect(Math.abs(jumps / level / 0.2 - 1)).toBeLessThan(SIGMAS * 0.08);
    const expected = 60 * AGE_DAYS * 0.35;
    expect(Math.abs(number - expected)).toBeLessThan(SIGMAS * Math.sqrt(expected));
  });

  it('is the same whatever was made before', () => {
    const [one, other] = [factorOf(LAW).ages, factorOf(LAW).ages];
    for (const age of [3, 1, 2]) one.make(age);
    expect(one.make(2)).toEqual(other.make(2));
  });

  it('has a level of 1 on average', () => {
    const { ages } = factorOf(LAW);
    let sum = 0;
    for (let age = 0; age < 20_000; age++) sum += ages.levelOf(age);
    // The square of its deviation is e^0.16 - 1.
    const error = Math.sqrt((Math.exp(0.16) - 1) / 20_000);
    expect(Math.abs(sum / 20_000 - 1)).toBeLessThan(SIGMAS * error);
  });

  it('has independent normal days where nothing changes', () => {
    const { ages } = new Factor({ k0: 1, k1: 5 }, PLAIN, everyDay, 1000, new Scratch('uint16'));
    const moves = [0, 1, 2, 3].flatMap((age) => differences(ages.make(age).path));
    expect(Math.abs(normalSigmas(moves))).toBeLessThan(SIGMAS);
    expect(Math.abs(varianceSigmas(moves))).toBeLessThan(SIGMAS);
  });

  it('gives days of a weekend their weight', () => {
    const { calm } = factorOf({ ...PLAIN, feedbackShare: 0.4 }).age(0);
    const [friday, saturday] = [1, 2].map((first) => {
      let sum = 0;
      for (let d = first; d < AGE_DAYS; d += 7) sum += calm[d];
      return sum;
    });
    // Answers to other days differ: 146 weeks of a share of 0.4, by a third each.
    expect(Math.abs(saturday / friday / 0.5 - 1)).toBeLessThan(0.1);
  });
});

describe('a day', () => {
  it('begins and ends where its age says, and its clock keeps time', () => {
    const factor = factorOf(LAW);
    const sector = new Beside({ k0: 9, k1: 9 }, factor, new Scratch('uint16'));
    for (const day of [0, 1, 1023, 1024, 90_000]) {
      const age = Math.floor(day / AGE_DAYS);
      const d = day - age * AGE_DAYS;
      const { variance, path } = factor.age(age);
      const made = factor.day(day);
      expect(made.path[0]).toBe(path[d]);
      expect(made.path[256]).toBe(path[d + 1]);
      expect(sector.day(day)[0]).toBe(sector.age(age)[d]);
      expect(sector.day(day)[256]).toBe(sector.age(age)[d + 1]);
      expect(made.variance[256]).toBeCloseTo(variance[d + 1] - variance[d], 8);
      expect([made.clock[0], made.clock[256]]).toEqual([0, 1]);
      for (let k = 0; k < 256; k++) {
        expect(made.variance[k + 1]).toBeGreaterThan(made.variance[k]);
      }
    }
  });

  it('is busy for hours behind a jump, most at once', () => {
    const law = { ...PLAIN, jumpsPerDay: 0.35, jumpShare: 0.9 };
    const factor = factorOf(law);
    const { jumps } = factor.age(0);
    const n = jumps.at.findIndex((at, i) => at < 0.5 && jumps.first[jumps.day[i] + 1] === i + 1);
    const { variance } = factor.day(jumps.day[n]);
    const at = Math.floor(jumps.at[n] * 256);
    const [first, second] = [variance[at + 2] - variance[at], variance[at + 4] - variance[at + 2]];
    expect(first).toBeGreaterThan(2 * second);
    expect(second).toBeGreaterThan(2 * (variance[200] - variance[198]));
  });

  it('has a segment whose variance is that of its places, jumps included', () => {
    const factor = factorOf({ ...LAW, jumpsPerDay: 8 });
    const places = Float64Array.from({ length: 300 }, (_, n) => (n + 0.5) / 300);
    const out = new Float64Array(300);
    for (let segment = 0; segment < 256; segment++) {
      factor.fillSegment(out, places, 0, 300, 77, segment);
      const whole = factor.ofSegment(77, segment);
      for (let n = 1; n < 300; n++) expect(out[n]).toBeGreaterThan(out[n - 1]);
      expect(out[299]).toBeLessThanOrEqual(whole * (1 + 1e-12));
      const alone = new Float64Array(1);
      factor.fillSegment(alone, places, 123, 124, 77, segment);
      expect(alone[0]).toBe(out[123]);
    }
  });
});
