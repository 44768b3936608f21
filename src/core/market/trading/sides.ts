/**
 * Who comes to whom in a row with trades, by how the mid has just moved and by the noise of orders
 * (order-flow.ts). docs/prices.md has the whole of it.
 */
import type { Key } from '../../random/threefry.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Mids } from '../models/mids.ts';
import type { MidModel } from '../models/model.ts';
import type { DyadicNoise } from './dyadic-noise.ts';
import { isBuyer, orderFlow } from './order-flow.ts';
import type { TradedBlock } from './traded-block.ts';

/** The move over so many rows, and the square of its weight. */
const MOVES = [
  [1, 0.4],
  [16, 0.35],
  [64, 0.25],
] as const;
/** Of moves with a deviation of 1 each, of which the shorter are parts of the longer. */
const VARIANCE = MOVES.reduce(
  (sum, [rows, weight]) =>
    MOVES.reduce((all, [others, other]) => {
      const share = Math.min(rows, others) / Math.max(rows, others);
      return all + Math.sqrt(weight * other * share);
    }, sum),
  0,
);

const places = new Int32Array(BLOCK_ROWS);
const trades = new Float64Array(BLOCK_ROWS);
const noise = new Float64Array(BLOCK_ROWS);

export class Sides {
  readonly #flow: DyadicNoise;
  readonly #weights: readonly [number, number, number];

  /** Of `rate` trades a row on average. */
  constructor({ sigma }: MidModel, key: Key, rate: number) {
    this.#flow = orderFlow(key, rate);
    const unit = sigma > 0 ? sigma * Math.sqrt(VARIANCE) : Number.POSITIVE_INFINITY;
    const [a, b, c] = MOVES.map(([, weight]) => Math.sqrt(weight) / unit);
    this.#weights = [a!, b!, c!];
  }

  /** Fills the sides of rows `[from, next)` of a block whose trades are counted. */
  fill(traded: TradedBlock, mids: Mids, block: number, from: number, next: number): void {
    const { before, aggressor } = traded;
    let many = 0;
    for (let i = from; i < next; i++) {
      const then = before[i + 1]!;
      if (then === before[i]!) {
        aggressor[i] = 0;
        continue;
      }
      places[many] = i;
      trades[many] = then - 1;
      many += 1;
    }
    this.#flow.fill(noise, trades, 0, many);
    this.#decide(aggressor, mids, block * BLOCK_ROWS, many);
  }

  /** Decides the sides of the `many` rows in `places`, whose noise is known. */
  #decide(aggressor: Uint8Array, { exponents, clock, first }: Mids, start: number, many: number) {
    const [a, b, c] = this.#weights;

    for (let n = 0; n < many; n++) {
      const row = places[n]!;
      const at = first + row;
      const x = exponents[at]!;
      const now = clock[at]!;
      const before = start + row;
      const one = at - Math.min(1, before);
      const few = at - Math.min(16, before);
      const all = at - Math.min(64, before);
      const short = a * overRoot(x - exponents[one]!, now - clock[one]!);
      const middle = b * overRoot(x - exponents[few]!, now - clock[few]!);
      const move = short + middle + c * overRoot(x - exponents[all]!, now - clock[all]!);
      aggressor[row] = isBuyer(move, noise[n]!) ? 1 : 2;
    }
  }
}

function overRoot(move: number, time: number): number {
  return time > 0 ? move / Math.sqrt(time) : 0;
}
