import { DTYPES, type Dtype } from '../../../core/market/dtype.ts';
import { finish } from '../../../core/market/finish.ts';
import { withBytes } from '../../../delivery/faulty/framing.ts';
import type { Changes, HarmForm, PriceField } from '../../../delivery/faulty/harm-form.ts';
import { parseRows, ROWS_HEAD_BYTES, valuesBytes } from '../../../wire/binary.ts';
import { candlesBytesInSteps, parseCandles } from '../../../wire/binary-candles.ts';
import { depthBytes, parseDepth } from '../../../wire/binary-depth.ts';
import { parseTrades, tradesBytes } from '../../../wire/binary-trades.ts';

/** Where a head says up to which time it tells. */
const UNTIL_AT = 16;
const MICROS = 1000;

interface Numbers {
  readonly length: number;
  [n: number]: number;
}

/** How binary messages of the stream say what is not so: numbers alone, of the market's type. */
export const BINARY_HARM: HarmForm = {
  alter: (frame, { subscription }, changes) =>
    withBytes(frame, (bytes) => altered(bytes, subscription.columns, changes)),
};

/** A message with the changes; what it cannot say is as it was. */
function altered(message: Uint8Array, columns: readonly number[], changes: Changes): Uint8Array {
  // Taken apart, it may be views of what others share.
  const body = bodyOf(Uint8Array.from(message), columns, changes);
  const bytes = new Uint8Array(ROWS_HEAD_BYTES + body.byteLength);
  bytes.set(message.subarray(0, ROWS_HEAD_BYTES));
  bytes.set(body, ROWS_HEAD_BYTES);
  const words = new DataView(bytes.buffer);
  words.setFloat64(UNTIL_AT, words.getFloat64(UNTIL_AT, true) + changes.skewMs, true);
  return bytes;
}

function bodyOf(message: Uint8Array, columns: readonly number[], changes: Changes): Uint8Array {
  const { skewMs } = changes;
  const set = (dtype: Dtype) => new Setter(dtype, columns, changes);
  const rows = parseRows(message);
  if (rows !== undefined) {
    const { fields, dtype, values } = rows;
    for (const field of fields.includes('last') ? LAST : QUOTES) {
      const lists = values[fields.indexOf(field)] ?? [];
      const setter = set(dtype);
      for (const [n, list] of lists.entries()) setter.change(n, list, list.length - 1, field);
    }
    return valuesBytes(fields, values.flat());
  }
  const candles = parseCandles(message);
  if (candles !== undefined) {
    const { dtype, lists } = candles;
    const { close } = lists.values;
    const count = lists.time.length;
    const setter = set(dtype);
    for (const n of columns.keys()) setter.change(n, close, (n + 1) * count - 1, 'last');
    const time = lists.time.map((ms) => ms + skewMs);
    return finish(candlesBytesInSteps(dtype, { ...lists, time }));
  }
  const trades = parseTrades(message);
  if (trades !== undefined) {
    const { dtype, lists } = trades;
    const setter = set(dtype);
    let end = 0;
    for (const [n, count] of lists.counts.entries()) {
      end += count;
      if (count > 0) setter.change(n, lists.prices, end - 1, 'last');
    }
    const micros = lists.micros.map((each) => each + skewMs * MICROS);
    return tradesBytes(dtype, { ...lists, micros });
  }
  const depth = parseDepth(message);
  if (depth === undefined) throw new Error('a binary message is of rows, candles, trades or books');
  const { dtype, lists } = depth;
  const setter = set(dtype);
  let at = 0;
  for (const [n, count] of Array.from(lists.counts).entries()) {
    if (count > 0) setter.change(n >> 1, lists.ticks, at, n % 2 === 0 ? 'bid' : 'ask');
    at += count;
  }
  return depthBytes(dtype, lists);
}

const LAST = ['last'] as const;
const QUOTES = ['bid', 'ask'] as const;

/** Changes prices where they stand, if the type of the market's prices has such a number. */
class Setter {
  readonly #dtype: Dtype;
  readonly #columns: readonly number[];
  readonly #changes: Changes;

  constructor(dtype: Dtype, columns: readonly number[], changes: Changes) {
    this.#dtype = dtype;
    this.#columns = columns;
    this.#changes = changes;
  }

  /** Changes the price of the nth column, which stands in `list` at `at`. */
  change(n: number, list: Numbers, at: number, field: PriceField): void {
    const change = this.#changes.prices.get(this.#columns[n]!);
    if (change === undefined) return;
    const wrong = change.of(list[at]!, field);
    if (wrong.as === 'nan' && this.#dtype === 'float64') list[at] = Number.NaN;
    if (wrong.as !== 'ticks') return;
    const { min, max } = DTYPES[this.#dtype];
    if (wrong.ticks >= min && wrong.ticks <= max) list[at] = wrong.ticks;
  }
}
