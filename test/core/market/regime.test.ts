import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { keyOfInstrument } from '../../../src/core/market/market.ts';
import { Factors } from '../../../src/core/market/models/factors.ts';
import type { Model } from '../../../src/core/market/models/model.ts';
import { modelOf } from '../../../src/core/market/models/models.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { averageSigmas, blockOf, differences, logsOf, modelMarket, YEAR_MS } from './paths.ts';
import {
  correlationSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  uniformSigmas,
  varianceSigmas,
} from './statistics.ts';

const ROW = Math.sqrt(1000 / YEAR_MS);
/** Ten times as restless in a storm. */
const TELLING = { calmVolatility: 0.05, stormVolatility: 0.5, calmDrift: 0, stormDrift: 0 };

/** One instrument's regimes and logarithms, a row every second. */
class Path {
  readonly #model: Model;
  readonly #start: number;
  readonly #prices = new Float64Array(BLOCK_ROWS);
  readonly #states = new Float64Array(BLOCK_ROWS);
  readonly #law: { readonly growth: number; readonly variance: number }[];

  constructor(seed: number, parameters: Readonly<Record<string, number | string>>) {
    const market = modelMarket('regime', { seed, count: 1 }, parameters);
    const [instrument] = market.instruments;
    const scratch = new Scratch('float64');
    this.#model = modelOf({
      instrument,
      grid: market.grid,
      key: keyOfInstrument(seed, instrument.symbol),
      scratch,
      factors: new Factors(seed, market.grid, scratch),
    }) as Model;
    this.#start = Math.log(instrument.startTicks);
    this.#law = ['calm', 'storm'].map((regime) => {
      const volatility = Number(parameters[`${regime}Volatility`]);
      const growth = (Number(parameters[`${regime}Drift`]) - volatility ** 2 / 2) * ROW ** 2;
      return { growth, variance: (volatility * ROW) ** 2 };
    });
  }

  /** The activity of each row of a block; the same array each time. */
  activityOf(block: number): Float64Array {
    this.#model.fillActivity!(this.#states, block);
    return this.#states;
  }

  /** The rows of a block: 0 in calm, 1 in a storm; the same array each time. */
  statesOf(block: number): Float64Array {
    const states = this.activityOf(block);
    for (let i = 0; i < states.length; i++) states[i] = states[i] > 1 ? 1 : 0;
    return states;
  }

  stateAt(index: number): number {
    return this.activityOf(Math.floor(index / BLOCK_ROWS))[index % BLOCK_ROWS] > 1 ? 1 : 0;
  }

  /** How many rows of storm there are in a block. */
  stormsIn(block: number): number {
    const states = this.statesOf(block);
    let storms = 0;
    for (let i = 0; i < states.length; i++) storms += states[i];
    return storms;
  }

  /** The logarithm of each price of a block, less that of the start price. */
  logsOf(block: number): Float64Array {
    this.#model.fillBlock(this.#prices, block);
    return Float64Array.from(this.#prices, (price) => Math.log(price) - this.#start);
  }

  logAt(index: number): number {
    this.#model.fillBlock(this.#prices, Math.floor(index / BLOCK_ROWS));
    return Math.log(this.#prices[index % BLOCK_ROWS]) - this.#start;
  }

  /** How far `moved` is from what so many rows of each regime say: its mean and variance. */
  surpriseOf(moved: number, calm: number, storm: number) {
    const [a, b] = this.#law;
    return {
      by: moved - (calm * a.growth + storm * b.growth),
      variance: calm * a.variance + storm * b.variance,
    };
  }
}

function expectStandardNormal(values: readonly number[]): void {
  expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
}

describe('regimes', () => {
  it.each([
    { calm: 2400, storm: 600 },
    { calm: 40, storm: 32 },
  ])('last for geometric times, one after the other: %j', ({ calm, storm }) => {
    const times = { calmTime: calm * 1000, stormTime: storm * 1000 };
    const path = new Path(91, { ...TELLING, ...times });
    const rows: number[][] = [[], []];
    // Over the end of an era.
    let [began, before] = [-1, -1];
    for (let block = ERA_BLOCKS - 60; block < ERA_BLOCKS + 60; block++) {
      for (const [i, state] of path.statesOf(block).entries()) {
        if (state === before) continue;
        const index = block * BLOCK_ROWS + i;
        if (began >= 0) rows[before].push(index - began);
        if (before >= 0) began = index;
        before = state;
      }
    }
    const uniforms = [calm, storm].map((mean, state) => {
      expect(rows[state].length).toBeGreaterThan(500);
      expect(Math.abs(averageSigmas(rows[state], mean))).toBeLessThan(SIGMAS);
      // P(time <= t) of a geometric time, spread over its step so that it is uniform.
      const stay = 1 - 1 / mean;
      const places = rows[state].map((t) => {
        const part = (t * 0.618_034) % 1;
        return 1 - (part * stay ** (t - 1) + (1 - part) * stay ** t);
      });
      // Times of a few rows fill cells by steps: those are told by their mean.
      if (mean > 100) expect(Math.abs(uniformSigmas(places, 16))).toBeLessThan(SIGMAS);
      return places.map((place) => (place - 0.5) * Math.sqrt(12));
    });
    const pairs = Math.min(...uniforms.map(({ length }) => length)) - 1;
    for (const [one, other] of [uniforms, uniforms.toReversed()]) {
      expect(Math.abs(correlationSigmas(one.slice(1, pairs), other))).toBeLessThan(SIGMAS);
    }
  });

  it('have their share of every row, and forget as a chain does, over the end of an era', () => {
    // A quarter of storm; two rows n apart are alike by more than chance by (1 - p - q)^n.
    const parameters = { ...TELLING, calmTime: '6h', stormTime: '2h' };
    const lag = 3000;
    const kept = (1 - 1 / 21_600 - 1 / 7200) ** lag;
    const places = [0, ERA_ROWS - lag, ERA_ROWS - 1, ERA_ROWS, ERA_ROWS + lag]
      // The same place of two eras.
      .concat([0.5, 1.5].map((part) => part * ERA_ROWS));
    const states: number[][] = places.map(() => []);
    for (let seed = 0; seed < 200; seed++) {
      const path = new Path(9000 + seed, parameters);
      for (const [n, index] of places.entries()) states[n].push(path.stateAt(index));
    }
    for (const values of states) {
      expect(Math.abs(averageSigmas(values, 0.25))).toBeLessThan(SIGMAS);
    }
    const [, before, last, first, after, middle, next] = states;
    const memoryOf = (one: readonly number[], other: readonly number[], expected: number) => {
      const products = one.map((state, n) => (state - 0.25) * (other[n] - 0.25));
      return averageSigmas(products, 0.25 * 0.75 * expected);
    };
    expect(Math.abs(memoryOf(before, first, kept))).toBeLessThan(SIGMAS);
    expect(Math.abs(memoryOf(first, after, kept))).toBeLessThan(SIGMAS);
    expect(Math.abs(memoryOf(middle, next, 0))).toBeLessThan(SIGMAS);
    // One change in 14,400 rows on average.
    expect(first.filter((state, n) => state !== last[n]).length).toBeLessThan(2);
  });

  it('may last for longer than an era', () => {
    const parameters = { ...TELLING, calmTime: '52w', stormTime: '52w' };
    let [storms, changes] = [0, 0];
    for (let seed = 0; seed < 300; seed++) {
      const path = new Path(9500 + seed, parameters);
      const [one, other] = [2, 3].map((era) => path.stateAt(era * ERA_ROWS));
      storms += one;
      changes += one === other ? 0 : 1;
    }
    // P(another regime an era later) = (1 - exp(-2 era / time)) / 2 = 0.328 at 194 days of 364.
    const p = (1 - Math.exp((-2 * ERA_ROWS) / (364 * 86_400))) / 2;
    expect(Math.abs(storms - 150)).toBeLessThan(SIGMAS * Math.sqrt(75));
    expect(Math.abs(changes - 300 * p)).toBeLessThan(SIGMAS * Math.sqrt(300 * p * (1 - p)));
  });

  it('decide the variance of rows: normal in calm and in storm', () => {
    const path = new Path(92, { ...TELLING, calmTime: '2h', stormTime: '2h' });
    const steps: number[][] = [[], []];
    for (const block of [0, 4, 700, ERA_BLOCKS - 1, ERA_BLOCKS]) {
      const states = path.statesOf(block);
      for (const [i, step] of differences(path.logsOf(block)).entries()) {
        const { by, variance } = path.surpriseOf(step, 1 - states[i], states[i]);
        // A tick is a hundredth of a step of the calm.
        steps[states[i]].push(by / Math.sqrt(variance));
      }
    }
    for (const values of steps) {
      expect(values.length).toBeGreaterThan(10_000);
      expectStandardNormal(values);
      expect(Math.abs(correlationSigmas(values.slice(1), values))).toBeLessThan(SIGMAS);
    }
  });

  it.each([0.5, 0.06])(
    'decide what stretches of rows add, whatever else is in their blocks: %d',
    (stormVolatility) => {
      // Five or six regimes to a block, of drifts that show: 4 deviations a stretch of calm.
      const times = { calmTime: '50m', stormTime: '50m' };
      const drifts = { calmDrift: 20, stormDrift: -20 };
      const parameters = { ...TELLING, ...times, ...drifts, stormVolatility };
      const [stretches, calms]: number[][] = [[], []];
      for (let seed = 0; seed < 25; seed++) {
        const path = new Path(93 + seed, parameters);
        for (const block of [1, ERA_BLOCKS - 2, ERA_BLOCKS - 1, ERA_BLOCKS]) {
          const states = path.statesOf(block);
          const logs = path.logsOf(block);
          const calm = { by: 0, variance: 0 };
          for (let from = 0, i = 1; i < BLOCK_ROWS; i++) {
            if (states[i] === states[from] && i < BLOCK_ROWS - 1) continue;
            const storm = states[from] * (i - from);
            const surprise = path.surpriseOf(logs[i] - logs[from], i - from - storm, storm);
            stretches.push(surprise.by / Math.sqrt(surprise.variance));
            if (storm === 0) {
              calm.by += surprise.by;
              calm.variance += surprise.variance;
            }
            from = i;
          }
          // What is missing in a block must not fall on its calm.
          if (calm.variance > 0) calms.push(calm.by / Math.sqrt(calm.variance));
        }
      }
      expectStandardNormal(stretches);
      expectStandardNormal(calms);
    },
  );

  it.each([0.5, 0.06])(
    'decide what blocks add, whatever else is in their era: %d',
    (stormVolatility) => {
      const times = { calmTime: '20d', stormTime: '20d' };
      const drifts = { calmDrift: 10, stormDrift: -10 };
      const parameters = { ...TELLING, ...times, ...drifts, stormVolatility };
      const step = 16;
      const [stretches, calms]: number[][] = [[], []];
      for (let seed = 0; seed < 3; seed++) {
        const path = new Path(940 + seed, parameters);
        const calm = { by: 0, variance: 0 };
        // From the last quarter of an era to the end of the first of the next.
        let block = 0.75 * ERA_BLOCKS;
        let before = path.logAt(block * BLOCK_ROWS);
        for (; block < 1.25 * ERA_BLOCKS; block += step) {
          let storm = 0;
          for (let n = 0; n < step; n++) storm += path.stormsIn(block + n);
          const log = path.logAt((block + step) * BLOCK_ROWS);
          const surprise = path.surpriseOf(log - before, step * BLOCK_ROWS - storm, storm);
          stretches.push(surprise.by / Math.sqrt(surprise.variance));
          if (storm === 0) {
            calm.by += surprise.by;
            calm.variance += surprise.variance;
          }
          before = log;
        }
        if (calm.variance > 0) calms.push(calm.by / Math.sqrt(calm.variance));
      }
      expectStandardNormal(stretches);
      expect(Math.abs(varianceSigmas(calms))).toBeLessThan(SIGMAS);
      expect(Math.abs(correlationSigmas(stretches.slice(1), stretches))).toBeLessThan(SIGMAS);
    },
  );

  it('decide what an era adds', () => {
    // Of an era without a change, as nearly all of them are. There and back inside a quarter of one
    // is less than one era in 3,000.
    const parameters = { ...TELLING, calmTime: '520w', stormTime: '520w', stormDrift: 5 };
    const eras: number[] = [];
    for (let seed = 0; seed < 130; seed++) {
      const path = new Path(9900 + seed, parameters);
      for (const era of [0, 2]) {
        const from = era * ERA_ROWS;
        let storms = 0;
        for (let n = 0; n <= 4; n++) storms += path.stateAt(from + (n * ERA_ROWS) / 4);
        if (storms !== 0 && storms !== 5) continue;
        const moved = path.logAt(from + ERA_ROWS) - path.logAt(from);
        const storm = storms === 0 ? 0 : ERA_ROWS;
        const { by, variance } = path.surpriseOf(moved, ERA_ROWS - storm, storm);
        eras.push(by / Math.sqrt(variance));
      }
    }
    expect(eras.length).toBeGreaterThan(200);
    expectStandardNormal(eras);
  });

  it('show in the activity of rows: the variance of each in that of the long run', () => {
    const path = new Path(94, { ...TELLING, calmTime: '8h', stormTime: '1h' });
    const mean = (8 * 0.05 ** 2 + 0.5 ** 2) / 9;
    const found = new Set(
      Array.from({ length: 20 }, (_, block) => [...path.activityOf(block)]).flat(),
    );
    const [calm, storm] = [...found].sort((a, b) => a - b);
    expect(found.size).toBe(2);
    expect(calm).toBeCloseTo(0.05 ** 2 / mean, 9);
    expect(storm).toBeCloseTo(0.5 ** 2 / mean, 9);
  });

  it('are a gbm of the same words where both are alike', () => {
    const alike = { calmVolatility: 0.6, stormVolatility: 0.6, calmDrift: 2, stormDrift: 2 };
    const regime = modelMarket('regime', { seed: 95, count: 1 }, alike);
    const gbm = modelMarket('gbm', { seed: 95, count: 1 }, { volatility: 0.6, drift: 2 });
    for (const block of [0, 1, 1024, 5000]) {
      const logs = logsOf(regime, 0, block, 1);
      // Two roundings to ticks of 6e-8, of a price that may be lower by now.
      const worst = logsOf(gbm, 0, block, 1).reduce(
        (most, log, i) => Math.max(most, Math.abs(log - logs[i]) * Math.exp(log)),
        0,
      );
      expect(worst).toBeLessThan(1.2e-7);
    }
  });

  it('stand still without volatility and drift', () => {
    const still = { calmVolatility: 0, stormVolatility: 0, calmDrift: 0, stormDrift: 0 };
    const market = modelMarket('regime', { count: 1 }, still);
    expect(new Set(blockOf(market, 0, 3000))).toEqual(new Set([2 ** 24]));
  });
});
