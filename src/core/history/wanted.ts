import type { Field } from '../market/fields.ts';

/** What is read of each row: fields of columns. `wantedOf` makes it, where a request comes in. */
export interface Wanted {
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  /** Whether quotes or trades are among the fields, which are made of prices when they are read. */
  readonly isTraded: boolean;
}

/** `fields` of `columns`, in the order that was asked for. */
export function wantedOf(fields: readonly Field[], columns: readonly number[]): Wanted {
  return { fields, columns, isTraded: fields.some((field) => field !== 'last') };
}
