import type { Field } from '../wire/messages.ts';
import type { DefaultFields, Named, NamedPrices, PricesOf } from './fields.ts';

/** `columns[column][row]`: ticks of prices, lots of volumes. */
export type RowColumns = readonly Float64Array[];

/** `[column][row]` of each field that was named. */
export type RowValues<Fields extends readonly Field[] = readonly Field[]> = Named<
  Fields,
  RowColumns
>;

/** A value of each instrument, by its symbol. */
export type BySymbol = Readonly<Record<string, number>>;

/**
 * One row: its time, and each field that was named, by symbol: `row.bid.NIMBO`. `prices` are those
 * of `last`, if that was named or none was.
 */
export type Row<Fields extends readonly Field[] = DefaultFields> = {
  /** In milliseconds since 1970 UTC. */
  readonly time: number;
} & NamedPrices<Fields, BySymbol> &
  Named<Fields, BySymbol>;

/** What they are made of. */
type RowsFacts = Omit<AnyRows, 'prices' | typeof Symbol.iterator>;

/**
 * The rows with `since < time <= until`, as an application gets them: whole columns, or one row
 * after the other with `for (const row of rows)`.
 */
export class Rows<Fields extends readonly Field[] = DefaultFields>
  implements Iterable<Row<Fields>>
{
  /** Time of the row before the first of these: `until` of the rows before, unless `skipped`. */
  readonly since: number;
  /** Time of the last of these rows. The cursor to go on from. */
  readonly until: number;
  /** How many rows were behind the head after these: 0 means live. */
  readonly lag: number;
  /** The columns. */
  readonly symbols: readonly string[];
  /** Milliseconds between rows. */
  readonly interval: number;
  /**
   * `prices[column][row]`, in ticks: `price = ticks * tickSize`. Empty if `fields` were named
   * without `last`.
   */
  readonly prices: PricesOf<Fields, RowColumns>;
  /** The fields that were named, or `last`: `values.bid[column][row]`. */
  readonly values: RowValues<Fields>;
  /** Rows that were left out just before these; only with `delivery: 'latest'`. */
  declare readonly skipped?: Skipped;

  constructor({ since, until, lag, symbols, interval, values, skipped }: RowsFacts) {
    this.since = since;
    this.until = until;
    this.lag = lag;
    this.symbols = symbols;
    this.interval = interval;
    this.prices = (values.last ?? []) as Rows<Fields>['prices'];
    this.values = values as RowValues<Fields>;
    if (skipped !== undefined) this.skipped = skipped;
  }

  *[Symbol.iterator](): Generator<Row<Fields>, void> {
    const fields = Object.entries<RowColumns>(this.values);
    const rows = Math.round((this.until - this.since) / this.interval);
    for (let n = 0; n < rows; n++) {
      const row: Record<string, BySymbol | number> = { time: timeOf(this, n) };
      for (const [field, columns] of fields) row[field] = bySymbol(this.symbols, columns, n);
      if (row.last !== undefined) row.prices = row.last;
      yield row as Row<Fields>;
    }
  }
}

function bySymbol(symbols: readonly string[], columns: RowColumns, row: number): BySymbol {
  const values: Record<string, number> = {};
  for (let column = 0; column < symbols.length; column++) {
    values[symbols[column]!] = columns[column]![row]!;
  }
  return values;
}

/** Rows of whatever fields. */
export interface AnyRows extends Iterable<Row<readonly Field[]>, void> {
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly symbols: readonly string[];
  readonly interval: number;
  readonly prices: RowColumns;
  readonly values: RowValues;
  readonly skipped?: Skipped;
}

/** The `rows` rows with `since < time <= until` that `delivery: 'latest'` has left out. */
export interface Skipped {
  readonly since: number;
  readonly until: number;
  readonly rows: number;
}

/** The time of row `row` (from 0) of `rows`, in milliseconds since 1970 UTC. */
export function timeOf(rows: { readonly since: number; readonly interval: number }, row: number) {
  return rows.since + (row + 1) * rows.interval;
}

/** `newer`, with `older` left out and announced. They follow one another. */
export function conflate(older: AnyRows, newer: AnyRows): AnyRows {
  const { since } = older.skipped ?? older;
  const { since: until, interval } = newer;
  const skipped = { since, until, rows: Math.round((until - since) / interval) };
  return new Rows({ ...newer, skipped });
}
