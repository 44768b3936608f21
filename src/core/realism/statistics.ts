import { autocorrelation, crossCorrelation, lagsFor } from './autocorrelation.ts';
import { type Histogram, histogramOf } from './histogram.ts';
import { hoursOf, type RowTimes } from './hours.ts';
import {
  centred,
  MIN_RETURNS,
  type Moments,
  magnitudesOf,
  momentsOf,
  profileOf,
  stridesOf,
} from './moments.ts';
import type { Returns } from './returns.ts';
import { hurstExponent, type VarianceRatio, varianceRatios } from './scaling.ts';
import { FILL_SLICE, SLICE, type Steps } from './steps.ts';
import { type Tail, tailOf } from './tail.ts';

/** How returns r and their magnitudes |r| remember those before, at each of `lags`. */
export interface Autocorrelation {
  /** In rows, rising. */
  readonly lags: readonly number[];
  /** Of r at each lag; null if all returns are equal. */
  readonly returns: readonly number[] | null;
  /** Of |r| at each lag; null if all magnitudes are equal. */
  readonly magnitudes: readonly number[] | null;
  /** 19 of 20 lags of independent values are within this of 0: 1.96 / sqrt(returns). */
  readonly noise: number;
}

/** The kurtosis of returns over `rows` rows each. */
export interface ScaleKurtosis {
  readonly rows: number;
  /** How long a return is. */
  readonly spanMs: number;
  /** How many there were. Of independent normal ones, its standard error is sqrt(24 / count). */
  readonly count: number;
  /** Excess kurtosis, 0 of a normal distribution; null if all returns are equal. */
  readonly kurtosis: number | null;
}

/** The correlation of a return with the magnitude of the one `lag` rows later. */
export interface Leverage {
  readonly lag: number;
  readonly correlation: number;
}

/** What can be said of one series of returns, all of it plain data. Nulls are not known. */
export interface Statistics {
  readonly moments: Moments;
  /** The part of all returns that are 0; null if there are none. */
  readonly unchangedShare: number | null;
  readonly autocorrelation: Autocorrelation;
  /** By rising `rows`, as far as 100 returns remain. */
  readonly kurtosisByScale: readonly ScaleKurtosis[];
  /** Of the first scale at which ticks are fine enough to see one. */
  readonly tail: Tail | null;
  readonly varianceRatios: readonly VarianceRatio[];
  /** Of the profiles of r and of |r|; null of fewer than 2,048 returns, or equal ones. */
  readonly hurst: { readonly returns: number | null; readonly magnitudes: number | null };
  /** The correlation of a row's volume and |r|; null without volume, or if either is constant. */
  readonly volumeVolatility: number | null;
  readonly leverage: readonly Leverage[];
  readonly histogram: Histogram | null;
  /** The mean of |r| in each hour of the day in UTC, in the unit of the returns: 24 numbers. */
  readonly hours: readonly (number | null)[];
}

const HOUR_MS = 3_600_000;
const SCALE_ROWS = [1, 10, 60, 300, 1800, 3600, 14_400, 86_400];
const LEVERAGE_LAGS = [1, 2, 3, 5, 10, 20, 50, 100];

/**
 * The statistics of returns, of which there is one for each row but the first of every stretch of
 * `times`. `volume` has a number for each row, those included. About 0.4 us a return.
 */
export function* statisticsOf(
  { values: returns, tick }: Returns,
  times: RowTimes,
  rooms: Rooms,
  volume?: ArrayLike<number>,
): Steps<Statistics> {
  const lags = lagsFor(returns.length);
  const moments = yield* momentsOf(returns);
  const unchanged = yield* unchangedShare(returns);
  const signed = yield* ofReturns(returns, tick, moments, lags, times, rooms);
  const unsigned = yield* ofMagnitudes(returns, lags, times, volume, rooms);
  return {
    moments,
    unchangedShare: unchanged,
    autocorrelation: {
      lags,
      returns: signed.autocorrelation,
      magnitudes: unsigned.autocorrelation,
      noise: 1.96 / Math.sqrt(Math.max(1, returns.length)),
    },
    kurtosisByScale: signed.kurtosisByScale,
    tail: signed.tail,
    varianceRatios: signed.varianceRatios,
    hurst: { returns: signed.hurst, magnitudes: unsigned.hurst },
    volumeVolatility: unsigned.volumeVolatility,
    leverage: unsigned.leverage,
    histogram: signed.histogram,
    hours: unsigned.hours,
  };
}

/**
 * Two arrays, each with room for one number more than there are rows: every series of a report is
 * made in one of them, where one was that is no longer needed. All at once would take five times as
 * much memory, and new memory takes longer than to fill it.
 */
export type Rooms = readonly [Float64Array, Float64Array];

export function newRooms(rows: number): Rooms {
  return [new Float64Array(rows + 1), new Float64Array(rows + 1)];
}

function* ofReturns(
  returns: Float64Array,
  tick: number,
  moments: Moments,
  lags: readonly number[],
  { intervalMs }: RowTimes,
  [first, second]: Rooms,
) {
  const r = yield* centred(returns, first);
  const ofRows = {
    autocorrelation: r && (yield* autocorrelation(r, lags)),
    histogram: r && (yield* histogramOf(r, moments.deviation!, tick)),
  };
  const profile = r && (yield* profileOf(r, second));
  // From here on there is another series where r was.
  return {
    ...ofRows,
    kurtosisByScale: yield* kurtosisByScale(profile, moments, intervalMs, first),
    tail: profile && (yield* finestTail(profile, tick, first)),
    varianceRatios: profile === null ? [] : yield* varianceRatios(profile),
    hurst: profile && (yield* hurstExponent(profile)),
  };
}

function* ofMagnitudes(
  returns: Float64Array,
  lags: readonly number[],
  times: RowTimes,
  volume: ArrayLike<number> | undefined,
  [first, second]: Rooms,
) {
  const magnitudes = yield* magnitudesOf(returns, second);
  const hours = yield* hoursOf(magnitudes, times);
  const size = yield* centred(magnitudes, second);
  const r = yield* centred(returns, first);
  const leverage = r === null || size === null ? [] : yield* leverageOf(r, size);
  return {
    hours,
    leverage,
    autocorrelation: size && (yield* autocorrelation(size, lags)),
    volumeVolatility: yield* volumeVolatility(size, volume, times, first),
    hurst: size && (yield* hurstExponent(yield* profileOf(size, first))),
  };
}

function* unchangedShare(returns: Float64Array): Steps<number | null> {
  let unchanged = 0;
  for (let from = 0; from < returns.length; from += SLICE) {
    const next = Math.min(returns.length, from + SLICE);
    for (let i = from; i < next; i++) if (returns[i] === 0) unchanged++;
    yield;
  }
  return returns.length === 0 ? null : unchanged / returns.length;
}

/** At the scales of every report, and at that of an hour, if it is a whole number of rows. */
function* kurtosisByScale(
  profile: Float64Array | null,
  moments: Moments,
  intervalMs: number,
  room: Float64Array | undefined,
): Steps<ScaleKurtosis[]> {
  const hourRows = HOUR_MS / intervalMs;
  const isWhole = hourRows >= 1 && Math.floor(hourRows) === hourRows;
  const scales = [...new Set(isWhole ? [...SCALE_ROWS, hourRows] : SCALE_ROWS)];
  const result: ScaleKurtosis[] = [];
  for (const rows of scales.sort((a, b) => a - b)) {
    if (moments.count < rows * MIN_RETURNS) break;
    const isRow = rows === 1 || profile === null;
    const { count, kurtosis } = isRow
      ? { count: Math.floor(moments.count / rows), kurtosis: moments.kurtosis }
      : yield* momentsOf(yield* stridesOf(profile, rows, room));
    result.push({ rows, spanMs: rows * intervalMs, count, kurtosis });
  }
  return result;
}

/** At the first scale whose returns are many ticks long. */
function* finestTail(
  profile: Float64Array,
  tick: number,
  room: Float64Array | undefined,
): Steps<Tail | null> {
  for (const rows of SCALE_ROWS) {
    const tail = yield* tailOf(profile, rows, tick, room);
    if (tail !== null) return tail;
  }
  return null;
}

function* volumeVolatility(
  size: Float64Array | null,
  volume: ArrayLike<number> | undefined,
  { stretches }: RowTimes,
  room: Float64Array = new Float64Array(size?.length ?? 0),
): Steps<number | null> {
  if (size === null || volume === undefined) return null;
  const traded = room.subarray(0, size.length);
  let [at, row] = [0, 0];
  for (const { rows } of stretches) {
    const end = at + Math.max(0, rows - 1);
    for (let from = at; from < end; from += FILL_SLICE) {
      const next = Math.min(end, from + FILL_SLICE);
      for (let i = from; i < next; i++) traded[i] = volume[i + row - at + 1]!;
      yield;
    }
    at = end;
    row += rows;
  }
  const moving = yield* centred(traded, traded);
  return moving && (yield* crossCorrelation(moving, size, [0]))[0]!;
}

function* leverageOf(r: Float64Array, size: Float64Array): Steps<Leverage[]> {
  const lags = LEVERAGE_LAGS.filter((lag) => lag * 10 <= r.length);
  const correlations = yield* crossCorrelation(r, size, lags);
  return lags.map((lag, i) => ({ lag, correlation: correlations[i]! }));
}
