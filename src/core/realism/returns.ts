import { log } from '../random/kernels.ts';
import { FILL_SLICE, SLICE, type Steps } from './steps.ts';

/**
 * What a return is: the difference of the prices' logarithms; or of the prices, in ticks, where a
 * price is not above 0 and has no logarithm.
 */
export type ReturnKind = 'log' | 'ticks';

/** One return for each row but the first of every stretch, from the row before it. */
export interface Returns {
  readonly kind: ReturnKind;
  readonly values: Float64Array;
  /** What one tick is as a return, halfway between the lowest and the highest price. */
  readonly tick: number;
}

/** The returns of prices in ticks, which follow one another in stretches. 4 ns a row. */
export function* returnsOf(
  ticks: ArrayLike<number>,
  stretches: readonly { readonly rows: number }[] = [{ rows: ticks.length }],
): Steps<Returns> {
  const counts = stretches.map(({ rows }) => Math.max(0, rows - 1));
  const values = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  const { lowest, highest } = yield* extremesOf(ticks);
  const isLog = lowest > 0;
  let [at, row] = [0, 0];
  for (const [n, { rows }] of stretches.entries()) {
    const end = at + counts[n]!;
    for (let from = at; from < end; from += FILL_SLICE) {
      const next = Math.min(end, from + FILL_SLICE);
      if (isLog) fillLogReturns(values, ticks, from, next, row - at);
      else fillDifferences(values, ticks, from, next, row - at);
      yield;
    }
    at = end;
    row += rows;
  }
  const tick = isLog ? 2 / (lowest + highest) : 1;
  return { kind: isLog ? 'log' : 'ticks', values, tick };
}

function fillDifferences(
  values: Float64Array,
  ticks: ArrayLike<number>,
  from: number,
  next: number,
  ahead: number,
): void {
  for (let i = from; i < next; i++) values[i] = ticks[i + ahead + 1]! - ticks[i + ahead]!;
}

/** The lowest and the highest price; 1 if there is none. */
function* extremesOf(ticks: ArrayLike<number>): Steps<{ lowest: number; highest: number }> {
  let lowest = ticks.length === 0 ? 1 : ticks[0]!;
  let highest = lowest;
  for (let from = 0; from < ticks.length; from += SLICE) {
    const next = Math.min(ticks.length, from + SLICE);
    for (let i = from; i < next; i++) {
      const price = ticks[i]!;
      if (price < lowest) lowest = price;
      if (price > highest) highest = price;
    }
    yield;
  }
  return { lowest, highest };
}

/** A return this small needs three terms of the series of artanh: the fourth is below 2^-66. */
const NEAR = 1 / 1024;

/**
 * Puts log(b / a) into `values` for prices a and b that follow each other, as 2 artanh of
 * (b - a) / (b + a): it has no rounding of large logarithms in it, and no loop for near prices.
 * Return i is from row `i + ahead` on.
 */
function fillLogReturns(
  values: Float64Array,
  ticks: ArrayLike<number>,
  from: number,
  next: number,
  ahead: number,
): void {
  let before = ticks[from + ahead]!;

  for (let i = from; i < next; i++) {
    const price = ticks[i + ahead + 1]!;
    const f = (price - before) / (price + before);
    if (f < NEAR && f > -NEAR) {
      const s = f * f;
      values[i] = 2 * f * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7))));
    } else {
      values[i] = log(price / before);
    }
    before = price;
  }
}
