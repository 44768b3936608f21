/**
 * Rows and candles as JSON text. Prices are joined, not stringified: it takes a third of the time.
 */
import type { Prices } from '../core/market/dtype.ts';

/** `[[..],[..]]`, one list of ticks for each of `columns`. */
export function pricesJson(columns: readonly Prices[]): string {
  return `[${columns.map((prices) => `[${prices.join(',')}]`).join(',')}]`;
}

/**
 * A `rows` message up to its prices, which `pricesJson` and a `}` complete: the rows with
 * `since < time <= until`, `lagRows` behind the head.
 */
export function rowsMessageHeadJson(
  id: number,
  since: number,
  until: number,
  lagRows: number,
): string {
  const head = `{"type":"rows","id":${id},"since":${since},"until":${until},"lag":${lagRows}`;
  return `${head},"prices":`;
}
