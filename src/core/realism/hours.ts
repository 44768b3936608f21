import { SLICE, type Steps } from './steps.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** The fewest returns that an hour is given a mean of. */
const MIN_HOUR_RETURNS = 20;

/** Rows that follow one another: so many, from `firstMs` on since the Unix epoch. */
export interface TimedRows {
  readonly rows: number;
  readonly firstMs: number;
}

/** When rows are: in stretches, one row each `intervalMs`. */
export interface RowTimes {
  readonly stretches: readonly TimedRows[];
  readonly intervalMs: number;
}

/**
 * The mean of `magnitudes` by the hour of the day in UTC, 24 numbers. They are of each row but the
 * first of every stretch, one after the other. Null for an hour with fewer than 20 of them, and for
 * all hours if rows are more than an hour apart.
 */
export function* hoursOf(
  magnitudes: Float64Array,
  { stretches, intervalMs }: RowTimes,
): Steps<(number | null)[]> {
  const sums = new Float64Array(HOURS);
  const counts = new Uint32Array(HOURS);
  let done = 0;
  for (const { rows, firstMs } of intervalMs > HOUR_MS ? [] : stretches) {
    for (let from = 0; from < rows - 1; from += SLICE) {
      const next = Math.min(rows - 1, from + SLICE);
      addHours(sums, counts, magnitudes, done, from, next, { firstMs, intervalMs });
      yield;
    }
    done += Math.max(0, rows - 1);
  }
  return Array.from(sums, (sum, hour) =>
    counts[hour]! < MIN_HOUR_RETURNS ? null : sum / counts[hour]!,
  );
}

/** Adds those `[from, next)` of a stretch: its first is at `done`, the i-th is of its row i + 1. */
function addHours(
  sums: Float64Array,
  counts: Uint32Array,
  magnitudes: Float64Array,
  done: number,
  from: number,
  next: number,
  { firstMs, intervalMs }: { firstMs: number; intervalMs: number },
): void {
  for (let i = from; i < next; ) {
    // Rows of the same hour are added up together: one division for all of them.
    const hour = Math.floor((firstMs + (i + 1) * intervalMs) / HOUR_MS);
    const end = Math.ceil(((hour + 1) * HOUR_MS - firstMs) / intervalMs) - 1;
    const stop = Math.max(i + 1, Math.min(next, end));
    const slot = ((hour % HOURS) + HOURS) % HOURS;
    let sum = 0;
    for (let k = i; k < stop; k++) sum += magnitudes[done + k]!;
    sums[slot]! += sum;
    counts[slot]! += stop - i;
    i = stop;
  }
}
