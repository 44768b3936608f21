import { ByteCache } from './byte-cache.ts';

/** What is known of how an instrument is traded, and of how many it is kept. */
const TRADING_BYTES = 8 * 2 ** 10;
const TRADINGS_BYTES = 512 * TRADING_BYTES;

/** What is known of columns, for those that were used last. */
export type Kept<T> = ByteCache<number, T>;

export function newKept<T>(): Kept<T> {
  return new ByteCache<number, T>(TRADINGS_BYTES);
}

/** What of `values` is kept for a column, or `make` makes. */
export function kept<T extends object>(values: Kept<T>, column: number, make: () => T): T {
  const known = values.get(column);
  if (known !== undefined) return known;
  const value = make();
  values.set(column, value, TRADING_BYTES);
  return value;
}
