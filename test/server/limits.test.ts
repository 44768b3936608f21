import { describe, expect, it } from 'vitest';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { HOST_LIMITS } from '../../src/host/host-limits.ts';
import type { LimitList } from '../../src/host/limits.ts';
import { ALPACA_LIMITS } from '../../src/protocols/alpaca/limits.ts';
import { BINANCE_LIMITS } from '../../src/protocols/binance/limits.ts';
import { DERIV_LIMITS } from '../../src/protocols/deriv/limits.ts';
import { TICKWELL_LIMITS, toldLimits } from '../../src/protocols/tickwell/limits.ts';
import { UDF_LIMITS } from '../../src/protocols/udf/limits.ts';
import {
  DEFAULT_LIMITS,
  LIMIT_RULES,
  type LimitName,
  type Limits,
  limitsOf,
} from '../../src/server/limits.ts';
import { PROTOCOLS } from '../../src/server/protocols.ts';
import { expectSentence } from '../helpers/sentence.ts';

const NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];

/** Timers and typed arrays take no more. */
const MOST = 2 ** 31 - 1;

/** All that clients of version 1 know of, in the order in which they are told them. */
const KNOWN: readonly (readonly [name: LimitName, value: number, least: number, most: number])[] = [
  ['maxPayloadBytes', 4096, 1024, MOST],
  ['maxFragments', 16, 1, MOST],
  ['maxSubscriptions', 16, 1, MOST],
  ['messagesPerSecond', 10, 1, MOST],
  ['messagesBurst', 20, 1, MOST],
  ['refusalsBurst', 100, 1, MOST],
  ['badRequestsBurst', 20, 1, MOST],
  ['badRequestsPerMinute', 6, 1, MOST],
  ['maxPendingRequests', 16, 1, MOST],
  ['firstRequestMs', 10_000, 1000, MOST],
  ['maxPricesPerAnswer', 1_000_000, 1, 25_000_000],
  ['maxCandlesPerAnswer', 10_000, 1, 1_000_000],
  ['maxCandlesPerMessage', 500, 1, 100_000],
  ['maxRowsPerAnswer', 1_000_000_000, 1, MOST],
  ['maxArrowSymbols', 1000, 1, MOST],
  ['maxSparklinePoints', 500, 1, MOST],
  ['maxRealismRows', 1_048_576, 1, MOST],
  ['workPerSecond', 500_000_000, 1, 10 ** 15],
  ['workBurst', 10_000_000_000, 1, 10 ** 15],
  ['frameBytes', 16_384, 1024, 2 ** 24],
  ['maxUnreadBytes', 262_144, 1024, MOST],
  ['heartbeatMs', 15_000, 1000, MOST],
  ['pingBytes', 12_288, 1024, MOST],
  ['pingMs', 20_000, 1000, MOST],
  ['pongMs', 20_000, 1000, MOST],
  ['stallMs', 30_000, 1000, MOST],
  ['maxConnections', 10_000, 1, MOST],
  ['maxConnectionsPerAddress', 1000, 1, MOST],
  ['spareConnections', 256, 1, MOST],
  ['maxAnswersPerAddress', 16, 1, MOST],
  ['maxBodyBytes', 16_384, 1024, MOST],
  ['headersMs', 10_000, 1000, 300_000],
  ['requestMs', 20_000, 1000, MOST],
  ['keepAliveMs', 65_000, 1000, MOST],
  ['sliceMs', 5, 1, 1000],
  ['aheadMs', 2000, 1, MOST],
  ['aheadIntervals', 3, 1, MOST],
  ['retryAfterMs', 2000, 1, MOST],
  ['eventsRetryMs', 5000, 1, MOST],
  ['closeGraceMs', 1500, 1, 60_000],
  ['halfOpenMs', 600_000, 1000, MOST],
  // Those that came later.
  ['maxWholeJsonCandles', 2_500_000, 1, 25_000_000],
  ['maxTradesPerAnswer', 100_000, 1, 10_000_000],
  ['maxTradedRowsPerAnswer', 4_194_304, 1, MOST],
  ['maxLevelsPerMessage', 10_000, 1, 100_000],
  ['maxGradings', 8, 1, MOST],
  ['maxStrikesPerAnswer', 100_000, 1, 10_000_000],
  ['maxDrawsPerAnswer', 50_000_000, 1, MOST],
  // Those of other protocols.
  ['maxUdfBars', 20_000, 1, 1_000_000],
  ['maxUdfRows', 1_000_000_000, 1, MOST],
  ['maxUdfSymbols', 100, 1, 10_000],
  ['maxDerivTicks', 5000, 1, 100_000],
  ['maxDerivSubscriptions', 100, 1, 10_000],
  ['maxDerivSymbols', 1000, 1, 100_000],
  ['maxBinanceSymbols', 1000, 1, 10_000],
  ['maxBinanceTrades', 1000, 1, 100_000],
  ['maxBinanceCandles', 1000, 1, 100_000],
  ['maxBinanceRows', 1_000_000_000, 1, MOST],
  ['binanceWeightPerMinute', 6000, 1, 1_000_000],
  ['maxBinanceMessageBytes', 524_288, 1024, MOST],
  ['maxBinanceStreams', 1024, 1, 100_000],
  ['maxAlpacaItems', 10_000, 1, 1_000_000],
  ['maxAlpacaRows', 268_435_456, 1, MOST],
  ['maxAlpacaSymbols', 100, 1, 10_000],
  // Of what is done to a market.
  ['maxEffects', 2000, 1, 100_000],
  ['maxInstrumentEffects', 200_000, 1, 10_000_000],
];

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

  it('are those of the rooms of the host, of delivery and of all that is spoken', () => {
    expect(PROTOCOLS.map(({ limits }) => limits)).toEqual([
      TICKWELL_LIMITS,
      // Its limits are the host's.
      undefined,
      UDF_LIMITS,
      DERIV_LIMITS,
      BINANCE_LIMITS,
      ALPACA_LIMITS,
    ]);
    expect([...NAMES].sort()).toEqual(KNOWN.map(([name]) => name).sort());
  });

  it.each(KNOWN)('%s is %i by default, from %i to %i', (name, value, least, most) => {
    expect(DEFAULT_LIMITS[name]).toBe(value);
    for (const right of [least, most]) expect(LIMIT_RULES.problem(name, right)).toBeUndefined();
    for (const wrong of [least - 1, most + 1]) {
      const rule = `must be a whole number from ${least} to ${most}; given: ${wrong}`;
      expect(LIMIT_RULES.problem(name, wrong)).toBe(`limit ${name} ${rule}`);
    }
  });

  it('are told in the same order, whichever room declares them', () => {
    const told = toldLimits({ limits: DEFAULT_LIMITS, limitTexts: LIMIT_RULES.texts });
    expect(told.map(({ name, value }) => [name, value])).toEqual(
      KNOWN.map(([name, value]) => [name, value]),
    );
  });

  it('each have a reason and say what they bound, in sentences', () => {
    const lists: LimitList[] = [
      HOST_LIMITS,
      DELIVERY_LIMITS,
      TICKWELL_LIMITS,
      UDF_LIMITS,
      DERIV_LIMITS,
      BINANCE_LIMITS,
      ALPACA_LIMITS,
    ];
    for (const { reason, told } of lists.flatMap((list) => Object.values(list))) {
      for (const text of [reason, told]) expect(text).toMatch(/^[A-Za-z].{10,}\.$/);
    }
  });

  it('are changed by name', () => {
    const limits = limitsOf({ maxConnections: 5 });
    expect(limits).toEqual({ ...DEFAULT_LIMITS, maxConnections: 5 });
  });

  it.each(NAMES)('%s is a whole number that is not nothing', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null]) {
      expectSentence(LIMIT_RULES.problem(name, value), `limit ${name}`, String(value));
      // Of a program's text it shows that it is one: it may look like a number.
      const given = typeof value === 'string' ? `"${value}"` : String(value);
      expectSentence(faultOf({ [name]: value }), `limit ${name}`, given);
    }
  });

  it.each(['', 'maxconnections', 'toString', '__proto__', 'constructor', 'x'.repeat(50)])(
    'have no other names: "%s"',
    (name) => {
      expectSentence(LIMIT_RULES.problem(name, 5), 'unknown limit', name);
    },
  );

  it.each(['Bytes', 'Ms'])('that end with %s are within what sockets and timers take', (suffix) => {
    for (const name of NAMES.filter((each) => each.endsWith(suffix))) {
      expect(LIMIT_RULES.problem(name, 2 ** 31)).toBeDefined();
      expect(LIMIT_RULES.problem(name, DEFAULT_LIMITS[name])).toBeUndefined();
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
    expectSentence(LIMIT_RULES.problem(name, value), `limit ${name}`, String(value));
    const nearest = value < DEFAULT_LIMITS[name] ? value + 1 : value - 1;
    expect(LIMIT_RULES.problem(name, nearest)).toBeUndefined();
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
