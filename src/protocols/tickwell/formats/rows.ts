import type { Wanted } from '../../../core/history/wanted.ts';
import type { Lists } from '../../../core/market/columns.ts';
import type { Prices } from '../../../core/market/dtype.ts';
import { type Field, isPrice } from '../../../core/market/fields.ts';
import { sinceOf, timeOf } from '../../../core/market/grid.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytesInSteps } from '../../../wire/binary.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Notation } from '../../../wire/notation.ts';
import { areNamed, namesOf } from '../../../wire/row-names.ts';
import type { RowsFormat } from './format.ts';
import { mayKeepTexts, priceText, type Text, timeJson, timeText } from './notation.ts';
import {
  type Cells,
  csvShape,
  lines,
  ndjsonRowShape,
  type Place,
  recordList,
  type Table,
} from './text.ts';

/** Rows that were asked for: `[from, next)`. */
export interface RowsRange extends Wanted {
  readonly from: number;
  readonly next: number;
  /** The index after the newest row there was; undefined if the range that was named is over. */
  readonly head: number | undefined;
  /** The market id that an answer says. */
  readonly id: string;
}

/** Throws if what is wanted cannot be written in `format`; Arrow and Parquet have a limit. */
export function checkColumns(
  market: Market,
  limit: number,
  format: RowsFormat,
  { fields, columns }: Wanted,
): void {
  if ((format === 'arrow' || format === 'parquet') && columns.length * fields.length > limit) {
    const times = areNamed(fields) ? ` times ${fields.length} fields` : '';
    throw new TickwellError(
      'range_too_large',
      `symbols must be at most ${limit} in ${format}; given: ${columns.length}${times}`,
      { limit },
    );
  }
  // Names of columns are those of fields too, then.
  if (areNamed(fields)) return;
  const time = market.columnOf('time');
  const isTable = format === 'csv' || format === 'arrow' || format === 'parquet';
  if (isTable && time !== undefined && columns.includes(time)) {
    throw new TickwellError(
      'bad_request',
      `symbols cannot hold the name of the first column of ${format}; given: time`,
    );
  }
}

/** A part of a range. */
export interface Part extends Place {
  readonly whole: RowsRange;
}

/** What is to be known of a market, to write rows of it as text or as a frame. */
export interface WrittenMarket extends Pick<Market, 'grid'> {
  readonly spec: Pick<Market['spec'], 'dtype'>;
  readonly instruments: readonly Pick<Instrument, 'symbol' | 'tickSize' | 'decimals'>[];
}

/** The rows of a range, read: a list for each column, of one field after the other. */
export interface WrittenRows {
  readonly market: WrittenMarket;
  readonly range: RowsRange;
  readonly read: Lists;
  readonly notation: Notation;
  readonly part: Part;
}

/** The same of a market that is here. */
export interface ReadRows extends WrittenRows {
  readonly market: Market;
}

/** Writes the rows of a range, or of a part of one: together, parts are as the whole. */
export type RowsWriter = (rows: ReadRows) => Making;

/** A range that is written in one part. */
export function alone(whole: RowsRange): Part {
  return { whole, isFirst: true, isLast: true };
}

/** What JSON says beside the prices, for formats that have no place for it. */
export function rowsHeaders(market: Market, range: RowsRange): Record<string, string> {
  const { from, next, head, id } = range;
  const headers: Record<string, string> = {
    'tickwell-market': id,
    'tickwell-since': String(sinceOf(market.grid, from)),
    'tickwell-until': String(sinceOf(market.grid, next)),
  };
  if (from === next) headers['tickwell-earliest'] = String(market.grid.originMs);
  if (head !== undefined) headers['tickwell-head'] = String(sinceOf(market.grid, head));
  return headers;
}

/** The same for formats that have a place for it: what they say of a whole range, as texts. */
export function rowsMetadata({ market, notation, part }: ReadRows): Record<string, string> {
  const { fields, from, next, id } = part.whole;
  return {
    market: id,
    interval: String(market.grid.intervalMs),
    since: String(sinceOf(market.grid, from)),
    until: String(sinceOf(market.grid, next)),
    prices: notation.prices,
    ...(areNamed(fields) ? { fields: fields.join() } : {}),
  };
}

export function* csvRows({ market, range, read, notation, part }: WrittenRows): Making {
  const { fields, columns } = range;
  // Symbol by symbol.
  const places = (n: number) =>
    (n % fields.length) * columns.length + Math.floor(n / fields.length);
  const cells = yield* cellsOf(market, range, { read, notation, places });
  const header = part.isFirst ? `time${yield* namesText(market, range)}\n` : '';
  const table = tableOf(market, range, cells);
  return yield* lines(csvShape(cells.length), header, table, timeText(notation));
}

export function* ndjsonRows(rows: WrittenRows): Making {
  const { shape, table } = yield* recordsOf(rows);
  return yield* lines(shape, '', table, timeJson(rows.notation));
}

/** The same records as one list. */
export function* recordRows(rows: ReadRows): Making {
  const { shape, table } = yield* recordsOf(rows);
  return yield* recordList(shape, table, timeJson(rows.notation), rows.part);
}

function* recordsOf({ market, range, read, notation }: WrittenRows) {
  const { fields, columns } = range;
  const shape = yield* ndjsonRowShape(namesOf(fields), symbolsOf(market, columns));
  const cells = yield* cellsOf(market, range, { read, notation, places: (n) => n });
  return { shape, table: tableOf(market, range, cells) };
}

/** Series that are named, or whose texts are chosen, at a time: half a millisecond of work. */
const SERIES_PER_STEP = 2 ** 12;
const COLUMNS_PER_STEP = SERIES_PER_STEP / 8;
/** Of few rows the numbers are copied: views of tens of thousands of series are much to keep. */
export const FEW_ROWS = 8;

/** What was read, in the order that `places` gives. */
function* cellsOf(
  market: WrittenMarket,
  { fields, columns }: Wanted,
  how: Pick<WrittenRows, 'read' | 'notation'> & { readonly places: (n: number) => number },
): Generator<void, Cells[], void> {
  const { read, notation, places } = how;
  const cells: Cells[] = [];
  const mayKeep = mayKeepTexts(read.length);
  for (let n = 0; n < read.length; n++) {
    const place = places(n);
    const field = fields[Math.floor(place / columns.length)]!;
    const column = columns[place % columns.length]!;
    const view = read.at(place)!;
    const values = view.length <= FEW_ROWS ? Array.from(view) : view;
    cells.push({ values, text: valueText(market, column, field, notation, mayKeep) });
    if (cells.length % SERIES_PER_STEP === 0) yield;
  }
  return cells;
}

/** The names of series as `seriesOf` gives them, with commas between. */
function* namesText(market: WrittenMarket, wanted: Wanted): Generator<void, string, void> {
  let text = '';
  for (const [n, column] of wanted.columns.entries()) {
    for (const field of wanted.fields) text += `,${seriesName(market, wanted, column, field)}`;
    if (n % COLUMNS_PER_STEP === 0) yield;
  }
  return text;
}

/** One frame, as on the stream. */
export function* binRows({ market, range, read }: WrittenRows): Making {
  const { fields, columns, from, next, head = next } = range;
  const start = new Uint8Array(ROWS_HEAD_BYTES);
  fillRowsHead(start, {
    dtype: market.spec.dtype,
    fields,
    id: 0,
    since: sinceOf(market.grid, from),
    until: sinceOf(market.grid, next),
    rows: next - from,
    columns: columns.length,
    lagRows: Math.max(0, head - next),
  });
  return [start, yield* valuesBytesInSteps(fields, read)];
}

function tableOf(
  { grid }: WrittenMarket,
  { from, next }: RowsRange,
  columns: readonly Cells[],
): Table {
  return { rows: next - from, timeOf: (row) => timeOf(grid, from + row), columns };
}

/** How the values of a field of a column are written: as they are, unless they are prices. */
export function valueText(
  { instruments }: WrittenMarket,
  column: number,
  field: Field,
  notation: Notation,
  mayKeep = true,
): Text | undefined {
  return isPrice(field) ? priceText(notation, instruments[column]!, mayKeep) : undefined;
}

/** A column of a table: a field of a symbol. */
export interface Series {
  readonly name: string;
  readonly column: number;
  readonly field: Field;
  readonly values: Prices;
}

/** What was read, symbol by symbol: named by the symbol, or `symbol.field` if fields are named. */
export function* seriesOf(
  market: Market,
  wanted: Wanted,
  read: Lists,
): Generator<void, Series[], void> {
  const { fields, columns } = wanted;
  const series: Series[] = [];
  for (const [n, column] of columns.entries()) {
    for (const [f, field] of fields.entries()) {
      const name = seriesName(market, wanted, column, field);
      series.push({ name, column, field, values: read.at(f * columns.length + n)! });
      if (series.length % SERIES_PER_STEP === 0) yield;
    }
  }
  return series;
}

function seriesName(
  { instruments }: WrittenMarket,
  { fields }: Wanted,
  column: number,
  field: Field,
): string {
  const { symbol } = instruments[column]!;
  return areNamed(fields) ? `${symbol}.${field}` : symbol;
}

export function symbolsOf(market: WrittenMarket, columns: readonly number[]): string[] {
  return columns.map((column) => market.instruments[column]!.symbol);
}
