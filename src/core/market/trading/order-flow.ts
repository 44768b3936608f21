/**
 * Who came to whom: orders to buy follow orders to buy for a long time, as large ones are traded
 * in parts. The trades of a row are those of one taker, whose side is
 *
 *     sign( sqrt(MOVE) z  +  sqrt(1 - MOVE) G(n) )
 *
 * z is how far the price has just moved, over what it moves as a rule; G is noise that remembers
 * (dyadic-noise.ts), by the number n of the row's last trade. Source of the memory: F. Lillo, J. D.
 * Farmer, "The Long Memory of the Efficient Market", Studies in Nonlinear Dynamics & Econometrics 8
 * (2004). docs/prices.md has the whole of it.
 */
import type { Key } from '../../random/threefry.ts';
import { PURPOSE } from '../models/purpose.ts';
import { DyadicNoise } from './dyadic-noise.ts';

const TREES = 3;
const FALL = 0.3;
const MOVE = 0.4;
const MOVE_WEIGHT = Math.sqrt(MOVE);
const NOISE_WEIGHT = Math.sqrt(1 - MOVE);

/** The noise of an instrument with `rate` trades a row: of a row's trades the last one decides. */
export function orderFlow(key: Key, rate: number): DyadicNoise {
  let finest = 0;
  for (let trades = 1; trades < rate; trades *= 2) finest += 1;
  const { flowLevel: cell, flowPhase: phase } = PURPOSE;
  return new DyadicNoise(key, { cell, phase, finest, trees: TREES, fall: FALL });
}

/** Whether the taker of a row buys. */
export function isBuyer(move: number, noise: number): boolean {
  return MOVE_WEIGHT * move + NOISE_WEIGHT * noise > 0;
}
