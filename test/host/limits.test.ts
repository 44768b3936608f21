import { describe, expect, it } from 'vitest';
import { type LimitList, LimitRules, limitsIn } from '../../src/host/limits.ts';

const ROOM = {
  maxCups: { default: 6, most: 12, reason: 'So many chairs.', told: 'Cups on the table.' },
  teaMs: { default: 300, least: 100, atMost: 'coffeeMs', reason: 'It is hot.', told: undefined },
} as const satisfies LimitList;
const OTHER = {
  coffeeMs: { default: 500, reason: 'It is hotter.', told: 'Until it is drunk.' },
  potBytes: { default: 4096, reason: 'It holds no more.', told: undefined },
} as const satisfies LimitList;

describe('limits of rooms', () => {
  it('are put together, each with the range and the order that its room declares', () => {
    const rules = new LimitRules([ROOM, OTHER]);
    expect(rules.settle()).toEqual({ maxCups: 6, teaMs: 300, coffeeMs: 500, potBytes: 4096 });
    expect(rules.settle({ maxCups: 12, teaMs: 100 })).toMatchObject({ maxCups: 12, teaMs: 100 });
    for (const [name, least, most] of [
      ['maxCups', 1, 12],
      ['teaMs', 100, 2 ** 31 - 1],
      ['coffeeMs', 1, 2 ** 31 - 1],
      ['potBytes', 1024, 2 ** 31 - 1],
    ] as const) {
      expect([least, most].map((value) => rules.problem(name, value))).toEqual(
        Array(2).fill(undefined),
      );
      for (const value of [least - 1, most + 1]) {
        const rule = `must be a whole number from ${least} to ${most}; given: ${value}`;
        expect(rules.problem(name, value)).toBe(`limit ${name} ${rule}`);
      }
    }
    expect(() => rules.settle({ teaMs: 501 })).toThrow(
      new RangeError('limit teaMs must be at most coffeeMs, which is 500; given: 501'),
    );
  });

  it('are told to clients if their room says so', () => {
    const { texts } = new LimitRules([ROOM, OTHER]);
    expect(texts).toEqual({ maxCups: 'Cups on the table.', coffeeMs: 'Until it is drunk.' });
  });

  it('have names of their own', () => {
    expect(() => new LimitRules([ROOM, OTHER, { maxCups: ROOM.maxCups }])).toThrow(
      new RangeError('limits must have names of their own; given: maxCups twice'),
    );
  });

  it('are bounded by others only where these are', () => {
    expect(() => new LimitRules([ROOM])).toThrow(
      new RangeError('limit teaMs must be at most one that there is; given: coffeeMs'),
    );
  });

  it('are there for a room only where a server was put together with them', () => {
    const limits = new LimitRules([OTHER]).settle({ coffeeMs: 7 });
    expect(limitsIn(limits, OTHER).coffeeMs).toBe(7);
    expect(() => limitsIn(limits, ROOM)).toThrow('a server must have the limit maxCups');
  });
});
