import { autocorrelation } from './autocorrelation.ts';
import { centred, MIN_RETURNS, magnitudesOf, momentsOf, stridesOf } from './moments.ts';
import type { Rooms } from './statistics.ts';
import type { Steps } from './steps.ts';
import { hillOf } from './tail.ts';

const SECOND_MS = 1000;
const MINUTE = 60;
const FIVE_MINUTES = 300;
const LAGS = [1, 60, 3600];
/** There is an autocorrelation where the series is so many times as long as the lag. */
const MIN_LAGS = 10;
const SECOND_TAIL = 1 / 500;
const MINUTE_TAIL = 1 / 100;
/** A tail begins so many ticks from 0: a mid moves by halves, which are tenths of that. */
const TAIL_TICKS = 5;

/** What seconds and minutes are like. A null is not known: of too few. */
export interface SecondStatistics {
  /** How many seconds there were. */
  readonly seconds: number;
  readonly kurtosis: number | null;
  readonly minuteKurtosis: number | null;
  /** Hill's estimate from the largest 0.2 % of seconds, 1 % of minutes. */
  readonly tailIndex: number | null;
  readonly minuteTailIndex: number | null;
  /** Whether there would be tails, were ticks finer. */
  readonly isCoarse: boolean;
  readonly returns1: number | null;
  readonly magnitudes1: number | null;
  readonly magnitudes60: number | null;
  readonly magnitudes3600: number | null;
  /** The variance of seconds, over a 300th of that of five minutes. */
  readonly varianceRatio: number | null;
}

/** Rows of a second; undefined if rows are further apart, or a second is not whole rows. */
export function rowsOfSecond(intervalMs: number): number | undefined {
  const rows = SECOND_MS / intervalMs;
  return rows >= 1 && rows === Math.floor(rows) ? rows : undefined;
}

/**
 * What the seconds of a profile of returns are like, `rows` of it to a second. `tick` is the least
 * step of a price, as a return. What it needs is made in `rooms`, each with room for the profile.
 */
export function* secondStatisticsOf(
  profile: Float64Array,
  rows: number,
  tick: number,
  [first, second]: Rooms,
): Steps<SecondStatistics> {
  const at = (seconds: number) => stridesOf(profile, seconds * rows, first);
  const minutes = yield* at(MINUTE);
  const minuteMoments = yield* momentsOf(minutes);
  const minuteTail = yield* tailOf(minutes, MINUTE_TAIL, tick);
  const fiveMinutes = yield* momentsOf(yield* at(FIVE_MINUTES));
  const seconds = yield* at(1);
  const moments = yield* momentsOf(seconds);
  const memory = yield* memoryOf(seconds, LAGS.slice(0, 1), second);
  const count = seconds.length;
  const sizes = yield* magnitudesOf(seconds, first);
  const tail = yield* hillOf(sizes, SECOND_TAIL, 0);
  const lasting = yield* memoryOf(sizes, LAGS, second);
  const far = TAIL_TICKS * tick;
  const isKnown = fiveMinutes.deviation !== null && fiveMinutes.deviation > 0;
  const isFine = tail !== null && tail.threshold >= far;
  return {
    seconds: count,
    kurtosis: moments.kurtosis,
    minuteKurtosis: minuteMoments.kurtosis,
    tailIndex: isFine ? tail.index : null,
    minuteTailIndex: minuteTail,
    isCoarse: tail !== null && !isFine,
    returns1: memory[0]!,
    magnitudes1: lasting[0]!,
    magnitudes60: lasting[1]!,
    magnitudes3600: lasting[2]!,
    varianceRatio: isKnown
      ? (FIVE_MINUTES * squareOf(moments.deviation!)) / squareOf(fiveMinutes.deviation!)
      : null,
  };
}

const squareOf = (value: number) => value * value;

/** Of few values: it makes room for their sizes. */
function* tailOf(values: Float64Array, share: number, tick: number): Steps<number | null> {
  const tail = yield* hillOf(yield* magnitudesOf(values), share, TAIL_TICKS * tick);
  return tail === null ? null : tail.index;
}

/** The autocorrelation at each of `lags`, null where there are too few values for it. */
function* memoryOf(
  values: Float64Array,
  lags: readonly number[],
  room: Float64Array,
): Steps<readonly (number | null)[]> {
  const around = values.length < MIN_RETURNS ? null : yield* centred(values, room);
  if (around === null) return lags.map(() => null);
  const known = lags.filter((lag) => around.length >= MIN_LAGS * lag);
  const found = yield* autocorrelation(around, known);
  return lags.map((lag) => found[known.indexOf(lag)] ?? null);
}
