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
  const column = (base: number, last: number) => [base, last];
  prices.takeSparklines({
    market: 'm',
    span: 1,
    time: [0, 1],
    symbols: symbols(all),
    prices: [column(10, 11), column(100, 90), column(50, 60), column(0, 5), column(7, 7)],
  });
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
  const rows = { type: 'rows', id: 1, since: 0, until: 2_000, lag: 0 } as const;
  prices.takeRows({
    ...rows,
    prices: [
      [1, 12],
      [91, 92],
      [61, 62],
      [6, 7],
      [8, 9],
    ],
  });
  expect([...prices.last]).toEqual([12, 92, 62, 7, 9]);
  prices.takeSparklines({
    market: 'm',
    span: 1,
    time: [0, 1],
    symbols: symbols(all),
    prices: all.map(() => [1, 2]),
  });
  expect([...prices.last]).toEqual([12, 92, 62, 7, 9]);
  expect(prices.change(0)).toBe(11);
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
