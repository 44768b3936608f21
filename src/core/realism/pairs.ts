import { type CorrelationMatrix, correlationsOf, meanCorrelation } from './correlation.ts';
import type { Found, PairFactId } from './facts.ts';
import { centred, MIN_RETURNS, momentsOf, stridesOf } from './moments.ts';
import type { Steps } from './steps.ts';

/** Correlations are of returns this long if 100 of them remain: the first that does. */
const CORRELATION_ROWS = [60, 10, 1];
const FIVE_MINUTES = 300;
const HALF_HOUR = 1800;
/** Columns of seconds that are kept at most: there are many rows of them. */
const MOST_FINE = 8;
const MOST_SECONDS = 2 ** 18;

/** What of one instrument is set beside that of others. */
interface Column {
  readonly fiveMinutes: Float64Array;
  readonly halfHours: Float64Array;
}

/** How the instruments of a market move together, in returns over `rows` rows each. */
export interface Correlations {
  readonly symbols: readonly string[];
  readonly rows: number;
  /** How many returns each has. */
  readonly count: number;
  readonly matrix: CorrelationMatrix;
  /** Of all pairs. */
  readonly mean: number | null;
}

/** What is needed of the instruments of a market to see how they move together. */
export class Pairs {
  readonly #symbols: string[] = [];
  readonly #strides: Float64Array[] = [];
  #rows = 1;
  readonly #columns: Column[] = [];
  /** Of some instruments, as far apart in the list as fit. */
  #fine: Float64Array[] = [];
  #step = 1;

  /** Seconds of each column: the fewest that were looked at. */
  seconds = Number.POSITIVE_INFINITY;

  /**
   * Adds an instrument by the profile of its returns, `rows` of it to a second, if these are whole.
   */
  *add(symbol: string, profile: Float64Array, rows: number | undefined): Steps<void> {
    const enough = (each: number) => profile.length > each * MIN_RETURNS;
    this.#rows = CORRELATION_ROWS.find(enough) ?? 1;
    this.#symbols.push(symbol);
    this.#strides.push(yield* stridesOf(profile, this.#rows));
    if (rows !== undefined) yield* this.#addSeconds(profile, rows);
  }

  *#addSeconds(profile: Float64Array, rows: number): Steps<void> {
    const place = this.#columns.length;
    this.seconds = Math.min(this.seconds, Math.floor((profile.length - 1) / rows));
    this.#columns.push({
      fiveMinutes: yield* stridesOf(profile, FIVE_MINUTES * rows),
      halfHours: yield* stridesOf(profile, HALF_HOUR * rows),
    });
    if (place % this.#step !== 0) return;
    const seconds = profile.subarray(0, MOST_SECONDS * rows + 1);
    this.#fine.push(yield* stridesOf(seconds, rows));
    if (this.#fine.length <= MOST_FINE) return;
    this.#fine = this.#fine.filter((_, n) => n % 2 === 0);
    this.#step *= 2;
  }

  *correlations(): Steps<Correlations> {
    const matrix = yield* correlationsOf(this.#strides);
    return {
      ...{ symbols: this.#symbols, rows: this.#rows, count: this.#strides[0]?.length ?? 0 },
      ...{ matrix, mean: meanCorrelation(matrix) },
    };
  }

  /** What the facts of pairs are. */
  *found(): Steps<Record<PairFactId, Found>> {
    const few =
      this.#symbols.length < 2
        ? 'one instrument has no pairs'
        : 'too few rows, or rows too far apart';
    const halfHours = this.#columns.map(({ halfHours }) => halfHours);
    return {
      'correlation-1s': (yield* meanOfPairs(this.#fine)) ?? few,
      'correlation-30min': (yield* meanOfPairs(halfHours)) ?? few,
      'falls-less-rises':
        (yield* fallsLessRises(this.#columns.map(({ fiveMinutes }) => fiveMinutes))) ?? few,
    };
  }
}

function* meanOfPairs(columns: readonly Float64Array[]): Steps<number | null> {
  return meanCorrelation(yield* correlationsOf(columns));
}

/**
 * The mean correlation while the mean of all columns is more than a deviation down, less that while
 * it is as far up. Columns of other hours than the first are left out.
 */
function* fallsLessRises(all: readonly Float64Array[]): Steps<number | null> {
  const columns: Float64Array[] = [];
  for (const column of all) {
    if (column.length !== all[0]!.length) continue;
    const values = yield* centred(column);
    if (values === null) continue;
    const { deviation } = yield* momentsOf(values);
    columns.push(values.map((value) => value / deviation!));
    yield;
  }
  if (columns.length < 2) return null;
  const mean = new Float64Array(columns[0]!.length);
  for (const column of columns) {
    for (let i = 0; i < mean.length; i++) mean[i]! += column[i]! / columns.length;
    yield;
  }
  const { deviation } = yield* momentsOf(mean);
  const far = deviation ?? Number.POSITIVE_INFINITY;
  const falls = yield* meanOfPairs(
    columns.map((column) => column.filter((_, i) => mean[i]! < -far)),
  );
  const rises = yield* meanOfPairs(
    columns.map((column) => column.filter((_, i) => mean[i]! > far)),
  );
  return falls === null || rises === null ? null : falls - rises;
}
