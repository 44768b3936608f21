import { deriveKeyOfText, keyOfSeed } from '../../random/threefry.ts';
import type { Grid } from '../grid.ts';
import { Clock } from './clock.ts';
import { ClockedBrownian } from './clocked.ts';
import { Day } from './day.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

/** A clock, and what of it is at hand. */
export class KeptClock {
  readonly clock: Clock;
  readonly day: Day;
  readonly #scratch: Scratch;
  readonly #owner: number;
  readonly #hasteOwner: number;

  constructor(clock: Clock, day: Day, scratch: Scratch) {
    this.clock = clock;
    this.day = day;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
    this.#hasteOwner = scratch.newOwner();
  }

  /** What it shows at the rows of `block` and at its end; for reading at once and no longer. */
  shown(block: number): Float64Array {
    return this.#scratch.block(this.#owner, block, (out) => this.clock.fillBlock(out, block));
  }

  /** How hasty it is at the rows of `block`; for reading at once and no longer. */
  haste(block: number): Float64Array {
    return this.#scratch.block(this.#hasteOwner, block, (out) =>
      this.clock.fillBlock(new Float64Array(out.length), block, out),
    );
  }
}

/** A path in the time of a clock that several instruments follow. */
export class Factor {
  readonly #path: ClockedBrownian;
  readonly #clock: KeptClock;
  readonly #scratch: Scratch;
  readonly #owner: number;

  constructor(path: ClockedBrownian, kept: KeptClock, scratch: Scratch) {
    this.#path = path;
    this.#clock = kept;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /** The path at the rows of `block` and at its end; for reading at once and no longer. */
  block(block: number): Float64Array {
    return this.#scratch.block(this.#owner, block, (out) =>
      this.#path.fillBlock(out, this.#clock.shown(block), block),
    );
  }
}

/**
 * What the instruments of a market have in common: days, the market's clock, its path and those of
 * its sectors. Their keys come from the seed and names that no symbol can have.
 */
export class Factors {
  readonly #seed: number;
  readonly #grid: Grid;
  readonly #scratch: Scratch;
  readonly #days = new Map<number, Day>();
  readonly #clocks = new Map<string, KeptClock>();
  readonly #factors = new Map<string, Factor>();

  constructor(seed: number, grid: Grid, scratch: Scratch) {
    this.#seed = seed;
    this.#grid = grid;
    this.#scratch = scratch;
  }

  /** The days of instruments with a U of such depth. */
  day(depth: number): Day {
    return made(this.#days, depth, () => new Day(this.#grid, depth));
  }

  /** The market's clock, as instruments with such parameters have it. */
  clock(clustering: number, intraday: number): KeptClock {
    return made(this.#clocks, `${clustering} ${intraday}`, () => {
      const day = this.day(intraday);
      const clock = new Clock(this.#key(MARKET), clustering, day, this.#scratch);
      return new KeptClock(clock, day, this.#scratch);
    });
  }

  /** The path of the market. */
  market(clustering: number, intraday: number): Factor {
    return this.#factor(MARKET, clustering, intraday);
  }

  /** The path of a sector, beside the market's. */
  sector(name: string, clustering: number, intraday: number): Factor {
    return this.#factor(`${SECTOR}${name}`, clustering, intraday);
  }

  #factor(name: string, clustering: number, intraday: number): Factor {
    return made(this.#factors, `${name} ${clustering} ${intraday}`, () => {
      const kept = this.clock(clustering, intraday);
      const { clock, day } = kept;
      const path = new ClockedBrownian(this.#key(name), PURPOSE, clock, day, this.#scratch);
      return new Factor(path, kept, this.#scratch);
    });
  }

  #key(name: string) {
    return deriveKeyOfText(keyOfSeed(this.#seed), name);
  }
}

/** No symbol begins with a space. */
const MARKET = ' market';
const SECTOR = ' sector ';

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
