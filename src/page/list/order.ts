import type { InstrumentInfo } from '../../client/index.ts';
import { percentChange } from '../price.ts';
import type { Prices } from '../prices.ts';

export type SortKey = 'symbol' | 'last' | 'change';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** What a click on a header asks for: the other way round, or that column from its useful end. */
export function nextSort(sort: Sort, key: SortKey): Sort {
  if (sort.key === key) return { key, descending: !sort.descending };
  return { key, descending: key !== 'symbol' };
}

/** All columns in the order of `sort`; equal ones stay in the order of the market. */
export function sortedColumns(
  instruments: readonly InstrumentInfo[],
  prices: Prices,
  { key, descending }: Sort,
): number[] {
  const columns = instruments.map((_, column) => column);
  const sign = descending ? -1 : 1;
  if (key === 'symbol') {
    const compare = new Intl.Collator('en', { numeric: true }).compare;
    return columns.sort((a, b) => sign * compare(instruments[a]!.symbol, instruments[b]!.symbol));
  }
  const values = columns.map((column) => {
    const last = prices.last[column]!;
    const value =
      key === 'last'
        ? last * instruments[column]!.tickSize
        : percentChange(last, prices.base[column]!);
    return value === undefined || Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  });
  return columns.sort((a, b) => sign * compareNumbers(values[a]!, values[b]!) || a - b);
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
