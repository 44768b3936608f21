/**
 * Rows and candles as JSON text. Prices are joined, not stringified: it takes a third of the time.
 */
import type { Prices } from '../core/market/dtype.ts';
import { areUsual, type Field } from '../core/market/fields.ts';

/** `[[..],[..]]`, one list for each of `columns`. */
function listsJson(columns: readonly Prices[]): string {
  return `[${columns.map((values) => `[${values.join(',')}]`).join(',')}]`;
}

/**
 * The members of an object that say rows: `"prices":[[..],[..]]`, or `"fields":[..]` and one member
 * for each of them. `values` has as many arrays of each field, one field after the other.
 */
export function valuesJson(fields: readonly Field[], values: readonly Prices[]): string {
  if (areUsual(fields)) return `"prices":${listsJson(values)}`;
  const columns = values.length / fields.length;
  const members = fields.map((field, n) => {
    return `"${field}":${listsJson(values.slice(n * columns, (n + 1) * columns))}`;
  });
  return `"fields":${JSON.stringify(fields)},${members.join(',')}`;
}

/**
 * A `rows` message up to its values, which `valuesJson` and a `}` complete: the rows with
 * `since < time <= until`, `lagRows` behind the head.
 */
export function rowsMessageHeadJson(
  id: number,
  since: number,
  until: number,
  lagRows: number,
): string {
  return `{"type":"rows","id":${id},"since":${since},"until":${until},"lag":${lagRows},`;
}
