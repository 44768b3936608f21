import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { Walk } from '../../../src/core/market/models/walk.ts';
import { Book } from '../../../src/core/market/trading/book.ts';
import type { Endpoint } from '../../../src/protocols/binance/http/endpoint.ts';
import { endpointsOf } from '../../../src/protocols/binance/http/endpoints.ts';
import { BINANCE_LIMITS } from '../../../src/protocols/binance/limits.ts';
import { Numbers } from '../../../src/protocols/binance/numbers.ts';
import { type BinanceParts, binanceParts } from '../../../src/protocols/binance/parts.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { counted, mostPerStep } from '../../helpers/steps.ts';

/**
 * What each kind of answer does between two yields, of a wide market, counted: a slice ends at the
 * first yield after 5 ms, and is to end before 10.
 */
const COUNT = 1500;
/** Numbers that are written, at up to a microsecond each: 2 ms. */
const MOST_NUMBERS = 2 ** 11;
/** Books that are looked at, at up to ten microseconds where one is new: 2 ms. */
const MOST_BOOKS = 2 ** 8;
/** Typed arrays that are made, at a microsecond each. */
const MOST_ARRAYS = 2 ** 10;
/** Blocks that are made, of a walk, at 16 us each: a row's, and the one before it. */
const MOST_BLOCKS = 2;

let server: TestServer;
let parts: BinanceParts;
let endpoints: readonly Endpoint[];

beforeAll(async () => {
  const spec = { interval: 1000, capacity: 50, count: COUNT, dtype: 'uint32' };
  const own = Object.assign(
    (given: Parameters<typeof binanceParts>[0]) => {
      parts = binanceParts(given);
      endpoints = endpointsOf(parts);
      return { name: 'counted', addRoutes: () => {} };
    },
    { limits: BINANCE_LIMITS },
  );
  const rows = 2 * BLOCK_ROWS;
  server = await startTestServer({ spec, rows, limits: UNHURRIED, protocols: [own] });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** The steps of an answer; how it is asked for is paid. */
function stepsOf(path: string, parameters: object = {}) {
  const endpoint = endpoints.find((one) => one.path === path)!;
  const answer = endpoint.answer({ parameters: { ...parameters }, unit: 'ms', pay: () => {} });
  if ('body' in answer) throw new Error(`${path} has no steps`);
  const steps = answer.make();
  if (steps instanceof Promise) throw new Error(`${path} has to load something`);
  return steps;
}

const textOf = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString();

/** How many typed arrays were made until now. */
function arraysMade(): () => number {
  const real = globalThis.Float64Array;
  let made = 0;
  globalThis.Float64Array = new Proxy(real, {
    construct(of, given, target) {
      made += 1;
      return Reflect.construct(of, given, target);
    },
  });
  onTestFinished(() => {
    globalThis.Float64Array = real;
  });
  return () => made;
}

describe('a step', () => {
  const nameOf = (n: number) => `TICKER${String(n).padStart(4, '0')}USDT`;
  const name = nameOf(0);
  const named = (length: number) => JSON.stringify(Array.from({ length }, (_, n) => nameOf(n)));
  const [symbols, few] = [named(900), named(50)];
  const cases: readonly (readonly [path: string, parameters: object, length: number])[] = [
    ['exchangeInfo', {}, COUNT],
    ['exchangeInfo', { showPermissionSets: 'false' }, COUNT],
    ['exchangeInfo', { symbols }, 900],
    ['ticker/price', {}, COUNT],
    ['ticker/bookTicker', {}, COUNT],
    ['ticker/bookTicker', { symbols }, 900],
    ['ticker/24hr', { symbols: few }, 50],
    ['ticker', { symbols: few }, 50],
    ['depth', { symbol: name, limit: '5000' }, 100],
    ['trades', { symbol: name, limit: '1000' }, 1000],
    ['aggTrades', { symbol: name, fromId: '0', limit: '1000' }, 1000],
    ['klines', { symbol: name, interval: '1s', limit: '1000' }, 1000],
    ['klines', { symbol: name, interval: '1h', limit: '1000' }, 10],
    ['avgPrice', { symbol: name }, 1],
  ];

  it.each(cases)('of %s does some of it', (path, parameters, length) => {
    const written = counted(Numbers.prototype as never, 'price' as never);
    const summed = counted(Numbers.prototype as never, 'paid' as never);
    const filled = counted(Book.prototype as never, 'fill' as never);
    const blocks = counted(Walk.prototype as never, 'fillBlock' as never);
    const arrays = arraysMade();
    const all = () => [written() + summed(), filled(), arrays(), blocks()] as const;
    const most = [0, 0, 0, 0];
    let before = all();
    const { result } = mostPerStep(stepsOf(path, parameters), () => {
      const now = all();
      for (const [n, count] of now.entries()) most[n] = Math.max(most[n]!, count - before[n]!);
      before = now;
      return 0;
    });
    const json = JSON.parse(textOf(result.pieces));
    expect(json.symbols ?? json.bids ?? (Array.isArray(json) ? json : [json])).toHaveLength(length);
    expect(most[0]).toBeLessThanOrEqual(MOST_NUMBERS);
    expect(most[1]).toBeLessThanOrEqual(MOST_BOOKS);
    expect(most[2]).toBeLessThanOrEqual(MOST_ARRAYS);
    expect(most[3]).toBeLessThanOrEqual(MOST_BLOCKS);
  });
});
