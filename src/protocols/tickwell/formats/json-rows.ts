import type { Lists } from '../../../core/market/columns.ts';
import type { Prices } from '../../../core/market/dtype.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import { areNamed, namesOf } from '../../../wire/row-names.ts';
import { type Text, timeJson } from './notation.ts';
import { FEW_ROWS, type ReadRows, symbolsOf, valueText } from './rows.ts';
import { TextWriter } from './text.ts';

/** Prices that are joined at a time, at 40 to 130 ns: a quarter to half a millisecond of work. */
const PRICES_PER_STEP = 2 ** 12;

/**
 * A `RowsAnswer`. Without the head if the range is over, so that the same range is the same bytes
 * for ever.
 */
export function* jsonRows({ market, range, read, notation }: ReadRows): Making {
  const { grid } = market;
  const { fields, columns, from, next, head } = range;
  const time = timeJson(notation);
  const about = JSON.stringify({ market: range.id, interval: grid.intervalMs });
  const writer = new TextWriter(about.slice(0, -1));
  writer.add(`,"since":${time(sinceOf(grid, from))},"until":${time(sinceOf(grid, next))}`);
  if (from === next) writer.add(`,"earliest":${time(grid.originMs)}`);
  if (head !== undefined) writer.add(`,"head":${time(sinceOf(grid, head))}`);
  if (writer.add(`,"symbols":${symbolsJson(market, columns)}`)) yield;
  if (areNamed(fields)) writer.add(`,"fields":${JSON.stringify(fields)}`);
  const names = namesOf(fields);
  for (const [f, field] of fields.entries()) {
    writer.add(`,"${names[f]}":[[`);
    const row = read.rows === 1 ? read.whole?.[f] : undefined;
    const texts = (column: number) =>
      valueText(market, column, field, notation, next - from > FEW_ROWS);
    if (row === undefined) yield* addLists(writer, read, f, { columns, texts });
    else yield* addRow(writer, row, { columns, texts });
    writer.add(']]');
  }
  writer.add('}');
  return writer.end();
}

/** How the values of a field of columns are written. */
interface Texts {
  readonly columns: readonly number[];
  /** Of a column: as they are if it is undefined. */
  readonly texts: (column: number) => Text | undefined;
}

/** The lists of the fth field, with `],[` between. */
function* addLists(
  writer: TextWriter,
  read: Lists,
  f: number,
  { columns, texts }: Texts,
): Generator<void, void, void> {
  for (const [n, column] of columns.entries()) {
    const values = read.at(f * columns.length + n)!;
    const text = texts(column);
    let before = n === 0 ? '' : '],[';
    for (let row = 0; row < values.length; row += PRICES_PER_STEP) {
      const some = values.subarray(row, row + PRICES_PER_STEP);
      const joined = text === undefined ? some.join(',') : Array.from(some, text).join(',');
      if (writer.add(before + joined)) yield;
      before = ',';
    }
    if (values.length === 0 && writer.add(before)) yield;
  }
}

/** The values of one row, with `],[` between: a view of each would take longer than its number. */
function* addRow(
  writer: TextWriter,
  row: Prices,
  { columns, texts }: Texts,
): Generator<void, void, void> {
  const areTexts = texts(columns[0]!) !== undefined;
  for (let from = 0; from < row.length; from += PRICES_PER_STEP) {
    const next = Math.min(row.length, from + PRICES_PER_STEP);
    let joined = '';
    for (let n = from; n < next; n++) {
      if (n > 0) joined += '],[';
      joined += areTexts ? texts(columns[n]!)!(row[n]!) : row[n]!;
    }
    if (writer.add(joined)) yield;
  }
}

/** Lists of symbols as JSON, of columns that are asked for again and again, such as all. */
const symbolsTexts = new WeakMap<readonly number[], string>();
/** Shorter ones are written as quickly as they are looked up. */
const LEAST_KEPT_SYMBOLS = 16;

function symbolsJson(market: Market, columns: readonly number[]): string {
  const known = symbolsTexts.get(columns);
  if (known !== undefined) return known;
  const text = JSON.stringify(symbolsOf(market, columns));
  if (columns.length >= LEAST_KEPT_SYMBOLS) symbolsTexts.set(columns, text);
  return text;
}
