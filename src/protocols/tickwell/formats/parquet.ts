import { isPrice } from '../../../core/market/fields.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Making } from '../../../host/http/body.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { candleForms, cuttingIn, type ReadCandles } from './candles.ts';
import { type Form, pricesForm, stretchOf, valuesForm, valuesOf, wideOf } from './columns.ts';
import {
  type ColumnValues,
  type Parquet,
  type ParquetColumn,
  ParquetFile,
} from './parquet-file.ts';
import { type ReadRows, type RowsWriter, rowsMetadata, seriesOf } from './rows.ts';
import { tradeForms, tradeMicros } from './trade-columns.ts';
import type { WrittenTrades } from './trades.ts';

/** Rows, candles and trades as Parquet. */

/** The most rows of a group: its longest column, the times, is made in a slice. */
export const GROUP_ROWS = 2 ** 14;
/** The most columns of all groups of a file: its index takes 50 bytes and a name for each. */
const MAX_CHUNKS = 1_000_000;
/**
 * The same of an answer, because an address has several at once: 12 MB with names of ten letters. A
 * year of seconds of 100 instruments has 194,425 in the longest groups.
 */
export const MAX_ANSWER_CHUNKS = 200_000;

/** The rows of a part, of `rows` at most: groups of it are as long as they may be. */
export function wholeGroups(rows: number): number {
  return rows > GROUP_ROWS ? rows - (rows % GROUP_ROWS) : rows;
}

/** What a file is to hold: `tables` of `rows` rows each, which are written `partRows` at a time. */
interface Extent {
  readonly what: 'rows' | 'candles' | 'trades';
  readonly rows: number;
  readonly partRows: number;
  readonly columns: number;
  readonly tables?: number;
  readonly maxChunks?: number;
}

/** The most rows of each table whose index may be held. */
export function rowsOfIndex(extent: Omit<Extent, 'what' | 'rows'>): number {
  const { partRows, columns, tables = 1, maxChunks = MAX_CHUNKS } = extent;
  return Math.floor(maxChunks / columns / tables) * Math.min(partRows, GROUP_ROWS);
}

/** Throws if a file would have a longer index than may be held. */
export function checkIndex({ what, rows, ...extent }: Extent): void {
  const limit = rowsOfIndex(extent);
  if (rows <= limit) return;
  const rule = `${what} must be at most ${limit} of so many columns in parquet`;
  const sentence = `${rule}: ask for a shorter range, or csv, ndjson or arrow; given: ${rows}`;
  throw new TickwellError('range_too_large', sentence, { limit });
}

/** A column, and its values of the rows `[from, next)`, counted from the first that were read. */
interface Source extends ParquetColumn {
  readonly about: Form['about'];
  valuesOf(from: number, next: number): Generator<unknown, ColumnValues, void>;
}

/** Writes the parts of one file, one after the other. */
export function parquetRows(parquet: Parquet): RowsWriter {
  let file: ParquetFile | undefined;
  return function* (rows) {
    const { range, part } = rows;
    const sources = yield* rowSources(rows);
    file ??= new ParquetFile(parquet, sources, {
      ...rowsMetadata(rows),
      columns: aboutColumns(sources),
    });
    return yield* groups(file, sources, range.next - range.from, part.isLast);
  };
}

function* rowSources({ market, range, read, notation }: ReadRows): Generator<void, Source[], void> {
  const times = timeSource((row) => timeOf(market.grid, range.from + row));
  const series = (yield* seriesOf(market, range, read)).map(({ name, column, field, values }) => {
    const form = isPrice(field)
      ? pricesForm(notation, market.instruments[column]!, market.spec.dtype)
      : valuesForm(field);
    return numberSource(name, form, values);
  });
  return [times, ...series];
}

/** As `parquetRows`; candles of one symbol after the other, if they are named. */
export function parquetCandles(parquet: Parquet): (candles: ReadCandles) => Making {
  let file: ParquetFile | undefined;
  return function* (candles) {
    const { answer, notation, among, part } = candles;
    const { market, symbol, time, closed, until } = answer;
    const ends = until === undefined ? {} : { until: String(until) };
    const sources = candleSources(candles);
    file ??= new ParquetFile(parquet, sources, {
      market,
      ...(among === undefined ? { symbol, closed: String(closed), ...ends } : {}),
      ...cuttingIn(answer),
      prices: notation.prices,
      columns: aboutColumns(sources),
    });
    return yield* groups(file, sources, time.length, part.isLast);
  };
}

/** As `parquetRows`, of trades; of one symbol after the other, if they are named. */
export function parquetTrades(parquet: Parquet): (trades: WrittenTrades) => Making {
  let file: ParquetFile | undefined;
  return function* (trades) {
    const { market, id, column, read, notation, isNamed, part } = trades;
    const { symbol } = market.instruments[column]!;
    const sources = tradeForms(trades).map(({ name, form, values }): Source => {
      if (name !== 'time') return numberSource(name, form, values);
      const valuesOf: Source['valuesOf'] = (from, next) => tradeMicros(market, read, from, next);
      return { name, type: 'micros', about: {}, valuesOf };
    });
    if (isNamed) sources.unshift(textSource('symbol', symbol));
    file ??= new ParquetFile(parquet, sources, {
      market: id,
      ...(isNamed ? {} : { symbol, fromId: String(read.from), nextId: String(read.next) }),
      prices: notation.prices,
      columns: aboutColumns(sources),
    });
    return yield* groups(file, sources, read.lots.length, part.isLast);
  };
}

function candleSources(candles: ReadCandles): Source[] {
  const { answer, among } = candles;
  const { symbol, time } = answer;
  const series = candleForms(candles).map(({ name, form, values }) =>
    numberSource(name, form, values),
  );
  const named = among === undefined ? [] : [textSource('symbol', symbol)];
  return [...named, timeSource((row) => time[row]!), ...series];
}

function* groups(
  file: ParquetFile,
  sources: readonly Source[],
  rows: number,
  isLast: boolean,
): Making {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < rows; from += GROUP_ROWS) {
    const next = Math.min(rows, from + GROUP_ROWS);
    pieces.push(...(yield* file.group(next - from, (n) => sources[n]!.valuesOf(from, next))));
  }
  if (isLast) pieces.push(...(yield* file.end()));
  return pieces;
}

function timeSource(timeAt: (row: number) => number): Source {
  return {
    name: 'time',
    type: 'time',
    about: {},
    valuesOf: (from, next) => wideOf(next - from, (row) => timeAt(from + row)),
  };
}

function numberSource(name: string, form: Form, values: ArrayLike<number>): Source {
  const { about, convert } = form;
  // Parquet has no narrower ones, and takes no more room for these.
  const type = form.type === 'int8' || form.type === 'int16' ? 'int32' : form.type;
  return {
    name,
    type,
    about,
    *valuesOf(from, next) {
      return yield* valuesOf(type, stretchOf(values, from, next), convert);
    },
  };
}

function textSource(name: string, text: string): Source {
  return {
    name,
    type: 'text',
    about: {},
    // biome-ignore lint/correctness/useYield: a text for each of the rows of a group.
    *valuesOf(from, next) {
      return new Array<string>(next - from).fill(text);
    },
  };
}

/** What makes prices of ticks, by column, as JSON: Parquet says such things of the whole file. */
function aboutColumns(sources: readonly Source[]): string {
  const said = sources.filter(({ about }) => Object.keys(about).length > 0);
  return JSON.stringify(Object.fromEntries(said.map(({ name, about }) => [name, about])));
}
