/**
 * How one instrument is traded: the trades before each row, their lots and sides, and the quotes
 * around each price. All of it is read at any row without what came before. docs/prices.md has the
 * whole of it.
 */
import { exp } from '../../random/kernels.ts';
import type { Key } from '../../random/threefry.ts';
import type { Prices } from '../dtype.ts';
import type { Trades } from '../fields.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Model } from '../models/model.ts';
import { PURPOSE } from '../models/purpose.ts';
import { DAY_MS } from '../time.ts';
import { DyadicNoise } from './dyadic-noise.ts';
import { type LotCells, Lots } from './lots.ts';
import { isBuyer, orderFlow } from './order-flow.ts';
import { TradeClock } from './trade-clock.ts';

/** Deviation of the logarithm of the spread, beside what activity does to it. */
const SPREAD_DEVIATION = 0.35;
const SPREAD_TREES = 2;
const SPREAD_FALL = 0.2;
const MAX_UINT32 = 0xffff_ffff;

const before = new Float64Array(BLOCK_ROWS + 1);
const lastTrades = new Float64Array(BLOCK_ROWS);
const indexes = new Float64Array(BLOCK_ROWS);
const flowNoise = new Float64Array(BLOCK_ROWS);
const spreadNoise = new Float64Array(BLOCK_ROWS);

/** A block of prices to be traded at. */
export interface Traded {
  /** Its `BLOCK_ROWS` prices, in ticks. */
  readonly prices: Prices;
  /** The price of the row before it; that of its first where there is none. */
  readonly before: number;
  /** The variance of each of its rows, over the average one of its instrument. */
  readonly activity: Float64Array;
  /** The rows that are wanted, `[from, next)`, counted from its first. */
  readonly from: number;
  readonly next: number;
}

export class Trading {
  readonly #clock: TradeClock;
  readonly #lots: Lots;
  readonly #flow: DyadicNoise;
  readonly #spread: DyadicNoise;
  readonly #instrument: Instrument;

  /** Rows are `intervalMs` apart. */
  constructor(model: Model, instrument: Instrument, key: Key, intervalMs: number, cells: LotCells) {
    this.#instrument = instrument;
    const rate = (instrument.trading.tradesPerDay * intervalMs) / DAY_MS;
    // A price that moves by itself has a trade in each row.
    this.#clock = new TradeClock(model, key, rate, 1, intervalMs);
    this.#lots = new Lots(key, instrument.trading.lotsPerTrade, cells);
    this.#flow = orderFlow(key, Math.max(1, rate));
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const shape = { cell, phase, finest: 0, trees: SPREAD_TREES, fall: SPREAD_FALL };
    this.#spread = new DyadicNoise(key, shape);
  }

  /** Trades before row `index`: the number of its first trade. */
  tradesBefore(index: number): number {
    return this.#clock.before(index);
  }

  /** Lots of the trades before trade `number`. */
  lotsBefore(number: number): number {
    return this.#lots.before(number);
  }

  /** Fills the wanted rows of block `block` in `out`, each in its place. */
  fillBlock(out: Trades, traded: Traded, block: number): void {
    const { from, next } = traded;
    this.#clock.fillBlock(before, block);
    this.#lots.fillRows(out.volume, before, from, next);
    for (let i = from; i < next; i++) {
      const then = before[i + 1]!;
      const count = then - before[i]!;
      out.trades[i] = count > MAX_UINT32 ? MAX_UINT32 : count;
      lastTrades[i] = then - 1;
      indexes[i] = block * BLOCK_ROWS + i;
    }
    this.#flow.fill(flowNoise, lastTrades, from, next);
    this.#spread.fill(spreadNoise, indexes, from, next);
    this.#fillQuotes(out, traded);
  }

  #fillQuotes(out: Trades, { prices, before: first, activity, from, next }: Traded): void {
    const { bid, ask, aggressor } = out;
    const { trading, minTicks, maxTicks } = this.#instrument;
    const middle = trading.spreadTicks * exp((-SPREAD_DEVIATION * SPREAD_DEVIATION) / 2);
    let previous = from === 0 ? first : prices[from - 1]!;

    for (let i = from; i < next; i++) {
      const last = prices[i]!;
      const move = last === previous ? 0 : last > previous ? 1 : -1;
      let isBought = isBuyer(move, flowNoise[i]!);
      const wide = middle * Math.sqrt(activity[i]!) * exp(SPREAD_DEVIATION * spreadNoise[i]!);
      const room = Math.max(last - minTicks, maxTicks - last);
      const spread = Math.min(room, Math.max(1, Math.floor(wide + 0.5)));
      if (isBought ? last - spread < minTicks : last + spread > maxTicks) isBought = !isBought;
      bid[i] = isBought ? last - spread : last;
      ask[i] = isBought ? last : last + spread;
      aggressor[i] = isBought ? 1 : 2;
      previous = last;
    }
  }
}
