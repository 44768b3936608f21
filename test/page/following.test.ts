import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Following, type LinesQuery } from '../../src/page/following.ts';
import { Prices } from '../../src/page/prices.ts';

const instruments = Array.from({ length: 500 }, (_, column) => ({
  symbol: `s${column}`,
  name: '',
  model: 'walk',
  tickSize: 1,
  decimals: 0,
  min: 0,
  max: 1,
}));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server that answers at once, until told to fail; its prices are the numbers of the columns. */
function setUp() {
  const prices = new Prices(instruments.length);
  const selected: (readonly string[] | '*')[] = [];
  const asked: LinesQuery[] = [];
  const server = { fails: false, speed: 1 };
  const known: boolean[] = [];
  const following = new Following({
    instruments,
    prices,
    chosen: 7,
    select: (symbols) => selected.push(symbols),
    fetchLines: async (query) => {
      asked.push(query);
      if (server.fails) throw new Error('away');
      const symbols = query.symbols === '*' ? instruments.map((one) => one.symbol) : query.symbols;
      const lines = symbols.map((symbol) => [1, Number(symbol.slice(1))]);
      return { prices: lines, statuses: symbols.map((symbol) => [Number(symbol.slice(1)) % 3]) };
    },
    onKnown: (isMarket) => known.push(isMarket),
    nowMs: () => server.speed * performance.now(),
  });
  return { prices, selected, asked, server, known, following };
}

test('what is in view and what is chosen is followed, and its past asked for', async () => {
  const { following, selected, asked, prices } = setUp();
  following.show([20, 21, 22]);
  await vi.advanceTimersByTimeAsync(0);
  expect(selected).toEqual([['s20', 's21', 's22', 's7']]);
  expect(asked).toEqual([{ symbols: ['s20', 's21', 's22', 's7'], points: 48 }]);
  expect(prices.last[21]).toBe(21);
  expect([...prices.status.subarray(20, 23)]).toEqual([2, 0, 1]);
  expect([...following.symbols].sort()).toEqual(selected[0]);

  following.choose(21);
  await vi.advanceTimersByTimeAsync(0);
  expect(selected.at(-1)).toEqual(['s20', 's21', 's22']);
  expect(asked).toHaveLength(1);
});

test('a list that scrolls is followed once it rests', async () => {
  const { following, selected, asked } = setUp();
  following.show([0]);
  await vi.advanceTimersByTimeAsync(0);
  for (let top = 1; top < 50; top++) {
    following.show([top, top + 1]);
    await vi.advanceTimersByTimeAsync(16);
  }
  expect(selected).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(selected.slice(1)).toEqual([['s49', 's50', 's7']]);
  expect(asked.slice(1)).toEqual([{ symbols: ['s49', 's50'], points: 48 }]);
});

test('what comes into view again is asked for again: its price is from before', async () => {
  const { following, asked, prices } = setUp();
  for (const column of [30, 40, 30]) {
    following.show([column]);
    await vi.advanceTimersByTimeAsync(200);
  }
  expect(asked.map(({ symbols }) => symbols)).toEqual([['s30', 's7'], ['s40'], ['s30']]);
  expect([30, 40].map((column) => prices.isCurrent(column))).toEqual([true, false]);
});

test('the whole market is followed while prices decide the order of a list that is shown', async () => {
  const { following, selected, asked, prices, known } = setUp();
  following.show([1, 2]);
  await vi.advanceTimersByTimeAsync(200);
  following.order(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(selected.at(-1)).toBe('*');
  expect(asked.at(-1)).toEqual({ symbols: '*', points: 2 });
  expect(prices.last[499]).toBe(499);
  expect(known).toEqual([false, true]);

  // On a phone the list is closed most of the time.
  following.show([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(selected.at(-1)).toEqual(['s7']);
  expect(prices.isCurrent(499)).toBe(false);
  following.show([1, 2]);
  following.order(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(selected.at(-1)).toEqual(['s1', 's2', 's7']);
});

test('what could not be had is asked for again, and so is what is old', async () => {
  const { following, asked, server } = setUp();
  server.fails = true;
  following.show([1]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toHaveLength(1);
  server.fails = false;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(4 * 60_000);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  expect(asked).toHaveLength(3);
  following.refresh();
  expect(asked).toHaveLength(4);
});

test.each([
  [0, 0, 0],
  [1, 3, 3],
  [60, 180, 30],
  [10_000, 180, 30],
])('at speed %i what is old is so by the time of the market', async (speed, lines, markets) => {
  const { following, asked, server } = setUp();
  server.speed = speed;
  following.show([1]);
  following.order(true);
  await vi.advanceTimersByTimeAsync(1_000);
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(15 * 60_000);
  const count = (isMarket: boolean) =>
    asked.filter(({ symbols }) => (symbols === '*') === isMarket).length;
  // By the looks, and a look more or less.
  for (const [isMarket, most] of [
    [false, lines],
    [true, markets],
  ] as const) {
    expect(count(isMarket)).toBeGreaterThanOrEqual(Math.floor(most * 0.45));
    expect(count(isMarket)).toBeLessThanOrEqual(most);
  }
});

test('an answer that comes after its instrument has left the view is not the price of now', async () => {
  const { following, prices } = setUp();
  following.show([1]);
  vi.advanceTimersByTime(0);
  following.show([2]);
  await vi.advanceTimersByTimeAsync(200);
  following.show([1]);
  vi.advanceTimersByTime(200);
  following.show([2]);
  vi.advanceTimersByTime(200);
  await vi.advanceTimersByTimeAsync(0);
  expect(prices.isCurrent(1)).toBe(false);
  expect(prices.isCurrent(2)).toBe(true);
});
