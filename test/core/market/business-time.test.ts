import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { BusinessTime } from '../../../src/core/market/models/business-time.ts';
import { Day } from '../../../src/core/market/models/day.ts';
import { PURPOSE } from '../../../src/core/market/models/purpose.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { SubordinatedBrownian } from '../../../src/core/market/models/subordinated.ts';
import {
  correlationSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  sequence,
  varianceSigmas,
} from './statistics.ts';

const DAY_MS = 86_400_000;
/** What the clock's levels can add to its speed, coarsest first: `DEPTHS` of clock.ts. */
const DEPTHS = [0.35, 0.35, 0.4, 0.55, 0.8, 0.95, 0.95, 0.95, 0.8];
const LENGTHS = [1_048_583, 262_147, 65_537, 16_411, 4099, 1031, 257, 67, 17];

function clockOf(seed: number, { clustering = 1, depth = 0, intervalMs = 1000 } = {}) {
  const scratch = new Scratch('uint16');
  const day = new Day({ originMs: 1_767_225_600_000 + 12_345, intervalMs }, depth);
  return {
    businessTime: new BusinessTime({ k0: seed, k1: 77 }, clustering, day, scratch),
    day,
    scratch,
  };
}

function shownBy(businessTime: BusinessTime, block: number): Float64Array {
  const shown = new Float64Array(BLOCK_ROWS + 1);
  businessTime.fillBlock(shown, block);
  return shown;
}

/** The variance of each row of a block. */
function speeds(shown: Float64Array): Float64Array {
  return shown.subarray(1).map((value, i) => value - shown[i]);
}

describe('a clock', () => {
  it('shows at the ends of blocks what it shows at their starts, in eras near and far', () => {
    const { businessTime } = clockOf(1, { depth: 0.9 });
    for (const era of [0, 1, 700, 2 ** 22 - 2]) {
      const starts = businessTime.starts(era);
      expect(businessTime.startOf(era)).toBe(starts[0]);
      // The same moment, told from the next era's start.
      expect(starts[ERA_BLOCKS] - ERA_ROWS).toBeCloseTo(businessTime.startOf(era + 1), 6);
      for (const k of [0, 1, 511, 1023]) {
        const shown = shownBy(businessTime, era * ERA_BLOCKS + k);
        expect(shown[0]).toBeCloseTo(starts[k], 6);
        expect(shown[BLOCK_ROWS]).toBeCloseTo(starts[k + 1], 6);
      }
    }
  });

  it('goes forward, at no more than the speed its levels add up to', () => {
    const most = DEPTHS.reduce((speed, depth) => speed * (1 + depth), 1);
    for (let block = 0; block < 40; block++) {
      const rates = speeds(shownBy(clockOf(2, { clustering: 1 }).businessTime, block * 37));
      expect(Math.min(...rates)).toBeGreaterThan(0);
      expect(Math.max(...rates)).toBeLessThan(most);
    }
  });

  it('keeps time: it is never off by more than half a depth of each cell', () => {
    const reach = LENGTHS.reduce((sum, length, n) => sum + (DEPTHS[n] * length) / 2, 0);
    for (let seed = 0; seed < 20; seed++) {
      const starts = clockOf(seed).businessTime.starts(seed);
      for (const [k, shown] of starts.entries()) {
        expect(Math.abs(shown - k * BLOCK_ROWS)).toBeLessThan(reach);
      }
    }
  });

  it('is the same whatever was read before, and block by block', () => {
    const used = clockOf(3, { depth: 0.4 });
    const random = sequence(4);
    for (let n = 0; n < 50; n++) {
      const block = Math.floor(random() * 5000);
      const fresh = clockOf(3, { depth: 0.4 });
      expect(shownBy(used.businessTime, block)).toEqual(shownBy(fresh.businessTime, block));
    }
  });

  it('runs at a speed of 1 on average at every place of a block', () => {
    // Speeds of a row over many clocks and blocks are independent enough: levels differ in phase.
    const businessTimes = 1500;
    const places = [0, 1, 2, 3, 5, 100, 8191, 8192, 12_000, 16_380, 16_382, 16_383];
    const sums = places.map(() => ({ sum: 0, squares: 0, fourth: 0 }));
    for (let seed = 0; seed < businessTimes; seed++) {
      const rates = speeds(shownBy(clockOf(seed).businessTime, 3 + (seed % 900)));
      for (const [n, place] of places.entries()) {
        sums[n].sum += rates[place];
        sums[n].squares += rates[place] ** 2;
        sums[n].fourth += rates[place] ** 4;
      }
    }
    // A level's speed is 1 + s, s uniform on (-d, d): its mean square is 1 + d^2 / 3, and that of
    // the clock the product. A row over a kink has a little less: 2 / 17 of them, by half at most.
    const square = DEPTHS.reduce((product, depth) => product * (1 + depth ** 2 / 3), 1);
    for (const { sum, squares, fourth } of sums) {
      const spread = Math.sqrt((square - 1) / businessTimes);
      expect(Math.abs(sum / businessTimes - 1)).toBeLessThan(SIGMAS * spread);
      const squareSpread =
        Math.sqrt(fourth / businessTimes - (squares / businessTimes) ** 2) /
        Math.sqrt(businessTimes);
      expect(squares / businessTimes).toBeLessThan(square + SIGMAS * squareSpread);
      expect(squares / businessTimes).toBeGreaterThan(square * 0.92 - SIGMAS * squareSpread);
    }
  });

  it('runs evenly without clustering, and by the U of the day where there is one', () => {
    const flat = speeds(shownBy(clockOf(5, { clustering: 0 }).businessTime, 8));
    expect(flat.every((rate) => rate === 1)).toBe(true);
    const { businessTime } = clockOf(5, { clustering: 0, depth: 0.5 });
    const [first, , fourth] = [0, 1, 2, 3, 4, 5].map((block) =>
      speeds(shownBy(businessTime, block)),
    );
    // 12.345 s after midnight; 1 + 0.5 (12 (u - 1/2)^2 - 1) is 2 there and 0.5 at noon.
    expect(first[0]).toBeCloseTo(2, 1);
    expect(fourth[43_200 - 2 * BLOCK_ROWS]).toBeCloseTo(0.5, 2);
    let day = 0;
    for (let block = 0; block < 6; block++) {
      for (const [i, rate] of speeds(shownBy(businessTime, block)).entries()) {
        if (block * BLOCK_ROWS + i < 86_400) day += rate;
      }
    }
    // A day takes as long as it is.
    expect(day).toBeCloseTo(86_400, 0);
  });

  it.each([1, 250, 1000, 60_000, 3_600_000, DAY_MS, 7 * DAY_MS])(
    'keeps the days of an interval of %i ms',
    (intervalMs) => {
      const { businessTime } = clockOf(6, { clustering: 0, depth: 0.9, intervalMs });
      const starts = businessTime.starts(2 ** 22 - 2);
      const reach = intervalMs < DAY_MS ? (0.9 * 0.2 * DAY_MS) / intervalMs : 1e-6;
      for (const [k, shown] of starts.entries()) {
        expect(Math.abs(shown - k * BLOCK_ROWS)).toBeLessThanOrEqual(reach);
      }
    },
  );
});

describe('Brownian motion in the time of a clock', () => {
  function pathOf(seed: number, options = {}) {
    const { businessTime, day, scratch } = clockOf(seed, { depth: 0.35, ...options });
    const path = new SubordinatedBrownian(
      { k0: 99, k1: seed },
      PURPOSE,
      businessTime,
      day,
      scratch,
    );
    const block = (number: number) => {
      const shown = shownBy(businessTime, number);
      const values = new Float64Array(BLOCK_ROWS + 1);
      path.fillBlock(values, shown, number);
      return { shown, values };
    };
    return { businessTime, block };
  }

  function expectStandardNormal(values: readonly number[]): void {
    expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
    expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
    expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
  }

  it('moves by independent normal steps of the clock’s variance', () => {
    const { block } = pathOf(11);
    const steps: number[] = [];
    for (const number of [0, 1, 1023, 5000]) {
      const { shown, values } = block(number);
      for (let i = 0; i < BLOCK_ROWS; i++) {
        steps.push((values[i + 1] - values[i]) / Math.sqrt(shown[i + 1] - shown[i]));
      }
    }
    expectStandardNormal(steps);
    for (const lag of [1, 2, 17, 100]) {
      expect(Math.abs(correlationSigmas(steps.slice(lag), steps))).toBeLessThan(SIGMAS);
    }
  });

  it('goes on over the ends of blocks and eras without a step', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { block } = pathOf(seed);
      for (const number of [1, 2, 1023, 1024, 2048, 70_000]) {
        const end = block(number - 1).values[BLOCK_ROWS];
        expect(block(number).values[0]).toBeCloseTo(end, 6);
      }
    }
  });

  it('adds N(0, v) over blocks, halves of eras and eras, independently', () => {
    const [blocks, halves, eras]: number[][] = [[], [], []];
    for (let seed = 0; seed < 150; seed++) {
      const { businessTime, block } = pathOf(1000 + seed);
      const at = (number: number) => block(number).values[0];
      const shownAt = (era: number, k: number) => era * ERA_ROWS + businessTime.starts(era)[k];
      const step = (a: readonly [number, number], b: readonly [number, number]) => {
        const moved = at(b[0] * ERA_BLOCKS + b[1]) - at(a[0] * ERA_BLOCKS + a[1]);
        return moved / Math.sqrt(shownAt(...b) - shownAt(...a));
      };
      blocks.push(step([0, 5], [0, 6]), step([3, 1023], [4, 0]), step([4, 0], [4, 1]));
      halves.push(step([0, 0], [0, 512]), step([0, 512], [1, 0]), step([1, 0], [1, 512]));
      eras.push(step([1, 0], [2, 0]), step([2, 0], [3, 0]), step([3, 0], [4, 0]));
    }
    for (const values of [blocks, halves, eras]) {
      expectStandardNormal(values);
      const pairs = values.filter((_, n) => n % 3 < 2);
      const [a, b] = [pairs.filter((_, n) => n % 2 === 0), pairs.filter((_, n) => n % 2 === 1)];
      expect(Math.abs(correlationSigmas(a, b))).toBeLessThan(SIGMAS);
    }
  });

  it('is the same in whatever order eras are read', () => {
    const order = [9, 2, 5, 0, 7];
    const read = (numbers: readonly number[]) => {
      const { block } = pathOf(12);
      return numbers.map((era) => block(era * ERA_BLOCKS + 3).values);
    };
    const [mixed, sorted] = [read(order), read([...order].sort())];
    for (const [n, era] of order.entries()) {
      expect(mixed[n]).toEqual(sorted[[...order].sort().indexOf(era)]);
    }
  });
});
