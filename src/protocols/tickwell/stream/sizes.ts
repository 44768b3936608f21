import type { CandlesWanted } from '../../../core/history/wanted.ts';
import { CANDLE_PRICES } from '../../../core/market/candle-lists.ts';
import { DTYPES } from '../../../core/market/dtype.ts';
import { dtypeOfField, type Field } from '../../../core/market/fields.ts';
import { BLOCK_ROWS } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { BodyShape } from '../../../delivery/encoder.ts';

/** How the values of rows are written. */
export type Writing = 'text' | 'binary';

/** What stands around the prices of a frame, at most. */
const HEAD_BYTES = 256;
/** The same of candles, whose message names the symbol and the resolution. */
const CANDLES_HEAD_BYTES = 512;
/** A time and a sum of whole numbers as JSON, with the comma. */
const TIME_BYTES = 17;
const SUM_BYTES = 18;
/** `null`, with the comma. */
const NULL_BYTES = 5;
/** A time with three decimals. */
const PRECISE_BYTES = 21;
/** The same in a binary frame; a part of it has as many before it at most. */
const FLOAT_BYTES = 8;

/** Rows of what is wanted that fit `frameBytes`, however many digits they have; at least one. */
export function rowsPerFrame(
  market: Market,
  kind: Writing,
  wanted: BodyShape,
  frameBytes: number,
): number {
  const { around, row } = rowsSize(market, kind, wanted);
  const rows = Math.floor((frameBytes - around) / row);
  return Math.max(1, Math.min(BLOCK_ROWS, rows));
}

/** What a frame of `rows` rows takes at most, in bytes. */
export function rowsBytes(market: Market, kind: Writing, wanted: BodyShape, rows: number): number {
  const { around, row } = rowsSize(market, kind, wanted);
  return around + rows * row;
}

/** What a message of `count` candles takes at most, with so many fields beside the prices. */
export function candlesMessageBytes(market: Market, count: number, fields: number): number {
  const price = valueBytes(market, 'text', 'last');
  return (
    CANDLES_HEAD_BYTES + count * (TIME_BYTES + CANDLE_PRICES.length * price + fields * SUM_BYTES)
  );
}

/** Candles of a stream that fit `frameBytes`, however many digits they have; at least one. */
export function candlesPerFrame(
  market: Market,
  kind: Writing,
  { fields, columns, cut }: CandlesWanted,
  frameBytes: number,
): number {
  const isText = kind === 'text';
  const isSparse = !cut.isHeldToo;
  const price = valueBytes(market, kind, 'last');
  // What is left out is a byte more, or `null`.
  const values =
    CANDLE_PRICES.length * (isText && isSparse ? Math.max(NULL_BYTES, price) : price) +
    (isText || !isSparse ? 0 : 1);
  const sums = fields.length * (isText ? SUM_BYTES : FLOAT_BYTES);
  const lists = CANDLE_PRICES.length + fields.length + (isSparse ? 1 : 0);
  const around = HEAD_BYTES + lists * (isText ? 2 * columns.length : FLOAT_BYTES);
  const candle = (isText ? TIME_BYTES : FLOAT_BYTES) + columns.length * (values + sums);
  return Math.max(1, Math.floor((frameBytes - around) / candle));
}

/** Trades of so many columns that fit `frameBytes`, however many digits they have; at least one. */
export function tradesPerFrame(
  market: Market,
  kind: Writing,
  columns: number,
  frameBytes: number,
): number {
  const isText = kind === 'text';
  const price = valueBytes(market, kind, 'last');
  const side = isText ? 2 : 1;
  const trade = isText ? PRECISE_BYTES + SUM_BYTES + price + side : 2 * FLOAT_BYTES + price + side;
  const column = isText ? SUM_BYTES + 4 * 3 : FLOAT_BYTES + 4;
  return Math.max(1, Math.floor((frameBytes - HEAD_BYTES - columns * column) / trade));
}

function rowsSize(market: Market, kind: Writing, { fields, columns }: BodyShape) {
  const bytes = fields.reduce((sum, field) => sum + valueBytes(market, kind, field), 0);
  const around = HEAD_BYTES + 2 * columns.length * fields.length;
  return { around, row: columns.length * bytes };
}

/** What a value of a field takes at most, and what stands between it and the next. */
function valueBytes(market: Market, kind: Writing, field: Field): number {
  const dtype = dtypeOfField(field, market.spec.dtype);
  if (kind === 'binary') return DTYPES[dtype].bytes;
  if (field === 'aggressor' || field === 'status') return 2;
  if (field === 'volume' || field === 'trades') return 11;
  const digits = market.instruments.reduce(
    (most, { minTicks, maxTicks }) =>
      Math.max(most, String(minTicks).length, String(maxTicks).length),
    1,
  );
  return digits + 1;
}
