import { expect, test } from 'vitest';
import { nextSort, sortedColumns } from '../../src/page/list/order.ts';
import { InstrumentSearch } from '../../src/page/list/search.ts';
import { sparkPath } from '../../src/page/list/sparkline.ts';
import { Prices } from '../../src/page/prices.ts';

const instruments = [
  ['FAST', 'Optics of Fastra'],
  ['OPT', 'Something Else'],
  ['ALBR', 'Albex Optics'],
  ['OPTI', 'Alden Labs'],
  ['XOPT', 'Synoptics'],
].map(([symbol, name], index) => ({
  symbol: symbol!,
  name: name!,
  model: 'walk',
  tickSize: index === 0 ? 100 : 0.01,
  decimals: 2,
  min: 0,
  max: 1,
}));
const all = instruments.map((_, column) => column);
const symbols = (columns: readonly number[]) =>
  columns.map((column) => instruments[column]!.symbol);

test('the symbol itself comes first, then its beginnings, then words, then the rest', () => {
  const search = new InstrumentSearch(instruments);
  expect(symbols(search.find(' Opt ', all))).toEqual(['OPT', 'OPTI', 'FAST', 'ALBR', 'XOPT']);
  expect(search.find('', all)).toBe(all);
  expect(search.find('nothing', all)).toEqual([]);
});

test('equally good answers stay in the order of the list', () => {
  const search = new InstrumentSearch(instruments);
  expect(symbols(search.find('al', [...all].reverse()))).toEqual(['ALBR', 'OPTI']);
});

function priced(): Prices {
  const prices = new Prices(instruments.length);
  const ends = [
    [10, 11],
    [100, 90],
    [50, 60],
    [0, 5],
    [7, 7],
  ];
  for (const [column, points] of ends.entries()) prices.takeLine(column, points, 0);
  return prices;
}

test('instruments sort by symbol, by price in money, and by change in per cent', () => {
  const prices = priced();
  const sorted = (key: 'symbol' | 'last' | 'change', descending: boolean) =>
    symbols(sortedColumns(instruments, prices, { key, descending }));
  expect(sorted('symbol', false)).toEqual(['ALBR', 'FAST', 'OPT', 'OPTI', 'XOPT']);
  expect(sorted('last', true)).toEqual(['FAST', 'OPT', 'ALBR', 'XOPT', 'OPTI']);
  expect(sorted('change', true)).toEqual(['ALBR', 'FAST', 'XOPT', 'OPT', 'OPTI']);
});

test('a second click turns a column round, a first one starts at its useful end', () => {
  const bySymbol = { key: 'symbol', descending: false } as const;
  expect(nextSort(bySymbol, 'symbol').descending).toBe(true);
  expect(nextSort(bySymbol, 'change')).toEqual({ key: 'change', descending: true });
});

test('the stream has the last word about a price', () => {
  const prices = priced();
  const places = new Map([
    [4, 0],
    [1, 1],
  ]);
  prices.takeRows({
    places,
    prices: [Float64Array.of(8, 9), Float64Array.of(91, 92)],
    statuses: [Float64Array.of(0, 1), Float64Array.of(1, 2)],
  });
  expect([...prices.last]).toEqual([11, 92, 60, 5, 9]);
  expect([...prices.status]).toEqual([0, 2, 0, 0, 1]);
  for (const column of all) prices.takeLine(column, [1, 2], 0);
  expect([...prices.status]).toEqual([0, 2, 0, 0, 1]);
  prices.leave(1);
  expect(prices.status[1]).toBe(0);
  expect([...prices.last]).toEqual([11, 92, 60, 5, 9]);
  expect([...prices.base]).toEqual([1, 1, 1, 1, 1]);
});

test('a price that is no longer followed is old until it is asked for again', () => {
  const prices = priced();
  expect(prices.isCurrent(0)).toBe(true);
  expect(prices.needsLine(0, 1_000)).toBe(false);
  prices.leave(0);
  expect(prices.isCurrent(0)).toBe(false);
  expect(prices.needsLine(0, 1_000)).toBe(true);
  prices.takeLine(0, [3, 4], 1_000);
  expect(prices.last[0]).toBe(4);
  expect(prices.isCurrent(0)).toBe(true);
});

test('a line, and the base of a change, grow old', () => {
  const prices = priced();
  prices.takeEnds(0, [3, 4], 200_000);
  expect(prices.needsLine(0, 299_000)).toBe(false);
  expect(prices.needsLine(0, 301_000)).toBe(true);
  expect(prices.needsBase(0, 499_000)).toBe(false);
  expect(prices.needsBase(0, 501_000)).toBe(true);
  prices.outdateLines();
  expect(prices.needsBase(0, 200_000)).toBe(true);
});

test('a sparkline fills its height and ends at the live price', () => {
  const { path, endY } = sparkPath(Float64Array.of(10, 20, 15), 30, 60, 20);
  expect(path).toBe('M0.0 20.0L30.0 10.0L60.0 0.0');
  expect(endY).toBe(0);
});

test('a sparkline without movement, or without points, is calm', () => {
  expect(sparkPath(Float64Array.of(5, 5), 5, 60, 20).path).toBe('M0.0 10.0L60.0 10.0');
  expect(sparkPath(new Float64Array(0), 5, 60, 20)).toEqual({ path: '', endY: 10 });
});
