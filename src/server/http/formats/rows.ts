import type { History } from '../../../core/history/history.ts';
import type { Prices } from '../../../core/market/dtype.ts';
import { areUsual, type Field } from '../../../core/market/fields.ts';
import { timeOf } from '../../../core/market/grid.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytes } from '../../../wire/binary.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { readRows, type Wanted } from '../../answers.ts';
import type { Service } from '../../service.ts';
import { arrowRows, loadArrow } from './arrow.ts';
import type { Making, RowsFormat } from './format.ts';
import { csvShape, lines, ndjsonRowShape, TextWriter } from './text.ts';

/** Rows that were asked for: `[from, next)`. */
export interface RowsRange extends Wanted {
  readonly from: number;
  readonly next: number;
  /** The index after the newest row there was; undefined if the range that was named is over. */
  readonly head: number | undefined;
}

/** Prices that are joined at a time: a millisecond's worth. */
const PRICES_PER_STEP = 2 ** 14;

/** Throws if what is wanted cannot be written in `format`. */
export function checkColumns(
  { feed: { market }, limits }: Service,
  format: RowsFormat,
  { fields, columns }: Wanted,
): void {
  const limit = limits.maxArrowSymbols;
  if (format === 'arrow' && columns.length * fields.length > limit) {
    const times = areUsual(fields) ? '' : ` times ${fields.length} fields`;
    throw new TickwellError(
      'range_too_large',
      `symbols must be at most ${limit} in arrow; given: ${columns.length}${times}`,
      { limit },
    );
  }
  // Names of columns are those of fields too, then.
  if (!areUsual(fields)) return;
  const time = market.columnOf('time');
  if ((format === 'csv' || format === 'arrow') && time !== undefined && columns.includes(time)) {
    throw new TickwellError(
      'bad_request',
      `symbols cannot hold the name of the first column of ${format}; given: time`,
    );
  }
}

/** What a range is a part of, where it is written in several. */
export interface Part {
  readonly whole: RowsRange;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Writes the rows of a range, or of the part of one: together, parts are as the whole. */
export type RowsWriter = (history: History, range: RowsRange, part?: Part) => Making;

/** How rows are written in `format`. */
export async function rowsWriter(format: RowsFormat): Promise<RowsWriter> {
  switch (format) {
    case 'json':
      return jsonRows;
    case 'csv':
      return csvRows;
    case 'ndjson':
      return ndjsonRows;
    case 'bin':
      return binRows;
    case 'arrow': {
      const arrow = await loadArrow();
      return (history, range, part) => arrowRows(arrow, history, range, part);
    }
  }
}

/** What JSON says beside the prices, for formats that have no place for it. */
export function rowsHeaders({ market }: History, range: RowsRange): Record<string, string> {
  const { from, next, head } = range;
  const headers: Record<string, string> = {
    'tickwell-market': market.id,
    'tickwell-since': String(timeOf(market.grid, from - 1)),
    'tickwell-until': String(timeOf(market.grid, next - 1)),
  };
  if (head !== undefined) headers['tickwell-head'] = String(timeOf(market.grid, head - 1));
  return headers;
}

/**
 * A `RowsAnswer`. Without the head if the range is over, so that the same range is the same bytes
 * for ever.
 */
function* jsonRows(history: History, range: RowsRange): Making {
  const { market } = history;
  const { fields, columns, from, next, head } = range;
  const read = yield* readRows(history, range, from, next);
  const about = JSON.stringify({
    market: market.id,
    interval: market.grid.intervalMs,
    since: timeOf(market.grid, from - 1),
    until: timeOf(market.grid, next - 1),
    ...(head === undefined ? {} : { head: timeOf(market.grid, head - 1) }),
    symbols: symbolsOf(history, columns),
  });
  const writer = new TextWriter(about.slice(0, -1));
  if (!areUsual(fields)) writer.add(`,"fields":${JSON.stringify(fields)}`);
  for (const [n, values] of read.entries()) {
    const field = areUsual(fields) ? 'prices' : fields[n / columns.length];
    const isFirst = n % columns.length === 0;
    writer.add(isFirst ? `${n === 0 ? '' : ']]'},"${field}":[[` : '],[');
    for (let row = 0; row < values.length; row += PRICES_PER_STEP) {
      const some = values.subarray(row, row + PRICES_PER_STEP).join(',');
      if (writer.add(row === 0 ? some : `,${some}`)) yield;
    }
  }
  writer.add(']]}');
  return writer.end();
}

function* csvRows(history: History, range: RowsRange, part?: Part): Making {
  const { grid } = history.market;
  const { from, next } = range;
  const read = yield* readRows(history, range, from, next);
  const series = seriesOf(history, range, read);
  const names = series.map(({ name }) => name);
  const header = part === undefined || part.isFirst ? `time,${names.join(',')}\n` : '';
  const times = (row: number) => timeOf(grid, from + row);
  const columns = series.map(({ values }) => values);
  return yield* lines(csvShape(columns.length), header, next - from, times, columns);
}

function* ndjsonRows(history: History, range: RowsRange): Making {
  const { grid } = history.market;
  const { fields, columns, from, next } = range;
  const read = yield* readRows(history, range, from, next);
  const names = areUsual(fields) ? ['prices'] : fields;
  const shape = ndjsonRowShape(names, symbolsOf(history, columns));
  return yield* lines(shape, '', next - from, (row) => timeOf(grid, from + row), read);
}

/** One frame, as on the stream. */
function* binRows(history: History, range: RowsRange): Making {
  const { market } = history;
  const { fields, columns, from, next, head = next } = range;
  const read = yield* readRows(history, range, from, next);
  const start = new Uint8Array(ROWS_HEAD_BYTES);
  fillRowsHead(start, {
    dtype: market.spec.dtype,
    fields,
    id: 0,
    since: timeOf(market.grid, from - 1),
    until: timeOf(market.grid, next - 1),
    rows: next - from,
    columns: columns.length,
    lagRows: Math.max(0, head - next),
  });
  return [start, valuesBytes(fields, read)];
}

/** A column of a table: a field of a symbol. */
export interface Series {
  readonly name: string;
  readonly column: number;
  readonly field: Field;
  readonly values: Prices;
}

/** What was read, symbol by symbol: named by the symbol, or `symbol.field` if fields are named. */
export function seriesOf(
  { market }: History,
  { fields, columns }: Wanted,
  read: readonly Prices[],
): Series[] {
  return columns.flatMap((column, n) =>
    fields.map((field, f) => {
      const { symbol } = market.instruments[column]!;
      const name = areUsual(fields) ? symbol : `${symbol}.${field}`;
      return { name, column, field, values: read[f * columns.length + n]! };
    }),
  );
}

function symbolsOf({ market }: History, columns: readonly number[]): string[] {
  return columns.map((column) => market.instruments[column]!.symbol);
}
