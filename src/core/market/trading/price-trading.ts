/**
 * How an instrument is traded whose price moves by itself: the quotes are around each price, one of
 * them at it. docs/prices.md has the whole of it.
 */
import { exp } from '../../random/kernels.ts';
import type { Key } from '../../random/threefry.ts';
import type { OpenRows } from '../calendar/open-rows.ts';
import type { Prices } from '../dtype.ts';
import type { Trades } from '../fields.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Model } from '../models/model.ts';
import type { Overlay } from '../models/overlay.ts';
import { PURPOSE } from '../models/purpose.ts';
import type { Scratch } from '../models/scratch.ts';
import { DAY_MS } from '../time.ts';
import { DyadicNoise } from './dyadic-noise.ts';
import { type LotCells, Lots } from './lots.ts';
import { isBuyer, orderFlow } from './order-flow.ts';
import { TradeClock } from './trade-clock.ts';
import { fillCounts, type Trading } from './trading.ts';

/** Deviation of the logarithm of the spread, beside what activity does to it. */
const SPREAD_DEVIATION = 0.35;
const SPREAD_TREES = 2;
const SPREAD_FALL = 0.2;
/** Rows whose spreads are alike, but for what activity does: a power of two. */
const SPREAD_ROWS = 8;

const before = new Float64Array(BLOCK_ROWS + 1);
const lastTrades = new Float64Array(BLOCK_ROWS);
const flowNoise = new Float64Array(BLOCK_ROWS);
const spreads = new Float64Array(BLOCK_ROWS / SPREAD_ROWS);
const spreadNoise = new Float64Array(BLOCK_ROWS / SPREAD_ROWS);

export class PriceTrading implements Trading {
  readonly #model: Model;
  readonly #scratch: Scratch;
  readonly #clock: TradeClock;
  readonly #lots: Lots;
  readonly #flow: DyadicNoise;
  readonly #spread: DyadicNoise;
  readonly #instrument: Instrument;
  readonly #overlay: Overlay | undefined;

  /** Rows are `intervalMs` apart. With `open`, held ones have quotes but no trades of their own. */
  constructor(
    model: Model,
    scratch: Scratch,
    instrument: Instrument,
    key: Key,
    intervalMs: number,
    cells: LotCells,
    open?: OpenRows,
    overlay?: Overlay,
  ) {
    this.#model = model;
    this.#scratch = scratch;
    this.#instrument = instrument;
    this.#overlay = overlay;
    const { tradesPerDay } = instrument.trading;
    const rate = open ? tradesPerDay / open.rowsPerDay : (tradesPerDay * intervalMs) / DAY_MS;
    // A price that moves by itself has a trade in each row.
    this.#clock = new TradeClock(model, key, rate, 1, intervalMs, open);
    this.#lots = new Lots(key, instrument.trading.lotsPerTrade, cells);
    this.#flow = orderFlow(key, Math.max(1, rate));
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const shape = { cell, phase, finest: 0, trees: SPREAD_TREES, fall: SPREAD_FALL };
    this.#spread = new DyadicNoise(key, shape);
  }

  tradesBefore(index: number): number {
    return this.#clock.before(index);
  }

  lotsBefore(number: number): number {
    return this.#lots.before(number);
  }

  fillTrades(out: Trades, block: number, from: number, next: number): void {
    this.#clock.fillBlock(before, block, from, next + 1);
    this.#lots.fillRows(out.volume, before, from, next);
    fillCounts(out.trades, before, from, next);
    for (let i = from; i < next; i++) lastTrades[i] = before[i + 1]! - 1;
    this.#flow.fill(flowNoise, lastTrades, from, next);
    this.#fillSpreads(block, Math.floor(from / SPREAD_ROWS), Math.ceil(next / SPREAD_ROWS));
    this.#fillQuotes(out, block, from, next);
  }

  /** Fills the spreads at average activity, of each few rows of a block, not rounded yet. */
  #fillSpreads(block: number, from: number, next: number): void {
    const middle =
      this.#instrument.trading.spreadTicks * exp((-SPREAD_DEVIATION * SPREAD_DEVIATION) / 2);
    const first = block * (BLOCK_ROWS / SPREAD_ROWS);
    for (let n = from; n < next; n++) spreads[n] = first + n;
    this.#spread.fill(spreadNoise, spreads, from, next);
    for (let n = from; n < next; n++) {
      spreads[n] = middle * exp(SPREAD_DEVIATION * spreadNoise[n]!);
    }
  }

  #fillQuotes(out: Trades, block: number, from: number, next: number): void {
    const scratch = this.#scratch;
    const model = this.#model;
    // Only the first row of a block looks at the block before it.
    const first = from === 0 && block > 0 ? scratch.lastPriceOf(model, block - 1) : undefined;
    const prices = scratch.pricesOf(model, block);
    const activity = scratch.activityOf(model, block);
    const previous = from === 0 ? (first ?? prices[0]!) : prices[from - 1]!;
    const overlay = this.#overlay;
    if (overlay === undefined) this.#quote(out, prices, activity, from, next, previous, 1);
    const start = block * BLOCK_ROWS;
    for (let at = overlay === undefined ? next : from; at < next; ) {
      const { spread, next: end } = overlay!.spellAt(start + at);
      const stop = Math.min(next, end - start);
      const before = at === from ? previous : prices[at - 1]!;
      const shown = overlay!.spellAt(start + at - 1).held ?? before;
      this.#quote(out, prices, activity, at, stop, shown, spread);
      at = stop;
    }
    scratch.keepLastPrice(model, block, prices[BLOCK_ROWS - 1]!);
  }

  /** Quotes the rows `[from, next)`, of which the first comes after a price of `before`. */
  #quote(
    out: Trades,
    prices: Prices,
    activity: Float64Array,
    from: number,
    next: number,
    before: number,
    times: number,
  ): void {
    const { bid, ask, aggressor } = out;
    const { minTicks, maxTicks } = this.#instrument;
    let previous = before;

    for (let i = from; i < next; i++) {
      const last = prices[i]!;
      const move = last === previous ? 0 : last > previous ? 1 : -1;
      let isBought = isBuyer(move, flowNoise[i]!);
      const wide = spreads[Math.floor(i / SPREAD_ROWS)]! * Math.sqrt(activity[i]!) * times;
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
