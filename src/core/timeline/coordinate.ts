import type { Instrument } from '../market/instrument.ts';
import { logPricesOf } from '../market/models/log-price.ts';
import { liftAt, type Spell, ticksAt, wholeParts } from '../market/models/overlay.ts';
import { log } from '../random/kernels.ts';

/** How what is done to an instrument is told in the coordinate of its model. */
export interface Coordinate {
  /** The nearest number that can be added. */
  whole(value: number): number;
  /** What so many percent come to, `times` as often, where the model stands at `x`. */
  percent(percent: number, times: number, x: number): number;
  /** What a spell adds to a row where the model stands at `x`. */
  liftAt(spell: Spell, index: number, x: number): number;
}

/** The coordinate of an instrument's model. */
export function coordinateOf(instrument: Instrument): Coordinate {
  return instrument.model.kind === 'walk' ? new Ticks(instrument) : new Logarithm(instrument);
}

class Logarithm implements Coordinate {
  readonly whole = wholeParts;
  readonly liftAt = liftAt;
  readonly #low: number;
  readonly #width: number;

  constructor(instrument: Instrument) {
    const { low, high } = logPricesOf(instrument);
    this.#low = low;
    this.#width = high - low;
  }

  percent(percent: number, times: number, x: number): number {
    return this.#wayAt(x) * wholeParts(log(1 + percent / 100) * times);
  }

  /** -1 where it is turned back an odd number of times, so that up is down. */
  #wayAt(x: number): number {
    if (this.#width <= 0) return 1;
    return Math.floor((x - this.#low) / this.#width) % 2 === 0 ? 1 : -1;
  }
}

class Ticks implements Coordinate {
  readonly liftAt = ticksAt;
  readonly #min: number;
  readonly #period: number;

  constructor({ minTicks, maxTicks }: Instrument) {
    this.#min = minTicks;
    this.#period = 2 * (maxTicks - minTicks + 1);
  }

  whole(value: number): number {
    return Math.floor(value + 0.5);
  }

  percent(percent: number, times: number, x: number): number {
    const half = this.#period / 2;
    let r = x % this.#period;
    if (r < 0) r += this.#period;
    const isTurned = r >= half;
    const price = this.#min + (isTurned ? this.#period - 1 - r : r);
    const ticks = this.whole((percent / 100) * times * Math.max(1, Math.abs(price)));
    const most = Math.max(-half, Math.min(half, ticks));
    return isTurned ? -most : most;
  }
}
