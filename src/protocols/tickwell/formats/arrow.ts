import type { Data, DataType, Field } from 'apache-arrow';
import { isPrice } from '../../../core/market/fields.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Making } from '../../../host/http/body.ts';
import { type Arrow, streamWriter } from './arrow-library.ts';
import { candleForms, cuttingIn, type ReadCandles } from './candles.ts';
import { type Form, type NumberType, pricesForm, valuesForm, valuesOf, wideOf } from './columns.ts';
import { type ReadRows, rowsMetadata, seriesOf } from './rows.ts';
import type { Place } from './text.ts';
import { tradeForms, tradeMicros } from './trade-columns.ts';
import type { WrittenTrades } from './trades.ts';

/** What stands before each message of a stream, and at its end. */
const MARK_BYTES = 8;

/** Columns that Arrow is given between two yields, of few rows each: half a millisecond of work. */
const COLUMNS_PER_STEP = 2 ** 7;

/** The rows of a range as an Arrow IPC stream: `time`, then a column for each series. */
export function* arrowRows(arrow: Arrow, rows: ReadRows): Making {
  const { market, range, read, notation, part } = rows;
  const { from, next } = range;
  const times = yield* wideOf(next - from, (row) => timeOf(market.grid, from + row));
  const columns = [timeColumn(arrow, times)];
  for (const { name, column, field, values } of yield* seriesOf(market, range, read)) {
    if (columns.length % COLUMNS_PER_STEP === 0) yield;
    const form = isPrice(field)
      ? pricesForm(notation, market.instruments[column]!, market.spec.dtype)
      : valuesForm(field);
    columns.push(yield* valueColumn(arrow, name, form, values));
  }
  const made = yield* streamOf(arrow, rowsMetadata(rows), columns);
  return [within(made, part)];
}

/**
 * A stream without its schema unless it is the first, and without its end unless it is the last:
 * what is between are batches, one after the other. Source: Arrow Columnar Format, "IPC Streaming
 * Format".
 */
function within(stream: Uint8Array, { isFirst, isLast }: Place): Uint8Array {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  // A mark and the length of what follows: of the schema first, 0 at the end.
  const schemaBytes = MARK_BYTES + view.getInt32(4, true);
  return stream.subarray(isFirst ? 0 : schemaBytes, isLast ? undefined : -MARK_BYTES);
}

/** Candles as an Arrow IPC stream: `time`, `open`, `high`, `low`, `close`, and sums. */
export function* arrowCandles(arrow: Arrow, candles: ReadCandles): Making {
  const { answer, notation, among, part } = candles;
  const { market, symbol, closed, until, time } = answer;
  const { prices } = notation;
  const columns = among === undefined ? [] : [textColumn(arrow, 'symbol', symbol, time.length)];
  columns.push(timeColumn(arrow, yield* wideOf(time.length, (row) => time[row]!)));
  for (const { name, values, form } of candleForms(candles)) {
    columns.push(yield* valueColumn(arrow, name, form, values));
  }
  const ends = until === undefined ? {} : { until };
  const own = among === undefined ? { symbol, closed, ...ends } : {};
  const about = { market, ...own, ...cuttingIn(answer), prices };
  return [within(yield* streamOf(arrow, about, columns), part)];
}

interface Column {
  readonly field: Field;
  readonly data: Data;
}

/** Trades as an Arrow IPC stream: `id`, `time` in microseconds, `price`, `lots`, `side`. */
export function* arrowTrades(arrow: Arrow, trades: WrittenTrades): Making {
  const { market, id, column, read, notation, isNamed, part } = trades;
  const { symbol } = market.instruments[column]!;
  const columns = isNamed ? [textColumn(arrow, 'symbol', symbol, read.lots.length)] : [];
  for (const { name, form, values } of tradeForms(trades)) {
    if (name === 'time') {
      const times = yield* tradeMicros(market, read);
      columns.push(timeColumn(arrow, times, arrow.TimeUnit.MICROSECOND));
    } else columns.push(yield* valueColumn(arrow, name, form, values));
  }
  const own = isNamed ? {} : { symbol, fromId: read.from, nextId: read.next };
  const about = { market: id, ...own, prices: notation.prices };
  return [within(yield* streamOf(arrow, about, columns), part)];
}

function timeColumn(arrow: Arrow, times: BigInt64Array, unit = arrow.TimeUnit.MILLISECOND): Column {
  const type = new arrow.Timestamp(unit, 'UTC');
  const data = arrow.makeData({ type, length: times.length, nullCount: 0, data: times });
  return { field: new arrow.Field('time', type, false), data };
}

/** The same text in each row. */
function textColumn(arrow: Arrow, name: string, text: string, rows: number): Column {
  const type = new arrow.Utf8();
  const own = Buffer.from(text);
  const data = Buffer.alloc(own.byteLength * rows, own);
  const valueOffsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * own.byteLength);
  const made = arrow.makeData({ type, length: rows, nullCount: 0, data, valueOffsets });
  return { field: new arrow.Field(name, type, false), data: made };
}

function* valueColumn(
  arrow: Arrow,
  name: string,
  { type: named, about, convert }: Form,
  values: ArrayLike<number>,
): Generator<unknown, Column, void> {
  const type = typeOf(arrow, named);
  const made = yield* valuesOf(named, values, convert);
  const data = arrow.makeData({ type, length: made.length, nullCount: 0, data: made } as never);
  return { field: new arrow.Field(name, type, false, metadataOf(about)), data };
}

function typeOf(arrow: Arrow, type: NumberType): DataType {
  switch (type) {
    case 'int8':
      return new arrow.Int8();
    case 'int16':
      return new arrow.Int16();
    case 'int32':
      return new arrow.Int32();
    case 'int64':
      return new arrow.Int64();
    case 'float64':
      return new arrow.Float64();
  }
}

/**
 * One batch of records between a schema and the mark of the end. Of a thousand columns each call of
 * Arrow takes a millisecond or two: none is made in the same step as another.
 */
function* streamOf(
  arrow: Arrow,
  about: Readonly<Record<string, string | number>>,
  columns: readonly Column[],
): Generator<unknown, Uint8Array, void> {
  const fields = columns.map(({ field }) => field);
  const children = columns.map(({ data }) => data);
  const schema = new arrow.Schema(fields, metadataOf(about));
  yield;
  const length = children[0]!.length;
  const type = new arrow.Struct(fields);
  const writer = streamWriter(arrow);
  writer.reset(undefined, schema);
  yield;
  const data = arrow.makeData({ type, length, nullCount: 0, children });
  yield;
  const batch = new arrow.RecordBatch(schema, data);
  yield;
  writer.write(batch);
  yield;
  writer.finish();
  return writer.toUint8Array(true);
}

function metadataOf(about: Readonly<Record<string, string | number>>): Map<string, string> {
  return new Map(Object.entries(about).map(([name, value]) => [name, String(value)]));
}
