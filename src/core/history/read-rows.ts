import { Columns } from '../market/columns.ts';
import type { Field } from '../market/fields.ts';
import { eachBlock } from '../market/pieces.ts';
import type { History } from './history.ts';
import type { Wanted } from './wanted.ts';

/** Values that are copied out of the ring between two yields: half a millisecond of work. */
const VALUES_PER_STEP = 2 ** 15;
/** What finding a field of a column costs beside its values: half a microsecond. */
const ARRAY_VALUES = 2 ** 5;

/**
 * The values of the rows `[from, next)`: a list for each column, of one field after the other. They
 * are read column by column: all fields of one come from the same blocks, of which few are kept.
 */
export function* readRows(
  history: History,
  { fields, columns, isTraded }: Wanted,
  from: number,
  next: number,
): Generator<void, Columns, void> {
  const rows = next - from;
  const whole = fields.map((field) => history.newValues(field, columns.length * rows));
  const isWide = isTraded && !history.trades.keepsBlocksOf(columns.length);
  // Whoever reads at the head comes back for the next rows.
  if (isTraded && from < next && history.trades.isNew(from)) yield* history.trades.follow(columns);
  // Those made in blocks cost as much for a few of their rows.
  const isMade = isTraded || from < history.ring.tail;
  const order = orderOf(fields);
  const pieces = [...eachBlock(from, next)];
  let copied = 0;
  for (const [n, column] of columns.entries()) {
    const at = n * rows;
    for (const piece of pieces) {
      const { from: index, next: stop } = piece;
      if (isWide) history.trades.make(column, piece);
      for (const f of order) {
        history.copyField(whole[f]!, at + index - from, fields[f]!, column, index, stop);
      }
      copied += fields.length * (stop - index + ARRAY_VALUES);
      if (!isMade && copied < VALUES_PER_STEP) continue;
      copied = 0;
      yield;
    }
  }
  return new Columns(whole, columns.length, rows);
}

/** The places of `fields`, prices last: what is made of them makes them too. */
function orderOf(fields: readonly Field[]): number[] {
  const last = fields.indexOf('last');
  const others = fields.map((_, f) => f).filter((f) => f !== last);
  return last < 0 ? others : [...others, last];
}
