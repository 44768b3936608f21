import type { Data, DataType, Field } from 'apache-arrow';
import type { History } from '../../../core/history/history.ts';
import { type Dtype, newPrices, type Prices } from '../../../core/market/dtype.ts';
import { areUsual, CANDLE_FIELDS, dtypeOfField, isPrice } from '../../../core/market/fields.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Market } from '../../../core/market/market.ts';
import type { CandlesAnswer } from '../../../wire/messages.ts';
import { readRows } from '../../answers.ts';
import type { Making } from './format.ts';
import { type Part, type RowsRange, seriesOf } from './rows.ts';

type Arrow = typeof import('apache-arrow');

/** What stands before each message of a stream, and at its end. */
const MARK_BYTES = 8;

/** Times are made in slices of so many rows. */
const ROWS_PER_STEP = 2 ** 16;

/** The library takes a fifth of a second to load: nobody waits for it who does not need it. */
export function loadArrow(): Promise<Arrow> {
  return import('apache-arrow');
}

/** The rows of a range as an Arrow IPC stream: `time`, then a column for each series. */
export function* arrowRows(arrow: Arrow, history: History, range: RowsRange, part?: Part): Making {
  const { market } = history;
  const { fields, from, next } = range;
  const { whole = range } = part ?? {};
  const read = yield* readRows(history, range, from, next);
  const times = yield* timesOf(next - from, (row) => timeOf(market.grid, from + row));
  const about = {
    market: market.id,
    interval: market.grid.intervalMs,
    since: timeOf(market.grid, whole.from - 1),
    until: timeOf(market.grid, whole.next - 1),
  };
  const named = areUsual(fields) ? {} : { fields: fields.join() };
  const columns = seriesOf(history, range, read).map(({ name, column, field, values }) => {
    const dtype = dtypeOfField(field, market.spec.dtype);
    const instrument = market.instruments[column]!;
    return isPrice(field)
      ? priceColumn(arrow, dtype, name, instrument, values)
      : valueColumn(arrow, dtype, name, {}, values);
  });
  const made = streamOf(arrow, { ...about, ...named }, [timeColumn(arrow, times), ...columns]);
  return part === undefined ? [made] : [within(made, part)];
}

/**
 * A stream without its schema unless it is the first, and without its end unless it is the last:
 * what is between are batches, one after the other. Source: Arrow Columnar Format, "IPC Streaming
 * Format".
 */
function within(stream: Uint8Array, { isFirst, isLast }: Part): Uint8Array {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  // A mark and the length of what follows: of the schema first, 0 at the end.
  const schemaBytes = MARK_BYTES + view.getInt32(4, true);
  return stream.subarray(isFirst ? 0 : schemaBytes, isLast ? undefined : -MARK_BYTES);
}

/** Candles as an Arrow IPC stream: `time`, `open`, `high`, `low`, `close`. */
export function* arrowCandles(arrow: Arrow, market: Market, answer: CandlesAnswer): Making {
  const { dtype } = market.spec;
  const { symbol, resolution, closed, until, time } = answer;
  const instrument = market.instruments[market.columnOf(symbol)!]!;
  const times = yield* timesOf(time.length, (row) => time[row]!);
  const priceColumns = (['open', 'high', 'low', 'close'] as const).map((name) => {
    const prices = newPrices(dtype, time.length);
    prices.set(answer[name]);
    return priceColumn(arrow, dtype, name, instrument, prices);
  });
  // Sums outgrow 32 bits; 53 hold any.
  const sums = CANDLE_FIELDS.flatMap((field) => {
    const values = answer[field];
    if (values === undefined) return [];
    return [valueColumn(arrow, 'float64', field, {}, Float64Array.from(values))];
  });
  const ends = until === undefined ? {} : { until };
  const about = { market: market.id, symbol, resolution, closed, ...ends };
  return [streamOf(arrow, about, [timeColumn(arrow, times), ...priceColumns, ...sums])];
}

interface Column {
  readonly field: Field;
  readonly data: Data;
}

function timeColumn(arrow: Arrow, times: BigInt64Array): Column {
  const type = new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC');
  const data = arrow.makeData({ type, length: times.length, nullCount: 0, data: times });
  return { field: new arrow.Field('time', type, false), data };
}

function priceColumn(
  arrow: Arrow,
  dtype: Dtype,
  name: string,
  { tickSize, decimals }: Instrument,
  prices: Prices,
): Column {
  return valueColumn(arrow, dtype, name, { tickSize, decimals }, prices);
}

function valueColumn(
  arrow: Arrow,
  dtype: Dtype,
  name: string,
  about: Readonly<Record<string, number>>,
  values: Prices,
): Column {
  const type = typeOf(arrow, dtype);
  const data = arrow.makeData({ type, length: values.length, nullCount: 0, data: values } as never);
  return { field: new arrow.Field(name, type, false, metadataOf(about)), data };
}

function typeOf(arrow: Arrow, dtype: Dtype): DataType {
  switch (dtype) {
    case 'uint8':
      return new arrow.Uint8();
    case 'uint16':
      return new arrow.Uint16();
    case 'uint32':
      return new arrow.Uint32();
    case 'int8':
      return new arrow.Int8();
    case 'int16':
      return new arrow.Int16();
    case 'int32':
      return new arrow.Int32();
    case 'float64':
      return new arrow.Float64();
  }
}

/** As 64-bit integers. Their halves are set alone: a BigInt for each takes many times longer. */
function* timesOf(
  rows: number,
  timeOfRow: (row: number) => number,
): Generator<unknown, BigInt64Array, void> {
  const times = new BigInt64Array(rows);
  const halves = new Int32Array(times.buffer);
  for (let row = 0; row < rows; row++) {
    const time = timeOfRow(row);
    halves[2 * row] = time | 0;
    halves[2 * row + 1] = Math.floor(time / 2 ** 32);
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
  }
  return times;
}

/** One batch of records between a schema and the mark of the end. */
function streamOf(
  arrow: Arrow,
  about: Readonly<Record<string, string | number>>,
  columns: readonly Column[],
): Uint8Array {
  const fields = columns.map(({ field }) => field);
  const children = columns.map(({ data }) => data);
  const schema = new arrow.Schema(fields, metadataOf(about));
  const length = children[0]!.length;
  const type = new arrow.Struct(fields);
  const writer = new arrow.RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  const data = arrow.makeData({ type, length, nullCount: 0, children });
  writer.write(new arrow.RecordBatch(schema, data));
  writer.finish();
  return writer.toUint8Array(true);
}

function metadataOf(about: Readonly<Record<string, string | number>>): Map<string, string> {
  return new Map(Object.entries(about).map(([name, value]) => [name, String(value)]));
}
