import { MAX_ROWS } from '../market/grid.ts';
import { Market } from '../market/market.ts';
import { calendarOf } from '../market/models/calendar.ts';
import { DAY_MS } from '../market/time.ts';
import { exp } from '../random/kernels.ts';
import { autocorrelation, lagsFor } from './autocorrelation.ts';
import { type DayStatistics, dayStatisticsOf } from './day-statistics.ts';
import { type Day, readDays } from './days.ts';
import { type Histogram, histogramOf } from './histogram.ts';
import { centred, type Moments, magnitudesOf, momentsOf } from './moments.ts';
import type { Autocorrelation } from './statistics.ts';
import type { Steps } from './steps.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Days are read on grids this wide; where they have a few hours, on a finer one. */
const WIDE_MS = 30 * MINUTE_MS;
const NARROW_MS = 15 * MINUTE_MS;

/** Days of business of an instrument, as read on a grid of `intervalMs`; a year has `yearDays`. */
export interface ReadDays {
  readonly days: readonly Day[];
  readonly yearDays: number;
  readonly intervalMs: number;
}

/** What years of days look like. Plain data. */
export interface Years extends DayStatistics {
  /** That of the grid on which days were read. */
  readonly intervalMs: number;
  /** When the first day opens, and the last one; null without days. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Of each day: the mid at its close, in ticks, and lots. */
  readonly closes: readonly number[];
  readonly volumes: readonly number[];
  readonly moments: Moments;
  readonly histogram: Histogram | null;
  /** Lags are in days. */
  readonly autocorrelation: Autocorrelation;
}

/** Reads the days of some columns of a market from wider grids, on which they are the same. */
export class DayReader {
  readonly #market: Market;
  readonly #columns: readonly number[];
  readonly #wide = new Map<number, Market>();

  constructor(market: Market, columns: readonly number[]) {
    this.#market = market;
    this.#columns = columns;
  }

  /** The whole days between two moments; a text says why there are none. */
  *read(column: number, fromMs: number, untilMs: number): Steps<ReadDays | string> {
    const { grid, instruments } = this.#market;
    const { model, calendar } = instruments[column]!;
    if (model.kind !== 'market') return 'only the model market has the same days on a wider grid';
    const intervalMs = calendar === 'always' || calendar === 'fx-week' ? WIDE_MS : NARROW_MS;
    if (grid.originMs % intervalMs !== 0) return 'the origin is not at a quarter of an hour';
    const wide = this.#wideOf(intervalMs);
    const rowAt = (ms: number) => Math.floor((ms - grid.originMs) / intervalMs);
    const from = Math.max(0, rowAt(fromMs));
    const next = Math.min(MAX_ROWS, rowAt(untilMs) + 1);
    const days = yield* readDays(wide, this.#columns.indexOf(column), from, next);
    const { daysPerYear } = calendarOf(calendar, model.weekend, wide.grid);
    return { days, yearDays: Math.floor(daysPerYear + 0.5), intervalMs };
  }

  /** The same instruments on a wider grid. */
  #wideOf(intervalMs: number): Market {
    const known = this.#wide.get(intervalMs);
    if (known !== undefined) return known;
    const { spec } = this.#market;
    const instruments = this.#columns.map((column) => spec.instruments[column]!);
    const wide = new Market({ ...spec, grid: { ...spec.grid, intervalMs }, instruments });
    this.#wide.set(intervalMs, wide);
    return wide;
  }
}

/** What days are like, by the numbers and to be drawn. */
export function* yearsOf({ days, yearDays, intervalMs }: ReadDays): Steps<Years> {
  const statistics = yield* dayStatisticsOf(days, yearDays, HOUR_MS / intervalMs);
  const moves = Float64Array.from(days, ({ gap, returns }) =>
    returns.reduce((sum, value) => sum + value, gap),
  );
  const moments = yield* momentsOf(moves);
  const sizes = yield* centred(yield* magnitudesOf(moves));
  const r = yield* centred(moves);
  const lags = lagsFor(moves.length);
  return {
    ...statistics,
    intervalMs,
    firstMs: days[0]?.openMs ?? null,
    lastMs: days.at(-1)?.openMs ?? null,
    closes: days.map(({ close }) => Math.floor(exp(close) * 100 + 0.5) / 100),
    volumes: days.map(({ volume }) => volume),
    moments,
    // Days are so long that no tick is seen.
    histogram: r && (yield* histogramOf(r, moments.deviation!, 0)),
    autocorrelation: {
      lags,
      returns: r && (yield* autocorrelation(r, lags)),
      magnitudes: sizes && (yield* autocorrelation(sizes, lags)),
      noise: 1.96 / Math.sqrt(Math.max(1, moves.length)),
    },
  };
}

/** How many milliseconds years take: with a week for the days at both ends that are not whole. */
export function yearsMs(years: number): number {
  return (years * 365.25 + 7) * DAY_MS;
}
