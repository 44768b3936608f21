import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { blockOf, logsOf, modelMarket, YEAR_MS } from './paths.ts';
import {
  correlationSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  varianceSigmas,
} from './statistics.ts';

const VOLATILITY = 0.3;

/** phi of a row, and the variance in the long run. */
function lawOf(interval: number, halfLife: number) {
  const pull = (Math.LN2 * interval) / halfLife;
  const variance = (VOLATILITY ** 2 * (halfLife / YEAR_MS)) / (2 * Math.LN2);
  return { pull, variance };
}

/**
 * How far each of `times` but the first is from what the one before it says, in its own standard
 * deviations: given the one before, y is normal with mean phi^n y and variance V (1 - phi^2n).
 * Odd columns are read from the end.
 */
function residualsAt(
  market: Market,
  column: number,
  times: readonly number[],
  { pull, variance }: { pull: number; variance: number },
): number[] {
  const logs = times.map(() => 0);
  const order = [...times.keys()];
  for (const n of column % 2 === 1 ? order.reverse() : order) {
    const fold = new Fold();
    market.fold(fold, column, times[n], times[n] + 1);
    logs[n] = Math.log(fold.open / market.instruments[column].startTicks);
  }
  return times.slice(1).map((time, n) => {
    const rows = time - times[n];
    const mean = Math.exp(-pull * rows) * logs[n];
    return (logs[n + 1] - mean) / Math.sqrt(variance * -Math.expm1(-2 * pull * rows));
  });
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
    for (const block of [0, 20, 900, 1020]) {
      const logs = logsOf(market, 0, block, 7);
      for (let i = 1; i < logs.length; i++) steps.push((logs[i] - phi * logs[i - 1]) / deviation);
    }
    expectStandardNormal(steps);
    for (const lag of [1, 2, 50]) {
      expect(Math.abs(correlationSigmas(steps.slice(lag), steps))).toBeLessThan(SIGMAS);
    }
  });

  it.each([
    ['from row to row', BLOCK_ROWS / 5],
    ['from block to block', 100 * BLOCK_ROWS],
    ['from era to era', 3 * ERA_ROWS],
  ])('goes on over blocks and eras by the law of any two rows: %s', (_what, halfLifeRows) => {
    const count = 110;
    const halfLife = halfLifeRows * 1000;
    const market = modelMarket('ou', { seed: 64, count }, { halfLife });
    const law = lawOf(1000, halfLife);
    // Where bridges end and begin: rows, blocks and eras, and the same places of the next era.
    const era = [0.5, 1 - 30 / ERA_BLOCKS, 1 - 1 / ERA_BLOCKS].map((part) => part * ERA_ROWS);
    const times = [0, ...era, ERA_ROWS - 2000, ERA_ROWS - 1, ERA_ROWS, ERA_ROWS + 1]
      .concat(era.map((row) => ERA_ROWS + row))
      .concat([2 * ERA_ROWS, 2 * ERA_ROWS + 2000, 2 * ERA_ROWS + BLOCK_ROWS]);
    const steps: number[][] = times.slice(1).map(() => []);
    for (let column = 0; column < count; column++) {
      const residuals = residualsAt(market, column, times, law);
      for (const [n, residual] of residuals.entries()) steps[n].push(residual);
    }
    expectStandardNormal(steps.flat());
    for (const [n, values] of steps.entries()) {
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
      for (const before of steps.slice(0, n)) {
        expect(Math.abs(correlationSigmas(values, before))).toBeLessThan(SIGMAS);
      }
    }
  });

  it('is the gbm of the same words while its half-life is far off', () => {
    // Of ten years, four eras of milliseconds are 19 hours: what is drawn back is 1e-4 of it.
    const spec = { seed: 65, interval: 1, count: 1 };
    const volatility = 3;
    const ou = modelMarket('ou', spec, { volatility, halfLife: 10 * YEAR_MS });
    const gbm = modelMarket('gbm', spec, { volatility, drift: volatility ** 2 / 2 });
    for (const block of [0, 1, 600, ERA_BLOCKS - 1, ERA_BLOCKS, 4 * ERA_BLOCKS]) {
      const logs = logsOf(gbm, 0, block, 1);
      const moved = volatility * Math.sqrt(((block + 1) * BLOCK_ROWS) / YEAR_MS);
      const worst = logsOf(ou, 0, block, 1).reduce(
        (most, log, i) => Math.max(most, Math.abs(log - logs[i])),
        0,
      );
      expect(worst / moved).toBeLessThan(1e-3);
    }
  });

  it('stands still without volatility', () => {
    const market = modelMarket('ou', { count: 1 }, { volatility: 0 });
    expect(new Set(blockOf(market, 0, 3000))).toEqual(new Set([2 ** 24]));
  });
});
