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
