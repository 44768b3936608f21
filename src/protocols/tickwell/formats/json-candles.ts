import type { Candles } from '../../../core/history/candles.ts';
import { CANDLE_PRICES, type CandleValue } from '../../../core/market/candle-lists.ts';
import type { Prices } from '../../../core/market/dtype.ts';
import type { CandleField } from '../../../core/market/fields.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import type { CuttingSaid } from '../../../wire/messages.ts';
import type { Notation } from '../../../wire/notation.ts';
import { priceText, type Text, timeJson } from './notation.ts';
import { symbolsOf } from './rows.ts';
import { TextWriter } from './text.ts';

/**
 * Candles of several symbols as one object of JSON. It says all opens before the first high, so the
 * numbers of all are held until then: as narrow as the market's prices are.
 */

/** Numbers that are joined at a time. */
const NUMBERS_PER_STEP = 2 ** 12;

/** What the candles of one column say, by name. */
export type HeldCandles = Readonly<Partial<Record<CandleValue, Prices>>>;

/** The numbers of one column, which `candles` has in lists. */
export function heldCandles(
  market: Market,
  candles: Candles,
  fields: readonly CandleField[],
): HeldCandles {
  const prices = CANDLE_PRICES.map((name) => {
    const own = market.newPrices(candles.time.length);
    own.set(candles[name]);
    return [name, own];
  });
  // Sums outgrow 32 bits.
  const sums = fields.map((field) => [field, Float64Array.from(candles[field]!)]);
  return Object.fromEntries([...prices, ...sums]);
}

/** Which of the candles that all columns have are shown, and of each column which are left out. */
export interface Shown {
  readonly places: readonly number[];
  readonly leftOut: readonly Uint8Array[];
}

/** All of `count` candles but those that every column leaves out. */
export function shownOf(leftOut: readonly Uint8Array[], count: number): Shown {
  const places = Array.from({ length: count }, (_, n) => n);
  return { places: places.filter((n) => leftOut.some((of) => of[n] === 0)), leftOut };
}

/** What stands before the lists of numbers: whose candles these are, and when they begin. */
export function* jsonOpening(
  market: Market,
  id: string,
  columns: readonly number[],
  times: readonly number[],
  cutting: CuttingSaid,
  notation: Notation,
): Making {
  const symbols = symbolsOf(market, columns);
  const said = { market: id, symbols, ...cutting };
  const writer = new TextWriter(`${JSON.stringify(said).slice(0, -1)},"time":[`);
  yield* addNumbers(writer, times, timeJson(notation));
  writer.add(']');
  return writer.end();
}

/**
 * The lists of one name, of the columns `[from, next)` of those that are held; of the candles that
 * are `shown`, those that a column leaves out are null.
 */
export function* jsonLists(
  market: Market,
  columns: readonly number[],
  held: readonly HeldCandles[],
  name: CandleValue,
  [from, next]: readonly [from: number, next: number],
  notation: Notation,
  shown?: Shown,
): Making {
  const isPrice = CANDLE_PRICES.some((price) => price === name);
  const writer = new TextWriter(from === 0 ? `,"${name}":[` : ',');
  for (let n = from; n < next; n++) {
    const instrument = market.instruments[columns[n]!]!;
    const text = isPrice ? priceText(notation, instrument) : undefined;
    writer.add(n === from ? '[' : ',[');
    const numbers = held[n]![name]!;
    yield* addNumbers(writer, shown === undefined ? numbers : pick(numbers, shown, n), text);
    if (writer.add(']')) yield;
  }
  if (next === columns.length) writer.add(']');
  return writer.end();
}

/** With what it ends: how many of the candles of each are final, and the further facts. */
export function jsonClosing(
  closed: number,
  facts: Readonly<Record<string, number | undefined>>,
  notation: Notation,
): Uint8Array {
  const text = timeJson(notation);
  const said = Object.entries(facts).map(([name, time]) => {
    return time === undefined ? '' : `,"${name}":${text(time)}`;
  });
  return Buffer.from(`,"closed":${closed}${said.join('')}}`);
}

/** NaN for what the nth column leaves out. */
function pick(numbers: Prices, { places, leftOut }: Shown, n: number): Float64Array {
  return Float64Array.from(places, (at) => (leftOut[n]![at] === 0 ? numbers[at]! : Number.NaN));
}

function* addNumbers(
  writer: TextWriter,
  numbers: ArrayLike<number>,
  text: Text | undefined,
): Generator<void, void, void> {
  for (let from = 0; from < numbers.length; from += NUMBERS_PER_STEP) {
    const next = Math.min(numbers.length, from + NUMBERS_PER_STEP);
    let joined = '';
    for (let n = from; n < next; n++) {
      if (n > 0) joined += ',';
      const number = numbers[n]!;
      if (Number.isNaN(number)) joined += 'null';
      else joined += text === undefined ? number : text(number);
    }
    if (writer.add(joined)) yield;
  }
}
