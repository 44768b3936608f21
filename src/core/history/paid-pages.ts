import { newTrades, PaidSums, type Trades } from '../market/fields.ts';
import { BLOCK_ROWS, indexFrom } from '../market/grid.ts';
import { eachBlock } from '../market/pieces.ts';
import type { Rows } from '../market/rows.ts';
import { DAY_MS } from '../market/time.ts';
import { LEAST_ROWS } from './kept-candles.ts';
import { newPaidPage, PAGE_DAYS, type PaidPage, setPaid } from './paid-days.ts';
import { isWide } from './wide-rows.ts';

/** Of which days it is wanted what was paid in them. */
export interface PaidWanted {
  /** Those of the columns `[0, paidColumns)`. */
  readonly paidColumns: number;
  /** Days from the one of this time on. */
  readonly paidFromMs: number;
  /** Those that have ended by then. */
  readonly toMs: number;
}

/**
 * Adds up what was paid in final days, the newest first: yields a page of one column at a time.
 * Nothing on grids so wide that whoever asks waits for few rows.
 */
export function* paidPages(
  market: Rows,
  { paidColumns, paidFromMs, toMs }: PaidWanted,
): Generator<readonly PaidPage[], void, void> {
  const { grid, spec } = market;
  if (isWide(market) || grid.intervalMs * LEAST_ROWS > DAY_MS) return;
  const first = Math.floor(Math.max(paidFromMs, grid.originMs) / DAY_MS);
  const end = Math.floor(toMs / DAY_MS);
  const adding = new Adding(market);
  for (let number = Math.floor((end - 1) / PAGE_DAYS); (number + 1) * PAGE_DAYS > first; number--) {
    for (let column = 0; column < Math.min(paidColumns, spec.instruments.length); column++) {
      const page = newPaidPage(column, number);
      const begin = number * PAGE_DAYS;
      for (let day = Math.max(first, begin); day < Math.min(end, begin + PAGE_DAYS); day++) {
        setPaid(page, day - begin, adding.sumsOf(column, day));
      }
      yield [page];
    }
  }
}

/** Adds up days; the block that two of them share is made once. */
class Adding {
  readonly #market: Rows;
  readonly #trades: Trades;
  readonly #sums = new PaidSums();
  #column = -1;
  #block = -1;

  constructor(market: Rows) {
    this.#market = market;
    this.#trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  }

  sumsOf(column: number, day: number): PaidSums {
    const { grid } = this.#market;
    const [from, next] = [day, day + 1].map((one) => Math.max(0, indexFrom(grid, one * DAY_MS)));
    this.#sums.clear();
    for (const { number, at, stop } of eachBlock(from!, next!)) {
      if (number !== this.#block || column !== this.#column) {
        this.#market.fillTrades(this.#trades, column, number);
        [this.#column, this.#block] = [column, number];
      }
      this.#sums.add(this.#trades, at, stop);
    }
    return this.#sums;
  }
}
