/**
 * Rows and candles as JSON text. Prices are joined, not stringified: it takes a third of the time.
 */
import type { Prices } from '../core/market/dtype.ts';

/** `[[..],[..]]`, one list of ticks for each of `columns`. */
function pricesJson(columns: readonly Prices[]): string {
  return `[${columns.map((prices) => `[${prices.join(',')}]`).join(',')}]`;
}

/** A `rows` message: the rows with `since < time <= until`, a list of ticks for each column. */
export function rowsMessageJson(
  id: number,
  since: number,
  until: number,
  lagRows: number,
  columns: readonly Prices[],
): string {
  const head = `{"type":"rows","id":${id},"since":${since},"until":${until},"lag":${lagRows}`;
  return `${head},"prices":${pricesJson(columns)}}`;
}
