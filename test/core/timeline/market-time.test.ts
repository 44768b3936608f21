import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headAt, timeOf } from '../../../src/core/market/grid.ts';
import {
  changedAt,
  checkClockChange,
  clockProblem,
} from '../../../src/core/timeline/clock-change.ts';
import { type Anchor, MarketTime, MOST_SPEED } from '../../../src/core/timeline/market-time.ts';

/** Speeds with a fraction that binary numbers do not have, too. */
const speeds = fc.oneof(
  fc.constantFrom(0, 0.001, 0.1, 1, 1.7, 60, MOST_SPEED),
  fc.double({ min: 0.001, max: MOST_SPEED, noNaN: true }),
);

/** Anchors as a log has them: some where the map arrives by itself, some that jump. */
const anchorLists = fc
  .array(fc.record({ hostMs: fc.nat(5000), marketMs: fc.nat(100_000), speed: speeds }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((steps) => {
    const at = { hostMs: 1_790_000_000_000, marketMs: 2_000_000_000_000 };
    return steps.map(({ hostMs, marketMs, speed }): Anchor => {
      at.hostMs += hostMs;
      at.marketMs += marketMs;
      return { ...at, speed };
    });
  });

describe('market time', () => {
  it('is that of the host, as long as nobody says otherwise', () => {
    const time = new MarketTime();
    fc.assert(
      fc.property(fc.integer({ min: -1e14, max: 1e14 }), (ms) => {
        expect(time.marketMs(ms)).toBe(ms);
        expect(time.hostMs(ms)).toBe(ms);
      }),
    );
  });

  it('never runs backwards, and is in whole milliseconds', () => {
    fc.assert(
      fc.property(anchorLists, fc.array(fc.nat(40_000_000), { minLength: 2 }), (anchors, waits) => {
        const time = new MarketTime(anchors);
        const from = anchors[0]!.hostMs - 10_000;
        let before = Number.NEGATIVE_INFINITY;
        for (const wait of waits.sort((a, b) => a - b)) {
          const now = time.marketMs(from + wait / 1000);
          expect(Number.isInteger(now)).toBe(true);
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
      }),
    );
  });

  it('goes at the speed of its newest anchor, from its time on', () => {
    fc.assert(
      fc.property(anchorLists, fc.nat(1_000_000), (anchors, ms) => {
        const time = new MarketTime(anchors);
        const { hostMs, marketMs, speed } = time.newest;
        expect(time.marketMs(hostMs + ms)).toBe(Math.floor(marketMs + ms * speed));
      }),
    );
  });

  it('says when the host gets to a time of it first', () => {
    fc.assert(
      fc.property(anchorLists, fc.integer({ min: -1e6, max: 1e8 }), (anchors, ms) => {
        const time = new MarketTime(anchors);
        const marketMs = anchors[0]!.marketMs + ms;
        const hostMs = time.hostMs(marketMs);
        if (hostMs === Number.POSITIVE_INFINITY) {
          expect(time.newest.speed).toBe(0);
          expect(time.newest.marketMs).toBeLessThan(marketMs);
          return;
        }
        if (hostMs === Number.NEGATIVE_INFINITY) {
          expect(time.marketMs(anchors[0]!.hostMs - 1e12)).toBeGreaterThanOrEqual(marketMs);
          return;
        }
        expect(time.marketMs(hostMs)).toBeGreaterThanOrEqual(marketMs);
        expect(time.marketMs(hostMs - 1)).toBeLessThan(marketMs);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [{ hostMs: 9, marketMs: 20, speed: 1 }],
    [{ hostMs: 11, marketMs: 19, speed: 1 }],
    [{ hostMs: 11, marketMs: 20, speed: -1 }],
    [{ hostMs: 11, marketMs: 20, speed: MOST_SPEED + 1 }],
    [{ hostMs: Number.NaN, marketMs: 20, speed: 1 }],
  ])('takes no anchor that would have it run backwards, or at no speed: %j', (anchor) => {
    const time = new MarketTime([{ hostMs: 10, marketMs: 20, speed: 1 }]);
    expect(() => time.add(anchor)).toThrow(RangeError);
    expect(time.anchors).toHaveLength(1);
  });
});

const changes = fc.oneof(
  speeds.map((speed) => ({ speed })),
  fc.boolean().map((paused) => ({ paused })),
  fc.integer({ min: 1, max: 100 }).map((stepRows) => ({ stepRows })),
  fc.integer({ min: 1, max: 100_000 }).map((stepMs) => ({ stepMs })),
);

describe('a change of the clock', () => {
  const grid = { originMs: 1_700_000_000_000, intervalMs: 1000 };

  it('moves no row before the one that it is for: whoever hears of it late has the same', () => {
    const steps = fc.array(fc.record({ change: changes, waitMs: fc.nat(3000), lead: fc.nat(50) }));
    fc.assert(
      fc.property(steps, speeds, (all, speed) => {
        let hostMs = 1_790_000_000_000;
        const anchors: Anchor[] = [{ hostMs, marketMs: 1_750_000_000_123, speed }];
        const time = new MarketTime(anchors);
        for (const { change, waitMs, lead } of all) {
          hostMs += waitMs;
          if (clockProblem(time, change) !== undefined) continue;
          const before = new MarketTime(time.anchors);
          const index = headAt(grid, time.marketMs(Math.max(hostMs, time.newest.hostMs)));
          const sealed = before.newest.speed === 0 ? index : index + lead;
          const anchor = changedAt(time, grid, change, { hostMs, index: sealed });
          expect(anchor.hostMs).toBeGreaterThanOrEqual(hostMs);
          time.add(anchor);
          for (let row = index - 3; row < sealed; row++) {
            expect(time.hostMs(timeOf(grid, row))).toBe(before.hostMs(timeOf(grid, row)));
          }
          // What was said to be now is never later than what is said next.
          expect(time.marketMs(hostMs)).toBeGreaterThanOrEqual(before.marketMs(hostMs));
        }
      }),
    );
  });

  it('is a pause, goes on as fast as before, and steps by rows and by times between', () => {
    const time = new MarketTime([{ hostMs: 0, marketMs: grid.originMs, speed: 60 }]);
    const change = (input: object, hostMs: number) => {
      const check = checkClockChange(input as Record<string, unknown>);
      if (!check.ok) throw new Error(check.problem);
      const index = headAt(grid, time.marketMs(hostMs));
      time.add(changedAt(time, grid, check.change, { hostMs, index }));
      return headAt(grid, time.marketMs(hostMs)) - index;
    };
    expect(change({ paused: true }, 105)).toBe(0);
    expect(time.marketMs(1e9) - grid.originMs).toBe(6300);
    expect(change({ step: 3 }, 200)).toBe(3);
    expect(time.marketMs(1e9) - grid.originMs).toBe(9000);
    expect(change({ step: '1500ms' }, 200)).toBe(1);
    expect(change({ step: '500ms' }, 300)).toBe(1);
    expect(time.marketMs(1e9) - grid.originMs).toBe(11_000);
    expect(change({ paused: false }, 400)).toBe(0);
    expect(time.marketMs(500) - grid.originMs).toBe(17_000);
    expect(change({ speed: 10_000 }, 500)).toBe(0);
    expect(time.marketMs(600) - grid.originMs).toBe(1_017_000);
  });

  it.each([
    [{}, 'a change of the clock must be one of speed, paused, step'],
    [{ speed: 1, paused: true }, 'a change of the clock must be one of speed, paused, step'],
    [{ sped: 1 }, 'unknown field "sped"; did you mean "speed"?'],
    [{ speed: -1 }, 'speed must be a number from 0.001 to 10000, or 0 for a pause; given: -1'],
    [{ speed: 10_001 }, 'speed must be a number from 0.001 to 10000, or 0 for a pause'],
    [{ speed: '60' }, 'speed must be a number from 0.001 to 10000, or 0 for a pause'],
    [{ paused: 1 }, 'paused must be true or false; given: 1'],
    [{ step: 0 }, 'step must be a number of rows from 1 to 315360000, or a time such as 10s'],
    [{ step: 1.5 }, 'step must be a number of rows'],
    [{ step: '10 s' }, 'step must be a number of rows'],
  ])('that is wrong is told in one sentence: %j', (input, sentence) => {
    const check = checkClockChange(input);
    expect(check.ok || check.problem).toContain(sentence);
  });

  it('is no step while time goes on', () => {
    const problem = clockProblem(new MarketTime(), { stepRows: 1 });
    expect(problem).toBe(
      'step must be of a market that stands still: pause it first; its speed is 1',
    );
  });
});
