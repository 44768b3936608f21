import { SLICE, type Steps } from './steps.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** The fewest returns that an hour is given a mean of. */
const MIN_HOUR_RETURNS = 20;

/** When the rows are: `firstMs` since the Unix epoch, then one each `intervalMs`. */
export interface RowTimes {
  readonly firstMs: number;
  readonly intervalMs: number;
}

/**
 * The mean of `magnitudes` by the hour of the day in UTC, 24 numbers; `magnitudes[i]` is of the
 * row that ends its return, row i + 1. Null for an hour with fewer than 20 of them, and for all
 * hours if rows are more than an hour apart.
 */
export function* hoursOf(
  magnitudes: Float64Array,
  { firstMs, intervalMs }: RowTimes,
): Steps<(number | null)[]> {
  const sums = new Float64Array(HOURS);
  const counts = new Uint32Array(HOURS);
  const count = intervalMs > HOUR_MS ? 0 : magnitudes.length;
  for (let from = 0; from < count; from += SLICE) {
    const next = Math.min(count, from + SLICE);
    for (let i = from; i < next; ) {
      // Rows of the same hour are added up together: one division for all of them.
      const hour = Math.floor((firstMs + (i + 1) * intervalMs) / HOUR_MS);
      const end = Math.ceil(((hour + 1) * HOUR_MS - firstMs) / intervalMs) - 1;
      const stop = Math.max(i + 1, Math.min(next, end));
      const slot = ((hour % HOURS) + HOURS) % HOURS;
      let sum = 0;
      for (let k = i; k < stop; k++) sum += magnitudes[k]!;
      sums[slot]! += sum;
      counts[slot]! += stop - i;
      i = stop;
    }
    yield;
  }
  return Array.from(sums, (sum, hour) =>
    counts[hour]! < MIN_HOUR_RETURNS ? null : sum / counts[hour]!,
  );
}
