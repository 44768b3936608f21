import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LIMITS,
  type LimitName,
  type Limits,
  limitProblem,
  limitsOf,
} from '../../src/host/limits.ts';
import { expectSentence } from '../helpers/sentence.ts';

const NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];

/** The sentence with which limits are refused. */
function faultOf(changes: Partial<Limits>): string {
  try {
    limitsOf(changes);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as RangeError).message;
  }
  throw new Error(`limits must be refused; given: ${JSON.stringify(changes)}`);
}

describe('limits', () => {
  it('are the default ones where nothing is changed, and these are right', () => {
    expect(limitsOf()).toEqual(DEFAULT_LIMITS);
    expect(limitsOf(DEFAULT_LIMITS)).toEqual(DEFAULT_LIMITS);
  });

  it('are changed by name', () => {
    const limits = limitsOf({ maxConnections: 5 });
    expect(limits).toEqual({ ...DEFAULT_LIMITS, maxConnections: 5 });
  });

  it.each(NAMES)('%s is a whole number that is not nothing', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null]) {
      expectSentence(limitProblem(name, value), `limit ${name}`, String(value));
      // Of a program's text it shows that it is one: it may look like a number.
      const given = typeof value === 'string' ? `"${value}"` : String(value);
      expectSentence(faultOf({ [name]: value }), `limit ${name}`, given);
    }
  });

  it.each(['', 'maxconnections', 'toString', '__proto__', 'constructor', 'x'.repeat(50)])(
    'have no other names: "%s"',
    (name) => {
      expectSentence(limitProblem(name, 5), 'unknown limit', name);
    },
  );

  it.each(['Bytes', 'Ms'])('that end with %s are within what sockets and timers take', (suffix) => {
    for (const name of NAMES.filter((each) => each.endsWith(suffix))) {
      expect(limitProblem(name, 2 ** 31)).toBeDefined();
      expect(limitProblem(name, DEFAULT_LIMITS[name])).toBeUndefined();
    }
  });

  it.each<[LimitName, number]>([
    ['heartbeatMs', 999],
    ['pingMs', 999],
    ['pongMs', 999],
    ['stallMs', 999],
    ['firstRequestMs', 999],
    ['headersMs', 999],
    ['requestMs', 999],
    ['keepAliveMs', 999],
    ['headersMs', 300_001],
    ['maxPayloadBytes', 1023],
    ['frameBytes', 2 ** 24 + 1],
    ['maxPricesPerAnswer', 25_000_001],
    ['sliceMs', 1001],
    ['closeGraceMs', 60_001],
    ['workBurst', 10 ** 15 + 1],
  ])('that would break the server are refused: %s = %i', (name, value) => {
    expectSentence(limitProblem(name, value), `limit ${name}`, String(value));
    const nearest = value < DEFAULT_LIMITS[name] ? value + 1 : value - 1;
    expect(limitProblem(name, nearest)).toBeUndefined();
  });

  it.each<[Partial<Limits>, LimitName, number]>([
    [{ frameBytes: 300_000 }, 'frameBytes', 300_000],
    [{ maxUnreadBytes: 16_383 }, 'frameBytes', 16_384],
    [{ pingBytes: 262_145 }, 'pingBytes', 262_145],
    [{ maxCandlesPerMessage: 10_001 }, 'maxCandlesPerMessage', 10_001],
    [{ maxCandlesPerAnswer: 499 }, 'maxCandlesPerMessage', 500],
    [{ requestMs: 5000 }, 'headersMs', 10_000],
    [{ headersMs: 20_001 }, 'headersMs', 20_001],
  ])('that contradict one another are refused: %j', (changes, name, given) => {
    expectSentence(faultOf(changes), `limit ${name}`, String(given));
  });

  it('may be equal where one must not be above the other', () => {
    const bytes = {
      frameBytes: 9000,
      maxUnreadBytes: 9000,
      pingBytes: 9000,
    };
    expect(limitsOf({ ...bytes, headersMs: 3000, requestMs: 3000 })).toMatchObject(bytes);
  });
});
