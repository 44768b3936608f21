import { deriveKeyOfText, keyOfSeed } from '../../random/threefry.ts';
import type { Grid } from '../grid.ts';
import { BusinessTime } from './business-time.ts';
import { Day } from './day.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';
import { SubordinatedBrownian } from './subordinated.ts';

/** Business time, and what of it is at hand. */
export class KeptBusinessTime {
  readonly businessTime: BusinessTime;
  readonly day: Day;
  readonly #scratch: Scratch;
  readonly #owner: number;
  readonly #intensityOwner: number;

  constructor(businessTime: BusinessTime, day: Day, scratch: Scratch) {
    this.businessTime = businessTime;
    this.day = day;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
    this.#intensityOwner = scratch.newOwner();
  }

  /** What it shows at the rows of `block` and at its end; for reading at once and no longer. */
  shown(block: number): Float64Array {
    return this.#scratch.block(this.#owner, block, (out) =>
      this.businessTime.fillBlock(out, block),
    );
  }

  /** Its intensity at the rows of `block`; for reading at once and no longer. */
  intensity(block: number): Float64Array {
    return this.#scratch.block(this.#intensityOwner, block, (out) =>
      this.businessTime.fillBlock(new Float64Array(out.length), block, out),
    );
  }
}

/** A path in business time that several instruments follow. */
export class Factor {
  readonly #path: SubordinatedBrownian;
  readonly #businessTime: KeptBusinessTime;
  readonly #scratch: Scratch;
  readonly #owner: number;

  constructor(path: SubordinatedBrownian, kept: KeptBusinessTime, scratch: Scratch) {
    this.#path = path;
    this.#businessTime = kept;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /** The path at the rows of `block` and at its end; for reading at once and no longer. */
  block(block: number): Float64Array {
    return this.#scratch.block(this.#owner, block, (out) =>
      this.#path.fillBlock(out, this.#businessTime.shown(block), block),
    );
  }
}

/**
 * What the instruments of a market have in common: days, the market's business time, its path and
 * those of its sectors. Their keys come from the seed and names that no symbol can have.
 */
export class Factors {
  readonly #seed: number;
  readonly #grid: Grid;
  readonly #scratch: Scratch;
  readonly #days = new Map<number, Day>();
  readonly #businessTimes = new Map<string, KeptBusinessTime>();
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

  /** The market's business time, as instruments with such parameters have it. */
  businessTime(clustering: number, intraday: number): KeptBusinessTime {
    return made(this.#businessTimes, `${clustering} ${intraday}`, () => {
      const day = this.day(intraday);
      const businessTime = new BusinessTime(this.#key(MARKET), clustering, day, this.#scratch);
      return new KeptBusinessTime(businessTime, day, this.#scratch);
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
      const kept = this.businessTime(clustering, intraday);
      const { businessTime, day } = kept;
      const path = new SubordinatedBrownian(
        this.#key(name),
        PURPOSE,
        businessTime,
        day,
        this.#scratch,
      );
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
