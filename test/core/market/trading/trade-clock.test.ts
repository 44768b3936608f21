import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../../src/core/market/grid.ts';
import { keyOfInstrument } from '../../../../src/core/market/market.ts';
import { TradeClock } from '../../../../src/core/market/trading/trade-clock.ts';

const key = keyOfInstrument(1, 'A');
const DAY_MS = 86_400_000;
const AGE_DAYS = 1024;
const INTERVALS = { '1 ms': 1, '250 ms': 250, '1 s': 1000, '1 m': 60_000, '1 h': 3_600_000 };
const GRIDS = Object.entries({ ...INTERVALS, '1 day': DAY_MS, '7 days': 7 * DAY_MS });

/** Rows whose activity goes up and down, and is whole again after each 8 rows. */
const uneven = {
  clockAt: (index: number) => index + [0, 0.5, 2, 2, 1.25, 0.125, 0, 0.875][index % 8],
  fillClock(out: Float64Array, block: number): void {
    for (let i = 0; i <= BLOCK_ROWS; i++) out[i] = this.clockAt(block * BLOCK_ROWS + i);
  },
};
/** That is never less than before. */
const paused = {
  clockAt: (index: number) => Math.floor(index / 16) * 16 + Math.min(8, index % 16) * 2,
  fillClock(out: Float64Array, block: number): void {
    for (let i = 0; i <= BLOCK_ROWS; i++) out[i] = this.clockAt(block * BLOCK_ROWS + i);
  },
};

/** Deviation of the waits between trades over their mean; trades of a row are as far apart. */
function spreadOfWaits(clock: TradeClock, blocks: number): number {
  const before = new Float64Array(BLOCK_ROWS + 1);
  let [sum, squares, count, last] = [0, 0, 0, -1];
  for (let block = 0; block < blocks; block++) {
    clock.fillBlock(before, block);
    for (let i = 0; i < BLOCK_ROWS; i++) {
      const trades = before[i + 1] - before[i];
      for (let n = 0; n < trades; n++) {
        const at = block * BLOCK_ROWS + i + (n + 0.5) / trades;
        if (last >= 0) {
          sum += at - last;
          squares += (at - last) ** 2;
          count += 1;
        }
        last = at;
      }
    }
  }
  return Math.sqrt(squares / count - (sum / count) ** 2) / (sum / count);
}

describe('a trade clock', () => {
  it.each([0.00001, 0.3, 1.7, 100, 1e5])('reads one row as a block: %d trades a row', (rate) => {
    for (const least of [0, 1]) {
      for (const model of [{}, paused]) {
        const clock = new TradeClock(model, key, rate, least, 1000);
        const out = new Float64Array(BLOCK_ROWS + 1);
        const rows = new Float64Array(BLOCK_ROWS + 1);
        // As far as trades are whole numbers.
        for (const block of [0, 1, 1023, 1024, 77_777, 2 ** 21 + 5]) {
          clock.fillBlock(out, block);
          for (const i of [0, 1, 2, 777, BLOCK_ROWS - 1, BLOCK_ROWS]) {
            expect(clock.before(block * BLOCK_ROWS + i)).toBe(out[i]);
          }
          let fewest = Number.POSITIVE_INFINITY;
          for (let i = 0; i < BLOCK_ROWS; i++) fewest = Math.min(fewest, out[i + 1] - out[i]);
          expect(fewest).toBeGreaterThanOrEqual(least);

          clock.fillBlock(rows, block, 7, 900);
          expect(rows.subarray(7, 900)).toEqual(out.subarray(7, 900));

          const activity = new Float64Array(BLOCK_ROWS + 4);
          for (let i = 0; i <= BLOCK_ROWS; i++) {
            const index = block * BLOCK_ROWS + i;
            activity[3 + i] = model === paused ? paused.clockAt(index) : index;
          }
          clock.fillRows(rows, activity, 3, block, 5, 4000);
          expect(rows.subarray(5, 4000)).toEqual(out.subarray(5, 4000));
        }
      }
    }
  });

  it('has no trades where nothing is active', () => {
    const clock = new TradeClock(paused, key, 50, 0, 1000);
    for (const index of [8, 24, 8 + 16 * 100_000]) {
      expect(clock.before(index + 8)).toBe(clock.before(index));
    }
  });

  it('begins with trade 0', () => {
    for (const model of [{}, uneven, paused]) {
      for (const rate of [0, 0.5, 1000]) {
        expect(new TradeClock(model, key, rate, 0, 1000).before(0)).toBe(0);
        expect(new TradeClock(model, key, rate, 1, 1000).before(0)).toBe(0);
      }
    }
  });

  it.each(GRIDS)('counts as many trades in an age as it should, rows of %s', (_, intervalMs) => {
    const rows = (AGE_DAYS * DAY_MS) / intervalMs;
    for (const perDay of [1, 2, 20, 172_800, 1e9]) {
      const rate = (perDay * intervalMs) / DAY_MS;
      for (const seed of [1, 2, 3, 4]) {
        const clock = new TradeClock({}, keyOfInstrument(seed, 'A'), rate, 0, intervalMs);
        for (const from of [0, rows, 10 * rows + Math.floor(rows / 3)]) {
          const trades = clock.before(from + Math.floor(rows)) - clock.before(from);
          expect(Math.abs(trades / (Math.floor(rows) * rate) - 1)).toBeLessThan(0.01);
        }
      }
    }
  });

  it('has a trade in each row where it must, and no fewer than these', () => {
    for (const rate of [0, 0.5, 1]) {
      expect(new TradeClock({}, key, rate, 1, 1000).before(123_456)).toBe(123_456);
    }
    const extra = new TradeClock({}, key, 1.5, 1, 1000).before(100_000_000) / 1e8;
    expect(extra).toBeCloseTo(1.5, 2);
  });

  it('has its bursts at the same times on every grid', () => {
    const minutes = new TradeClock({}, key, 120, 0, 60_000);
    const seconds = new TradeClock({}, key, 2, 0, 1000);
    const tenths = new TradeClock({}, key, 0.2, 0, 100);
    const spread = { apart: 0, all: 0 };
    for (let part = 0; part < 2000; part++) {
      const [from, next] = [part * 600, (part + 1) * 600];
      const own = seconds.before(next) - seconds.before(from);
      const others = minutes.before(next / 60) - minutes.before(from / 60);
      spread.apart += (own - others) ** 2;
      spread.all += (own - 1200) ** 2;
      // A second is 16 cells of the finer grid, and a row of the other.
      expect(Math.abs(tenths.before(10 * next) - seconds.before(next))).toBeLessThanOrEqual(1);
    }
    // Rows of a minute begin within the shortest cells of their grid: less is known of these.
    expect(spread.apart / spread.all).toBeLessThan(0.01);
  });

  it('has waits as uneven as real ones', () => {
    const waits = [1.3, 1.7, 3].map((rate) =>
      spreadOfWaits(new TradeClock({}, key, rate, 0, 1000), 10),
    );
    for (const [n, real] of [1.75, 1.83, 2.01].entries()) {
      expect(Math.abs(waits[n] - real)).toBeLessThan(0.15);
    }
    // Few trades, on coarse grids: as uneven as if they came at random, or nearly.
    for (const [perDay, intervalMs] of [
      [24, 60_000],
      [24, 3_600_000],
      [1, 3_600_000],
      [1440, 1000],
    ]) {
      const clock = new TradeClock({}, key, (perDay * intervalMs) / DAY_MS, 0, intervalMs);
      const spread = spreadOfWaits(clock, intervalMs > 1000 ? 20 : 80);
      expect(spread).toBeGreaterThan(0.9);
      expect(spread).toBeLessThan(1.4);
    }
  });
});
