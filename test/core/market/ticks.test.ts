import { describe, expect, it } from 'vitest';
import type { Prices } from '../../../src/core/market/dtype.ts';
import type { Spell } from '../../../src/core/market/models/overlay.ts';
import { fillMovedTicks, fillNearTicks } from '../../../src/core/market/models/ticks.ts';

/** So large that the last bit of a price is a whole tick: exact and near ones differ there. */
const LINE = { first: 36.2, line: 0, scale: 1 };
const LOGS = { low: 0, high: 60 } as Parameters<typeof fillNearTicks>[3];
const ROWS = 64;

/** A stretch whose first rows are near one another; the others are far away, or are not. */
function pathOf(areFar: boolean): Float64Array {
  return Float64Array.from({ length: ROWS }, (_, i) => {
    const near = ((i * 37) % 50) / 7000;
    return areFar && i >= ROWS / 2 ? near + 1 : near;
  });
}

const SPELL: Spell = {
  ...{ from: 0, next: ROWS, lift: 0, lineStart: 0, lineSlope: 0, part: 0, anchor: 0 },
  ...{ spread: 1, depth: 1, volume: 1, level: undefined, held: undefined },
};

/** Rows of that size are of no type of prices. */
const newTicks = () => new Float64Array(ROWS) as unknown as Prices;

function near(path: Float64Array, from = 0, next = ROWS): readonly number[] {
  const ticks = newTicks();
  fillNearTicks(ticks, path, LINE, LOGS, from, next);
  return [...ticks].slice(from, next);
}

function moved(path: Float64Array, from = 0, next = ROWS): readonly number[] {
  const ticks = newTicks();
  fillMovedTicks(ticks, path, LINE, LOGS, from, next, SPELL, 0, true);
  return [...ticks].slice(from, next);
}

describe('ticks of a part of a stretch', () => {
  it.each([
    ['the same is added to', near],
    ['something moves along', moved],
  ])('are those of the whole, by what is near in all of it: rows that %s', (_, fill) => {
    for (const areFar of [true, false]) {
      const path = pathOf(areFar);
      const whole = near(path);
      for (const [from, next] of [
        [0, 10],
        [5, 30],
        [0, 32],
        [30, 40],
        [63, 64],
      ]) {
        expect(fill(path, from, next)).toEqual(whole.slice(from, next));
      }
    }
  });

  it('would be others, if only their own rows decided what is near', () => {
    const [far, close] = [near(pathOf(true)), near(pathOf(false))];
    expect(far.slice(0, ROWS / 2)).not.toEqual(close.slice(0, ROWS / 2));
  });
});
