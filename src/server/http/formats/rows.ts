import type { History } from '../../../core/history/history.ts';
import { timeOf } from '../../../core/market/grid.ts';
import { fillRowsHead, pricesBytes, ROWS_HEAD_BYTES } from '../../../wire/binary.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { readRows } from '../../answers.ts';
import type { Service } from '../../service.ts';
import { arrowRows, loadArrow } from './arrow.ts';
import type { Making, RowsFormat } from './format.ts';
import { csvShape, lines, ndjsonRowShape, TextWriter } from './text.ts';

/** Rows that were asked for: `[from, next)`. */
export interface RowsRange {
  readonly columns: readonly number[];
  readonly from: number;
  readonly next: number;
  /** The index after the newest row there was; undefined if the range that was named is over. */
  readonly head: number | undefined;
}

/** Prices that are joined at a time: a millisecond's worth. */
const PRICES_PER_STEP = 2 ** 14;

/** Throws if `columns` cannot be written in `format`. */
export function checkColumns(
  { feed: { market }, limits }: Service,
  format: RowsFormat,
  columns: readonly number[],
): void {
  const limit = limits.maxArrowSymbols;
  if (format === 'arrow' && columns.length > limit) {
    throw new TickwellError(
      'range_too_large',
      `symbols must be at most ${limit} in arrow; given: ${columns.length}`,
      { limit },
    );
  }
  const time = market.columnOf('time');
  if ((format === 'csv' || format === 'arrow') && time !== undefined && columns.includes(time)) {
    throw new TickwellError(
      'bad_request',
      `symbols cannot hold the name of the first column of ${format}; given: time`,
    );
  }
}

/** Writes the rows of a range. */
export type RowsWriter = (history: History, range: RowsRange) => Making;

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
      return (history, range) => arrowRows(arrow, history, range);
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
function* jsonRows(history: History, { columns, from, next, head }: RowsRange): Making {
  const { market } = history;
  const read = yield* readRows(history, columns, from, next);
  const about = JSON.stringify({
    market: market.id,
    interval: market.grid.intervalMs,
    since: timeOf(market.grid, from - 1),
    until: timeOf(market.grid, next - 1),
    ...(head === undefined ? {} : { head: timeOf(market.grid, head - 1) }),
    symbols: symbolsOf(history, columns),
  });
  const writer = new TextWriter(`${about.slice(0, -1)},"prices":[`);
  for (const [n, prices] of read.entries()) {
    writer.add(n === 0 ? '[' : '],[');
    for (let row = 0; row < prices.length; row += PRICES_PER_STEP) {
      const some = prices.subarray(row, row + PRICES_PER_STEP).join(',');
      if (writer.add(row === 0 ? some : `,${some}`)) yield;
    }
  }
  writer.add(']]}');
  return writer.end();
}

function* csvRows(history: History, { columns, from, next }: RowsRange): Making {
  const { grid } = history.market;
  const read = yield* readRows(history, columns, from, next);
  const header = `time,${symbolsOf(history, columns).join(',')}\n`;
  const times = (row: number) => timeOf(grid, from + row);
  return yield* lines(csvShape(columns.length), header, next - from, times, read);
}

function* ndjsonRows(history: History, { columns, from, next }: RowsRange): Making {
  const { grid } = history.market;
  const read = yield* readRows(history, columns, from, next);
  const shape = ndjsonRowShape(symbolsOf(history, columns));
  return yield* lines(shape, '', next - from, (row) => timeOf(grid, from + row), read);
}

/** One frame, as on the stream. */
function* binRows(history: History, { columns, from, next, head = next }: RowsRange): Making {
  const { market } = history;
  const read = yield* readRows(history, columns, from, next);
  const start = new Uint8Array(ROWS_HEAD_BYTES);
  fillRowsHead(start, {
    dtype: market.spec.dtype,
    id: 0,
    since: timeOf(market.grid, from - 1),
    until: timeOf(market.grid, next - 1),
    rows: next - from,
    columns: columns.length,
    lagRows: Math.max(0, head - next),
  });
  return [start, pricesBytes(read)];
}

function symbolsOf({ market }: History, columns: readonly number[]): string[] {
  return columns.map((column) => market.instruments[column]!.symbol);
}
