/**
 * Rows and candles as JSON text. Prices are joined, not stringified: it takes a third of the time.
 */

import { type CandleLists, candleValues } from '../core/market/candle-lists.ts';
import type { Lists } from '../core/market/columns.ts';
import type { Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { areNamed, namesOf } from './row-names.ts';

/** Values that are joined between two yields, at 40 to 130 ns each. */
const VALUES_PER_STEP = 2 ** 12;
/** What a list of its own costs beside its values. */
const LIST_VALUES = 2;

/** `[[..],[..]]`: the lists of the nth field, of so many columns. */
function* listsJson(values: Lists, n: number, columns: number): Generator<void, string, void> {
  const texts: string[] = [];
  // Of one row a view of each would take longer than to write its one number.
  const row = values.rows === 1 ? values.whole?.[n] : undefined;
  for (let column = 0; column < columns; ) {
    let stop = column;
    if (row !== undefined) {
      stop = Math.min(columns, column + VALUES_PER_STEP);
      texts.push(row.subarray(column, stop).join('],['));
    } else {
      for (let joined = 0; stop < columns && joined < VALUES_PER_STEP; stop++) {
        const list = values.at(n * columns + stop)!;
        texts.push(list.join(','));
        joined += LIST_VALUES + list.length;
      }
    }
    column = stop;
    if (column < columns) yield;
  }
  return `[[${texts.join('],[')}]]`;
}

/**
 * The members of an object that say rows: `"prices":[[..],[..]]`, or `"fields":[..]` and one member
 * for each of them. `values` has as many lists of each field, one field after the other.
 */
export function valuesJson(fields: readonly Field[], values: Lists): string {
  return finish(valuesJsonInSteps(fields, values));
}

/** The same, with a yield after every few thousand values. */
export function* valuesJsonInSteps(
  fields: readonly Field[],
  values: Lists,
): Generator<void, string, void> {
  const columns = values.length / fields.length;
  let text = areNamed(fields) ? `"fields":${JSON.stringify(fields)},` : '';
  for (const [n, name] of namesOf(fields).entries()) {
    if (n > 0) {
      text += ',';
      yield;
    }
    text += `"${name}":${yield* listsJson(values, n, columns)}`;
  }
  return text;
}

/** A message of a subscription up to its id. */
export function messageStartOf(type: string): string {
  return `{"type":"${type}","id":`;
}

/** What follows the id, up to the values. */
export function rowsMessageRangeJson(since: number, until: number, lagRows: number): string {
  return `,"since":${since},"until":${until},"lag":${lagRows},`;
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
  return `${messageStartOf('rows')}${id}${rowsMessageRangeJson(since, until, lagRows)}`;
}

/**
 * The members of an object that say candles of a stream: `"time":[..],"open":[[..],[..]]` and so
 * on, `"final":true`. Yields after every few thousand values.
 */
export function* candlesJsonInSteps(
  { fields, columns, time, values, isSparse }: CandleLists,
  isFinal: boolean,
): Generator<void, string, void> {
  let text = `"time":[${time.join(',')}]`;
  const count = time.length;
  const step = Math.max(1, Math.floor(VALUES_PER_STEP / (LIST_VALUES + count)));
  for (const name of candleValues(fields)) {
    const list = values[name]!;
    const texts: string[] = [];
    for (let column = 0; column < columns; ) {
      const stop = Math.min(columns, column + step);
      if (count === 1) texts.push(list.subarray(column, stop).join('],['));
      for (; column < stop && count !== 1; column++) {
        texts.push(list.subarray(column * count, (column + 1) * count).join(','));
      }
      column = stop;
      if (column < columns) yield;
    }
    const lists = texts.join('],[');
    text += `,"${name}":[[${isSparse ? lists.replaceAll('NaN', 'null') : lists}]]`;
  }
  return `${text},"final":${isFinal}`;
}
