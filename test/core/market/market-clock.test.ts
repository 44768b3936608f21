import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { keyOfInstrument } from '../../../src/core/market/market.ts';
import { Factors } from '../../../src/core/market/models/factors.ts';
import type { MidModel } from '../../../src/core/market/models/model.ts';
import { modelOf } from '../../../src/core/market/models/models.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { marketOf } from '../../helpers/market.ts';

const DAY_MS = 86_400_000;

function modelFor(spec: object, parameters: object = {}) {
  const { spec: whole } = marketOf({
    seed: 5,
    count: 1,
    dtype: 'uint32',
    ...spec,
    defaults: { model: 'market', sector: 'x', ...parameters },
  });
  const [instrument] = whole.instruments;
  const scratch = new Scratch(whole.dtype);
  const factors = new Factors(whole.seed, whole.grid, scratch);
  const key = keyOfInstrument(whole.seed, instrument.symbol);
  return modelOf({ instrument, grid: whole.grid, key, scratch, factors }) as MidModel;
}

describe('the activity of the model market', () => {
  it.each([
    [{ interval: 1 }, {}],
    [{ interval: 99 }, { jumpsPerDay: 8 }],
    [{ interval: 1000 }, { weekend: 0.4, intraday: -0.2 }],
    [{ interval: 1000 }, { calendar: 'new-york' }],
    [{ interval: 60_000 }, { calendar: 'fx-week' }],
    [{ interval: 3_600_000, origin: '2026-01-01T09:17:03.123Z' }, { calendar: 'new-york' }],
    [
      { interval: DAY_MS / 4, origin: '2026-01-03T01:00:00Z' },
      { marketShare: 1, sectorShare: 0 },
    ],
  ])('goes forward, and is the same of one row as of a block: %o %o', (spec, parameters) => {
    const model = modelFor(spec, parameters);
    const other = modelFor(spec, parameters);
    const clock = new Float64Array(BLOCK_ROWS + 1);
    let end = Number.NaN;
    for (const block of [0, 1, 2, 700, 2 ** 20]) {
      model.fillClock(clock, block);
      if (block === 1 || block === 2) expect(clock[0]).toBe(end);
      end = clock[BLOCK_ROWS];
      let backwards = 0;
      for (let i = 0; i < BLOCK_ROWS; i++) if (!(clock[i + 1] >= clock[i])) backwards += 1;
      expect(backwards).toBe(0);
      for (let i = 0; i <= BLOCK_ROWS; i += 331) {
        expect(other.clockAt(block * BLOCK_ROWS + i)).toBe(clock[i]);
      }
    }
  });

  it('is one a row on average, over each age and at every interval', () => {
    for (const interval of [1, 1000, 60_000, DAY_MS]) {
      const model = modelFor({ interval });
      const rows = (1024 * DAY_MS) / interval;
      for (const age of [0, 1, 30]) {
        const gone = model.clockAt((age + 1) * rows) - model.clockAt(age * rows);
        expect(gone / rows).toBeCloseTo(1, 6);
      }
    }
  });

  it('is one for each row of a day of business where others are closed', () => {
    const model = modelFor({ interval: 1000 }, { calendar: 'new-york' });
    const week = (7 * DAY_MS) / 1000;
    // 1,024 days of business are 204.8 weeks; an age ends within.
    const gone = model.clockAt(2048 * week) - model.clockAt(0);
    expect(gone / ((2048 * 5 * DAY_MS) / 1000)).toBeCloseTo(1, 3);
  });

  it('stands still while it is closed, as prices do', () => {
    const spec = { interval: 60_000, origin: '2026-01-01T00:00:00Z' };
    const model = modelFor(spec, { calendar: 'new-york' });
    const { exponents, first } = model.midsOf(0);
    const prices = exponents.subarray(first, first + BLOCK_ROWS);
    // Friday 2 January, 21:00, to Monday 5 January, 14:30.
    const [close, open] = [(24 + 21) * 60, (4 * 24 + 14) * 60 + 30];
    expect(new Set(prices.subarray(close, open)).size).toBe(1);
    expect(prices[open]).not.toBe(prices[open - 1]);
    expect(model.clockAt(open - 1)).toBe(model.clockAt(close));
    expect(model.clockAt(open)).toBeGreaterThan(model.clockAt(open - 1) + 0.1 * 1440);
  });
});
