import { describe, expect, it } from 'vitest';
import { Cancelled, Slicer } from '../../src/host/slicer.ts';
import { ManualClock } from '../helpers/clock.ts';

/** A slicer whose slices are single steps, and its turns. */
function slicer() {
  const turns: (() => void)[] = [];
  const clock = new ManualClock(0);
  return { turns, slicer: new Slicer(clock, 0, (turn) => void turns.push(turn)) };
}

describe('work that nobody waits for any more', () => {
  it('is left where it is, and its rest is cleaned up', async () => {
    const { turns, slicer: slices } = slicer();
    let [steps, isClean, isWanted] = [0, false, true];
    const work = (function* () {
      try {
        for (; steps < 100; steps++) yield;
      } finally {
        isClean = true;
      }
    })();
    const result = slices.run(work, () => isWanted);
    turns.shift()!();
    const before = steps;
    expect(before).toBeGreaterThan(0);
    isWanted = false;
    while (turns.length > 0) turns.shift()!();
    await expect(result).rejects.toThrow(Cancelled);
    expect([steps, isClean]).toEqual([before, true]);
  });

  it('holds up no other', async () => {
    const { turns, slicer: slices } = slicer();
    let isWanted = true;
    const endless = (function* (): Generator<void, void, void> {
      for (;;) yield;
    })();
    const first = slices.run(endless, () => isWanted);
    const second = slices.run(
      (function* () {
        yield;
        yield;
        return 7;
      })(),
    );
    isWanted = false;
    while (turns.length > 0) turns.shift()!();
    await expect(first).rejects.toThrow(Cancelled);
    await expect(second).resolves.toBe(7);
  });
});

describe('work that is begun', () => {
  const threeSteps = function* () {
    yield;
    yield;
    return 7;
  };

  it('has its value at once if one slice is enough for it', () => {
    const slices = new Slicer(new ManualClock(0), 1, () => {
      throw new Error('no turn is needed');
    });
    expect(slices.begin(threeSteps())).toBe(7);
  });

  it('goes on in turns if it is not, and is no more begun while others have theirs', async () => {
    const { turns, slicer: slices } = slicer();
    let begun = 0;
    const other = (function* () {
      begun += 1;
      yield;
      return 8;
    })();
    const first = slices.begin(threeSteps());
    const second = slices.begin(other);
    expect([first, second].every((result) => result instanceof Promise)).toBe(true);
    expect(begun).toBe(0);
    while (turns.length > 0) turns.shift()!();
    expect(await Promise.all([first, second])).toEqual([7, 8]);
  });

  it('takes no more than a slice, and one more, of the turn in which it is begun', async () => {
    const clock = new ManualClock(0);
    const turns: (() => void)[] = [];
    const slices = new Slicer(clock, 5, (turn) => void turns.push(turn));
    let done = 0;
    const takes = (ms: number) =>
      (function* () {
        clock.passSteadily(ms);
        done += 1;
        yield;
        return ms;
      })();
    const [first, second] = [slices.begin(takes(4)), slices.begin(takes(4))];
    expect([first, second]).toEqual([4, 4]);
    const later = [slices.begin(takes(4)), slices.run(takes(1))];
    expect(done).toBe(2);
    while (turns.length > 0) turns.shift()!();
    expect(await Promise.all(later)).toEqual([4, 1]);
    // What has had a turn may be begun at once again.
    expect(slices.begin(takes(4))).toBe(4);
  });

  it('throws what fails in its first slice', () => {
    const failing = (function* (isRight: boolean) {
      if (!isRight) throw new Error('no');
      yield;
    })(false);
    const { slicer: slices } = slicer();
    expect(() => slices.begin(failing)).toThrow('no');
  });
});

describe('work that goes first', () => {
  const steps = function* (name: string, done: string[], count: number) {
    for (let n = 0; n < count; n++) {
      done.push(name);
      yield;
    }
    return name;
  };

  it('begins at once whatever is under way, and has a slice of every turn before one other', async () => {
    const { turns, slicer: slices } = slicer();
    const done: string[] = [];
    const others = [1, 2].map((n) => slices.run(steps(`other ${n}`, done, 4)));
    done.length = 0;
    const first = slices.beginFirst(steps('first', done, 3));
    expect(done).toEqual(['first']);
    for (let n = 0; n < 2; n++) turns.shift()!();
    expect(done.filter((name) => name === 'first')).toHaveLength(3);
    expect(done.length).toBe(5);
    while (turns.length > 0) turns.shift()!();
    expect(await first).toBe('first');
    expect(await Promise.all(others)).toEqual(['other 1', 'other 2']);
  });

  it('has its value at once if one slice is enough for it', () => {
    const slices = new Slicer(new ManualClock(0), 1, () => {
      throw new Error('no turn is needed');
    });
    expect(slices.beginFirst(steps('first', [], 3))).toBe('first');
  });

  it('has its first steps at once, however late it gets meanwhile', async () => {
    const { turns, slicer: slices } = slicer();
    const done: string[] = [];
    expect(slices.beginFirst(steps('short', done, 3), () => true, 4)).toBe('short');
    const long = slices.beginFirst(steps('long', done, 9), () => true, 4);
    expect(done.filter((name) => name === 'long')).toHaveLength(4);
    while (turns.length > 0) turns.shift()!();
    expect(await long).toBe('long');
  });
});
