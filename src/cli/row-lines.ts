import type { AnyRows } from '../client/rows.ts';
import { wantedOf } from '../core/history/wanted.ts';
import type { Dtype } from '../core/market/dtype.ts';
import type { Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { csvRows, ndjsonRows, type WrittenMarket } from '../protocols/tickwell/formats/rows.ts';
import type { Notation } from '../wire/notation.ts';
import type { FollowOptions } from './commands/follow.ts';
import { rowsIn } from './followed-rows.ts';

/** What is known of instruments, by symbol. */
export type Instruments = ReadonlyMap<
  string,
  { readonly tickSize: number; readonly decimals: number }
>;

/** How rows are written; `instruments` are needed for decimals alone. */
export interface LinesForm {
  readonly format: FollowOptions['format'];
  readonly fields: readonly Field[];
  readonly notation: Notation;
  readonly instruments: Instruments;
}

/** The lines of rows, as `GET /v1/rows` writes them; of CSV with the header if `isFirst`. */
export function rowLines(rows: AnyRows, form: LinesForm, isFirst: boolean): Buffer {
  const { fields, notation } = form;
  const write = form.format === 'csv' ? csvRows : ndjsonRows;
  const columns = rows.symbols.map((_, column) => column);
  const range = {
    ...wantedOf(fields, columns),
    ...{ from: 0, next: rowsIn(rows), head: undefined, id: '' },
  };
  const read = fields.flatMap((field) => rows.values[field] ?? []);
  const part = { whole: range, isFirst, isLast: false };
  const market = writtenMarket(rows, form.instruments);
  return Buffer.concat(finish(write({ market, range, read, notation, part })));
}

/** A market whose first row is the first of `rows`. */
export function writtenMarket(
  rows: AnyRows,
  instruments: Instruments,
  dtype: Dtype = 'float64',
): WrittenMarket {
  const { since, interval, symbols } = rows;
  const unknown = { tickSize: 1, decimals: 0 };
  return {
    grid: { originMs: since + interval, intervalMs: interval },
    spec: { dtype },
    instruments: symbols.map((symbol) => ({
      symbol,
      ...(instruments.get(symbol) ?? unknown),
    })),
  };
}
