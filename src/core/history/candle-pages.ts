import { TradeSums } from '../market/fields.ts';
import { type Grid, indexFrom } from '../market/grid.ts';
import { Fold } from '../market/models/model.ts';
import type { Rows } from '../market/rows.ts';
import {
  type CandlePage,
  KEPT_MS,
  LEAST_ROWS,
  newPage,
  PAGE_CANDLES,
  setCandle,
} from './kept-candles.ts';

const [DAY_MS, HOUR_MS] = KEPT_MS;

/** Which candles are to be made. */
export interface PagesWanted {
  /** Those of the columns `[0, columns)`. */
  readonly columns: number;
  /** Days from the one of this time on. */
  readonly fromMs: number;
  /** Hours from this time on. */
  readonly hoursFromMs: number;
  /** Those that have ended by then: a candle has all its rows. */
  readonly toMs: number;
}

/** Pages of days that a column has its turn for: a chart of days asks for as many. */
const TURN_PAGES = 8;

/**
 * Makes final candles of hours and days, the newest first: of each column in turn those of
 * `TURN_PAGES` pages of days. Yields the pages of one column and one page of days at a time.
 */
export function* candlePages(
  market: Rows,
  wanted: PagesWanted,
): Generator<readonly CandlePage[], void, void> {
  const { columns, fromMs, toMs } = wanted;
  const first = Math.floor(Math.max(fromMs, market.grid.originMs) / DAY_MS);
  const last = Math.ceil(toMs / DAY_MS) - 1;
  const firstPage = Math.floor(first / PAGE_CANDLES);
  const lastPage = Math.floor(last / PAGE_CANDLES);
  for (let newest = lastPage; newest >= firstPage; newest -= TURN_PAGES) {
    const oldest = Math.max(firstPage, newest - TURN_PAGES + 1);
    for (let column = 0; column < columns; column++) {
      for (let number = newest; number >= oldest; number--) {
        const begin = Math.max(first, number * PAGE_CANDLES);
        const end = Math.min(last + 1, (number + 1) * PAGE_CANDLES);
        const pages = new Pages(market, column);
        for (let day = begin; day < end; day++) addDay(pages, market, day, wanted);
        yield pages.all;
      }
    }
  }
}

/** The pages of one column that are being made. */
class Pages {
  readonly #market: Rows;
  readonly column: number;
  readonly #pages = new Map<string, CandlePage>();

  constructor(market: Rows, column: number) {
    this.#market = market;
    this.column = column;
  }

  get all(): readonly CandlePage[] {
    return [...this.#pages.values()];
  }

  set(ms: number, candle: number, fold: Fold, sums: TradeSums): void {
    const number = Math.floor(candle / PAGE_CANDLES);
    const key = `${ms} ${number}`;
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = newPage(this.#market, this.column, ms, number);
      this.#pages.set(key, page);
    }
    setCandle(page, candle - number * PAGE_CANDLES, fold, sums);
  }
}

/** Adds a day, if it has ended, and its hours that have, from when they are wanted. */
function addDay(pages: Pages, market: Rows, day: number, wanted: PagesWanted): void {
  const { hoursFromMs, toMs } = wanted;
  const startMs = day * DAY_MS;
  const isEnded = startMs + DAY_MS <= toMs;
  const ofDay = new Fold();
  const tradesOfDay = new TradeSums();
  const hasHours = HOUR_MS >= LEAST_ROWS * market.grid.intervalMs;
  if (!hasHours || startMs + DAY_MS <= hoursFromMs) {
    if (isEnded) foldRange(market, pages.column, [startMs, DAY_MS], ofDay, tradesOfDay);
  } else {
    const fold = new Fold();
    const sums = new TradeSums();
    const next = Math.min(startMs + DAY_MS, toMs) - HOUR_MS;
    for (let ms = startMs; ms <= next; ms += HOUR_MS) {
      fold.clear();
      sums.clear();
      foldRange(market, pages.column, [ms, HOUR_MS], fold, sums);
      if (fold.rows === 0) continue;
      if (ms >= hoursFromMs && fold.rows >= LEAST_ROWS)
        pages.set(HOUR_MS, ms / HOUR_MS, fold, sums);
      ofDay.add(fold.open, fold.high, fold.low, fold.close, fold.rows);
      tradesOfDay.volume += sums.volume;
      tradesOfDay.trades += sums.trades;
    }
  }
  if (isEnded && ofDay.rows >= LEAST_ROWS) pages.set(DAY_MS, day, ofDay, tradesOfDay);
}

function foldRange(
  market: Rows,
  column: number,
  [startMs, ms]: readonly [startMs: number, ms: number],
  fold: Fold,
  sums: TradeSums,
): void {
  const [from, next] = [indexAt(market.grid, startMs), indexAt(market.grid, startMs + ms)];
  market.fold(fold, column, from, next);
  market.foldTrades(sums, column, from, next);
}

function indexAt(grid: Grid, timeMs: number): number {
  return Math.max(0, indexFrom(grid, timeMs));
}
