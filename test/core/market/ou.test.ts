import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import { blockOf, logAt, logsOf, modelMarket, YEAR_MS } from './paths.ts';
import {
  correlationSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  varianceSigmas,
} from './statistics.ts';

const ERA_ROWS = ERA_BLOCKS * BLOCK_ROWS;
const VOLATILITY = 0.3;

/** phi of a row, and the variance in the long run. */
function lawOf(interval: number, halfLife: number) {
  const pull = (Math.LN2 * interval) / halfLife;
  const variance = (VOLATILITY ** 2 * (halfLife / YEAR_MS)) / (2 * Math.LN2);
  return { pull, variance };
}

function expectStandardNormal(values: readonly number[]): void {
  expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
}

describe('an ou', () => {
  it.each([
    { interval: 60_000, halfLife: 600_000 },
    { interval: 60_000, halfLife: 86_400_000 },
    { interval: 60_000, halfLife: 40 * 86_400_000 },
    { interval: 3_600_000, halfLife: 60_000 },
  ])('steps by rows as its law says: %j', ({ interval, halfLife }) => {
    const market = modelMarket('ou', { seed: 61, interval, count: 1 }, { halfLife });
    const { pull, variance } = lawOf(interval, halfLife);
    const phi = Math.exp(-pull);
    const deviation = Math.sqrt(variance * -Math.expm1(-2 * pull));
    const steps: number[] = [];
    for (const block of [0, 2, 900]) {
      const logs = logsOf(market, 0, block, 2);
      for (let i = 1; i < logs.length; i++) steps.push((logs[i] - phi * logs[i - 1]) / deviation);
    }
    expectStandardNormal(steps);
    for (const lag of [1, 2, 50]) {
      expect(Math.abs(correlationSigmas(steps.slice(lag), steps))).toBeLessThan(SIGMAS);
    }
  });

  it('is drawn to the start price from a block, an era and several eras away', () => {
    const interval = 3_600_000;
    for (const [rows, halfLifeRows] of [
      [BLOCK_ROWS, BLOCK_ROWS / 3],
      [ERA_ROWS, 20_000],
      [ERA_ROWS, 80_000],
    ]) {
      const count = 100;
      const halfLife = halfLifeRows * interval;
      const market = modelMarket('ou', { seed: 62, interval, count }, { halfLife });
      const { pull, variance } = lawOf(interval, halfLife);
      const phi = Math.exp(-pull * rows);
      const deviation = Math.sqrt(variance * -Math.expm1(-2 * pull * rows));
      const [first, second, ends]: number[][] = [[], [], []];
      for (let column = 0; column < count; column++) {
        const at = [0, rows, 2 * rows].map((index) => logAt(market, column, index));
        first.push((at[1] - phi * at[0]) / deviation);
        second.push((at[2] - phi * at[1]) / deviation);
        ends.push(at[2] / Math.sqrt(variance * -Math.expm1(-4 * pull * rows)));
      }
      for (const values of [first, second, ends]) expectStandardNormal(values);
      expect(Math.abs(correlationSigmas(first, second))).toBeLessThan(SIGMAS);
    }
  });

  it('is a bridge between the starts of blocks and of eras: its middle given its ends', () => {
    const interval = 3_600_000;
    for (const [rows, halfLifeRows] of [
      [BLOCK_ROWS, BLOCK_ROWS / 2],
      [ERA_ROWS, 60_000],
    ]) {
      const count = 100;
      const halfLife = halfLifeRows * interval;
      const market = modelMarket('ou', { seed: 63, interval, count }, { halfLife });
      const { pull, variance } = lawOf(interval, halfLife);
      const values: number[] = [];
      for (let column = 0; column < count; column++) {
        const [a, b, c] = [1, 1.5, 2].map((part) => logAt(market, column, part * rows));
        // Given both ends, halfway: phi (a + c) / (1 + phi^2) and variance (1 - phi^2) / (1 + phi^2)
        // of the long run's, with phi over half of the way.
        const phi = Math.exp((-pull * rows) / 2);
        const mean = (phi * (a + c)) / (1 + phi ** 2);
        const deviation = Math.sqrt((variance * (1 - phi ** 2)) / (1 + phi ** 2));
        values.push((b - mean) / deviation);
      }
      expectStandardNormal(values);
    }
  });

  it('stands still without volatility', () => {
    const market = modelMarket('ou', { count: 1 }, { volatility: 0 });
    expect(new Set(blockOf(market, 0, 3000))).toEqual(new Set([2 ** 24]));
  });
});
