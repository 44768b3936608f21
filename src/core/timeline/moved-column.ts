/** The rows of one instrument to which something is done. */

import { HeldRows } from '../market/calendar/held-rows.ts';
import type { OpenRows } from '../market/calendar/open-rows.ts';
import type { Prices } from '../market/dtype.ts';
import { newTrades, STATUS, type Trades } from '../market/fields.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import type { Fold } from '../market/models/model.ts';
import type { Overlay } from '../market/models/overlay.ts';
import type { MovedMarket } from '../market/moved-market.ts';
import type { EachTrade } from '../market/trading/each-trade.ts';
import type { Acts } from './acts.ts';
import { coordinateOf } from './coordinate.ts';
import { Numbering } from './numbering.ts';
import { type Hold, type Shown, Spells } from './spells.ts';

/** Room for one row's values in the place that it has in its block. */
export interface Room {
  readonly prices: Prices;
  readonly trades: Trades;
}

export class MovedColumn {
  readonly #market: Market;
  readonly #moved: MovedMarket;
  readonly #column: number;
  readonly #room: () => Room;
  readonly #spells: Spells;
  readonly #numbering: Numbering;
  /** Of one that is closed at times. */
  readonly #open: OpenRows | undefined;
  readonly #held: HeldRows | undefined;

  /** `room` is for reading at once, and shared. */
  constructor(market: Market, moved: MovedMarket, column: number, room: () => Room) {
    this.#market = market;
    this.#moved = moved;
    this.#column = column;
    this.#room = room;
    this.#spells = new Spells(coordinateOf(market.instruments[column]!), (out, indexes) =>
      moved.fillCoordinates(out, column, indexes),
    );
    this.#numbering = new Numbering(market, column);
    const open = market.openRowsOf(column);
    if (open === undefined) return;
    this.#open = open;
    const source = {
      fillBlock: this.#fillBlock.bind(this),
      fillTrades: this.#fillTrades.bind(this),
      fold: this.#fold.bind(this),
    };
    this.#held = new HeldRows(open, source, market.spec.dtype);
  }

  get overlay(): Overlay {
    return this.#spells;
  }

  /** Takes what is done from now on. Rows before `index` are as they were. */
  set(acts: Acts, index: number): void {
    const known = new Map<number, Shown>();
    for (const { from, next, shown } of this.#spells.holds) {
      if (next < index && shown !== undefined) known.set(from, shown);
    }
    this.#spells.set(acts);
    this.#numbering.set(this.#spells.all);
    for (const hold of this.#spells.holds) {
      const shown = known.get(hold.from);
      if (shown !== undefined) this.#spells.show(hold, shown);
    }
    this.#held?.forgetFrom(index);
  }

  fillBlock(out: Prices, block: number, from: number, next: number): void {
    this.#fillBlock(out, block, from, next);
    this.#held?.holdPrices(out, block, from, next);
  }

  fillTrades(out: Trades, block: number, from: number, next: number): void {
    this.#fillTrades(out, block, from, next);
    this.#held?.holdTrades(out, block, from, next);
  }

  fold(fold: Fold, from: number, next: number): void {
    if (this.#held === undefined) this.#fold(fold, from, next);
    else this.#held.fold(fold, from, next);
  }

  /** Rows as halts hold them; those that are closed as if they were not. */
  #fillBlock(out: Prices, block: number, from: number, next: number): void {
    const start = block * BLOCK_ROWS;
    if (start + next <= this.#spells.from) {
      this.#market.fillBlock(out, this.#column, block, from, next);
      return;
    }
    this.#spells.settle(start + BLOCK_ROWS);
    this.#moved.fillBlock(out, this.#column, block, from, next);
    const { holds } = this.#spells;
    for (let n = this.#firstHold(start + from); n < holds.length; n++) {
      const hold = holds[n]!;
      if (hold.from >= start + next) break;
      const { last, until } = this.#shownIn(hold);
      const stop = Math.min(next, until - start);
      if (stop > from) out.fill(last, Math.max(from, hold.from - start), stop);
    }
  }

  #fillTrades(out: Trades, block: number, from: number, next: number): void {
    const start = block * BLOCK_ROWS;
    if (start + next <= this.#spells.from) {
      this.#market.fillTrades(out, this.#column, block, from, next);
      return;
    }
    this.#spells.settle(start + BLOCK_ROWS);
    // The row behind a hold is compared with what it shows.
    const { holds } = this.#spells;
    for (let n = this.#firstHold(start + from - 1); n < holds.length; n++) {
      if (holds[n]!.from >= start + next) break;
      this.#shownIn(holds[n]!);
    }
    this.#moved.fillTrades(out, this.#column, block, from, next);
    for (let at = from; at < next; ) {
      const spell = this.#spells.spellAt(start + at);
      const stop = Math.min(next, spell.next - start);
      if (spell.hold !== undefined) stand(out, this.#shownIn(spell.hold), at, stop);
      else if (spell.volume !== 1) {
        this.#numbering.count(out.volume, out.trades, at, start + at, start + stop);
      }
      at = stop;
    }
  }

  #fold(fold: Fold, from: number, next: number): void {
    if (next <= this.#spells.from) {
      this.#market.fold(fold, this.#column, from, next);
      return;
    }
    this.#spells.settle((Math.floor((next - 1) / BLOCK_ROWS) + 1) * BLOCK_ROWS);
    let at = from;
    const { holds } = this.#spells;
    for (let n = this.#firstHold(from); n < holds.length; n++) {
      const hold = holds[n]!;
      if (hold.from >= next) break;
      const { last, until } = this.#shownIn(hold);
      if (at < hold.from) this.#moved.fold(fold, this.#column, at, hold.from);
      at = Math.max(at, hold.from);
      const stop = Math.min(next, until);
      if (at < stop) fold.add(last, last, last, last, stop - at);
      at = Math.max(at, stop);
    }
    if (at < next) this.#moved.fold(fold, this.#column, at, next);
  }

  tradesBefore(index: number): number {
    return this.#numbering.before(index);
  }

  lotsBefore(number: number): number {
    return this.#numbering.lotsBefore(number);
  }

  rowOfTrade(number: number): number | undefined {
    return this.#market.rowOfTrade(this.#column, number + this.#numbering.shiftOf(number));
  }

  fillEachTrade(out: EachTrade, from: number, next: number, near?: number): void {
    const numbering = this.#numbering;
    for (let at = from; at < next; ) {
      const stop = Math.min(next, numbering.nextShift(at));
      const shift = numbering.shiftOf(at);
      const part = {
        rows: out.rows.subarray(at - from),
        micros: out.micros.subarray(at - from),
        lots: out.lots.subarray(at - from),
      };
      const hint = at === from ? near : undefined;
      this.#market.fillEachTrade(part, this.#column, at + shift, stop + shift, hint);
      at = stop;
    }
    if (!numbering.hasOtherLots) return;
    let before = numbering.lotsBefore(from);
    for (let number = from; number < next; number++) {
      const then = numbering.lotsBefore(number + 1);
      out.lots[number - from] = then - before;
      before = then;
    }
  }

  /** The rows `[from, next)` in which halts hold row `index`, if they do. */
  holdAt(index: number): Pick<Hold, 'from' | 'next'> | undefined {
    return this.#spells.spellAt(index).hold;
  }

  /** Puts into `out`, from `at` on, which of the rows `[from, next)` are halted, if not closed. */
  fillHalted(out: Prices, at: number, from: number, next: number): void {
    const { holds } = this.#spells;
    for (let n = this.#firstHold(from); n < holds.length && holds[n]!.from < next; n++) {
      const hold = holds[n]!;
      for (let i = Math.max(from, hold.from); i < Math.min(next, hold.next); i++) {
        if (out[at + i - from] === STATUS.trading) out[at + i - from] = STATUS.halted;
      }
    }
  }

  /** Works out all that is done before row `next`; yields every few milliseconds. */
  *settling(next: number): Generator<void, void, void> {
    yield* this.#spells.settling(next);
    yield* this.#numbering.settling(next);
  }

  /** Which is the first hold that rows from `from` on may have the price of. */
  #firstHold(from: number): number {
    const { holds } = this.#spells;
    let [low, high] = [-1, holds.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (holds[middle]!.from < from) low = middle;
      else high = middle;
    }
    return Math.max(0, low);
  }

  #shownIn(hold: Hold): Shown {
    return hold.shown ?? this.#show(hold);
  }

  #show(hold: Hold): Shown {
    const row = this.#shownAt(hold);
    // Where it is closed between the two, others may begin by night: they decide nothing.
    const found = this.#spells.holds[this.#firstHold(row + 1)]!;
    const before = found.from < hold.from && found.from <= row ? found : undefined;
    // The one before it may decide what its row shows: right behind it, and until somebody trades.
    const isNear = before !== undefined && row <= this.#firstTradeFrom(before.next);
    const still = isNear ? this.#shownIn(before) : undefined;
    const until = this.#firstTradeFrom(hold.next);
    if (still !== undefined && row >= before!.from && row < before!.next) {
      const shown = { ...still, until };
      this.#spells.show(hold, shown);
      return shown;
    }
    const block = Math.floor(row / BLOCK_ROWS);
    const at = row - block * BLOCK_ROWS;
    const { prices, trades } = this.#room();
    this.#moved.fillBlock(prices, this.#column, block, at, at + 1);
    this.#moved.fillTrades(trades, this.#column, block, at, at + 1);
    const shown = {
      last: still !== undefined && row < still.until ? still.last : prices[at]!,
      bid: trades.bid[at]!,
      ask: trades.ask[at]!,
      until,
    };
    this.#spells.show(hold, shown);
    return shown;
  }

  /** The row that a hold shows, if no other one holds it. */
  #shownAt(hold: Hold): number {
    const last = Math.max(0, hold.from - 1);
    return this.#open?.shownAt(last) ?? last;
  }

  /** The first row from `index` on that has a price of its own. */
  #firstTradeFrom(index: number): number {
    const { model, trading } = this.#market.instruments[this.#column]!;
    if (model.kind !== 'market' || trading.tradesPerDay === 0) return index;
    const trade = this.#market.tradesBefore(this.#column, index);
    return this.#market.rowOfTrade(this.#column, trade) ?? Number.POSITIVE_INFINITY;
  }
}

/** Room for a block of a market. */
export function newRoom(market: Market): Room {
  return {
    prices: market.newPrices(BLOCK_ROWS),
    trades: newTrades(market.spec.dtype, BLOCK_ROWS),
  };
}

/** Has rows stand as one did, without a trade. */
function stand(out: Trades, { bid, ask }: Shown, from: number, next: number): void {
  out.bid.fill(bid, from, next);
  out.ask.fill(ask, from, next);
  out.volume.fill(0, from, next);
  out.trades.fill(0, from, next);
  out.aggressor.fill(0, from, next);
}
