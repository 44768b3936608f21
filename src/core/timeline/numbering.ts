/**
 * How the trades of one instrument are numbered to which something is done: those of rows that are
 * held are taken out, and the ones after them move up; lots are times a factor.
 *
 *     by the model   0 1 2 | 3 4 5 6 | 7 8 ...
 *                          |  held   |
 *     numbers        0 1 2             3 4 ...
 */
import type { Market } from '../market/market.ts';
import type { Spell } from '../market/models/overlay.ts';

/** Rows from `from` on, in which trades are held, or have so many times the lots. */
interface Part {
  readonly from: number;
  readonly isHeld: boolean;
  readonly times: number;
  /** Before them: trades and lots by the model, and as they are numbered and counted. */
  readonly trades: number;
  readonly lots: number;
  readonly number: number;
  readonly sum: number;
}

const START: Part = {
  ...{ from: 0, isHeld: false, times: 1 },
  ...{ trades: 0, lots: 0, number: 0, sum: 0 },
};

/** What is said of a cut, before anything is counted. */
type Cut = Pick<Part, 'from' | 'isHeld' | 'times'>;

export class Numbering {
  readonly #market: Market;
  readonly #column: number;
  #cuts: readonly Cut[] = [];
  /** Of the cuts, those that are counted. */
  #parts: Part[] = [START];

  constructor(market: Market, column: number) {
    this.#market = market;
    this.#column = column;
  }

  /** Takes spells from now on; what is the same as it was stays counted. */
  set(spells: readonly (Spell & { readonly hold: unknown })[]): void {
    const cuts: Cut[] = [];
    for (const { from, hold, volume: times } of spells) {
      const isHeld = hold !== undefined;
      const before = cuts.at(-1) ?? START;
      if (before.isHeld === isHeld && before.times === times) continue;
      cuts.push({ from, isHeld, times });
    }
    let same = 0;
    while (same < this.#parts.length - 1 && isSame(this.#parts[same + 1]!, cuts[same])) same++;
    this.#parts.length = same + 1;
    this.#cuts = cuts;
  }

  /** Counts what is before row `next`; yields after some of it. */
  *settling(next: number): Generator<void, void, void> {
    for (let n = 1; this.#nextCut < next; n++) {
      this.#countOne();
      if (n % CUTS_PER_STEP === 0) yield;
    }
  }

  /** Trades before row `index`. */
  before(index: number): number {
    const { number, isHeld, trades } = this.#partOfRow(index);
    return isHeld ? number : number + this.#market.tradesBefore(this.#column, index) - trades;
  }

  /** Lots of the trades before trade `number`. */
  lotsBefore(number: number): number {
    const part = this.#partOf(number);
    const made = number - part.number;
    return part.sum + lotsOf(part.times, made, this.#lotsOf(part, made));
  }

  /** What to add to a trade's number for the number that it has by the model. */
  shiftOf(number: number): number {
    const part = this.#partOf(number);
    return part.trades - part.number;
  }

  /** The number of the first trade after `number` that is further from the one by the model. */
  nextShift(number: number): number {
    this.#countTo(number + 1);
    for (let n = this.#indexOf(number) + 1; ; n++) {
      if (n === this.#parts.length && !this.#countOne()) return Number.POSITIVE_INFINITY;
      const part = this.#parts[n]!;
      if (part.trades - part.number !== this.shiftOf(number)) return part.number;
    }
  }

  /** Whether any trade has other lots than the model says. */
  get hasOtherLots(): boolean {
    return this.#cuts.some(({ times }) => times !== 1);
  }

  /**
   * Makes lots by the model of the rows `[from, next)`, which are of one spell and not held, those
   * that they have; `volume[at]` and `trades[at]` are of row `from`.
   */
  count(volume: Uint32Array, trades: Uint32Array, at: number, from: number, next: number): void {
    const part = this.#partOfRow(from);
    let made = this.#market.tradesBefore(this.#column, from) - part.trades;
    let lots = this.#lotsOf(part, made);
    let sum = lotsOf(part.times, made, lots);
    for (let row = from; row < next; row++) {
      const n = at + row - from;
      if (trades[n]! < MAX_UINT32 && volume[n]! < MAX_UINT32) {
        made += trades[n]!;
        lots += volume[n]!;
      } else {
        // These are as many as 32 bits hold, or more.
        made = this.#market.tradesBefore(this.#column, row + 1) - part.trades;
        lots = this.#lotsOf(part, made);
      }
      const then = lotsOf(part.times, made, lots);
      volume[n] = Math.min(MAX_UINT32, then - sum);
      sum = then;
    }
  }

  /** Lots by the model of the first `made` trades of a part. */
  #lotsOf(part: Part, made: number): number {
    return this.#market.lotsBefore(this.#column, part.trades + made) - part.lots;
  }

  #partOfRow(index: number): Part {
    while (this.#nextCut <= index) this.#countOne();
    let [low, high] = [0, this.#parts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#parts[middle]!.from <= index) low = middle;
      else high = middle;
    }
    return this.#parts[low]!;
  }

  /** The part that has a trade. */
  #partOf(number: number): Part {
    this.#countTo(number);
    return this.#parts[this.#indexOf(number)]!;
  }

  /** Counts until all parts are known that begin with a trade up to `number`. */
  #countTo(number: number): void {
    while (this.#parts.at(-1)!.number <= number && this.#countOne());
  }

  #indexOf(number: number): number {
    let [low, high] = [0, this.#parts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#parts[middle]!.number <= number) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The row that the first part begins with which is not counted. */
  get #nextCut(): number {
    return this.#cuts[this.#parts.length - 1]?.from ?? Number.POSITIVE_INFINITY;
  }

  #countOne(): boolean {
    const cut = this.#cuts[this.#parts.length - 1];
    if (cut === undefined) return false;
    const part = this.#parts.at(-1)!;
    const trades = this.#market.tradesBefore(this.#column, cut.from);
    const lots = this.#market.lotsBefore(this.#column, trades);
    const made = trades - part.trades;
    const number = part.isHeld ? part.number : part.number + made;
    const sum = part.isHeld ? part.sum : part.sum + lotsOf(part.times, made, lots - part.lots);
    this.#parts.push({ ...cut, trades, lots, number, sum });
    return true;
  }
}

/** Cuts that are counted between two yields, at 5 us each. */
const CUTS_PER_STEP = 64;
const MAX_UINT32 = 0xffff_ffff;

function isSame(part: Part, cut: Cut | undefined): boolean {
  return part.from === cut?.from && part.isHeld === cut.isHeld && part.times === cut.times;
}

/** The lots of so many trades, `lots` by the model: no trade has less than one. */
function lotsOf(times: number, trades: number, lots: number): number {
  if (times === 1) return lots;
  if (times > 1) return Math.floor(times * lots);
  return trades + Math.floor(times * (lots - trades));
}
