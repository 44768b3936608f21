import type { Exact } from './exact-sum.ts';
import type { CandleField, PaidSums } from './fields.ts';

/** What every candle says, in this order. */
export const CANDLE_PRICES = ['open', 'high', 'low', 'close'] as const;

export type CandleValue = (typeof CANDLE_PRICES)[number] | CandleField;

/**
 * Candles of several columns, cut alike: of each value one array, column after column.
 *
 *     open  │ column 0: one for each of `time` │ column 1: one for each of `time` │ …
 *
 * Prices are in ticks. Sums of volumes and trades outgrow 32 bits, and are exact as floats.
 */
export interface CandleLists {
  /** What they say beside their prices, in the order that was asked for. */
  readonly fields: readonly CandleField[];
  readonly columns: number;
  /** Where each begins; oldest first. */
  readonly time: readonly number[];
  readonly values: Readonly<Record<(typeof CANDLE_PRICES)[number], Float64Array>> &
    Readonly<Partial<Record<CandleField, Float64Array>>>;
  /** What was paid in them, if it was asked for. */
  readonly paid?: PaidLists | undefined;
  /** Whether a column may have no candle where another has one: its values are NaN there. */
  readonly isSparse?: boolean;
}

/** As `PAID_FIELDS` has it: column after column too. */
export interface PaidLists {
  readonly notional: Exact[];
  readonly bought: Float64Array;
  readonly boughtNotional: Exact[];
}

/** Nothing was paid yet, of so many candles in all. */
export function newPaidLists(count: number): PaidLists {
  const zeros = () => new Array<Exact>(count).fill(0);
  return { notional: zeros(), bought: new Float64Array(count), boughtNotional: zeros() };
}

export function setPaid(lists: PaidLists, at: number, sums: PaidSums): void {
  lists.notional[at] = sums.notional.value;
  lists.bought[at] = sums.bought;
  lists.boughtNotional[at] = sums.boughtNotional.value;
}

/** The names of all that candles with `fields` say. */
export function candleValues(fields: readonly CandleField[]): readonly CandleValue[] {
  return [...CANDLE_PRICES, ...fields];
}

/** Room for candles at these times; with `isPaid` for what was paid in them too. */
export function newCandleLists(
  fields: readonly CandleField[],
  columns: number,
  time: readonly number[],
  isPaid = false,
): CandleLists {
  const values = Object.fromEntries(
    candleValues(fields).map((name) => [name, new Float64Array(columns * time.length)]),
  ) as CandleLists['values'];
  const paid = isPaid ? newPaidLists(columns * time.length) : undefined;
  return { fields, columns, time, values, ...(paid && { paid }) };
}
