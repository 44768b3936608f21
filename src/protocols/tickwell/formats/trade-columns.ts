import type { ReadTrades } from '../../../core/history/read-trades.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import { type Form, pricesForm, SUMS_FORM, wideOf } from './columns.ts';
import type { WrittenTrades } from './trades.ts';

/** Trades as columns of Arrow and Parquet. */

/** A column, and what its values are made of; of `time` that is no number of one list. */
export interface TradeForm {
  readonly name: string;
  readonly form: Form;
  readonly values: ArrayLike<number>;
}

/** Microseconds that a float64 has no number for are put together of larger ones. */
const MOST_EXACT_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

export function tradeForms(trades: WrittenTrades): TradeForm[] {
  const { market, column, read, notation, isNamed } = trades;
  const instrument = market.instruments[column]!;
  // Those of all instruments then, though each part is of one.
  const among = isNamed ? market.instruments : undefined;
  return [
    { name: 'id', form: SUMS_FORM, values: read.lots.map((_, n) => read.from + n) },
    { name: 'time', form: SUMS_FORM, values: read.micros },
    {
      name: 'price',
      form: pricesForm(notation, instrument, market.spec.dtype, among),
      values: read.prices,
    },
    { name: 'lots', form: SUMS_FORM, values: read.lots },
    { name: 'side', form: { type: 'int8', about: {} }, values: read.sides },
  ];
}

/** The times of trades, in microseconds since 1970. */
export function* tradeMicros(
  { grid }: Market,
  { rows, micros }: ReadTrades,
  from = 0,
  next = rows.length,
): Generator<unknown, BigInt64Array, void> {
  const last = next > from ? timeOf(grid, rows[next - 1]!) + grid.intervalMs : 0;
  if (Math.max(Math.abs(grid.originMs), last) <= MOST_EXACT_MS) {
    return yield* wideOf(next - from, (n) => {
      return timeOf(grid, rows[from + n]!) * 1000 + micros[from + n]!;
    });
  }
  const times = new BigInt64Array(next - from);
  for (let n = from; n < next; n++) {
    times[n - from] = BigInt(timeOf(grid, rows[n]!)) * 1000n + BigInt(micros[n]!);
    if (n % 4096 === 4095) yield;
  }
  return times;
}
