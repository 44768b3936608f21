import { deriveKey, deriveKeyOfText, type Key, keyOfSeed } from '../../random/threefry.ts';
import type { Grid } from '../grid.ts';
import type { VarianceLaw } from './age.ts';
import { type Calendar, calendarOf, dayOfWorld } from './calendar.ts';
import { Beside, Factor } from './factor.ts';
import type { ModelSpecOf } from './parameters.ts';
import { type Layout, Places } from './places.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

/** Rows of a grid, and what is at hand of them. */
export class KeptPlaces extends Places {
  readonly #scratch: Scratch;
  readonly #owner: number;

  constructor(grid: Grid, calendar: Calendar, depth: number, scratch: Scratch) {
    super(grid, calendar, depth);
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  override layoutOf(block: number): Layout {
    // Rows of a block, and a run of each where rows are coarse.
    const bytes = 2 ** 18;
    return this.#scratch.shared(this.#owner, block, bytes, () => super.layoutOf(block));
  }
}

/** The variance of a factor by rows, for the instruments that share it. */
export class SharedRows {
  readonly #factor: Factor;
  readonly #places: Places;
  readonly #scratch: Scratch;
  readonly #owner: number;

  constructor(factor: Factor, places: Places, scratch: Scratch) {
    this.#factor = factor;
    this.#places = places;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /** Of each row in a segment of the layout of `block`, the variance since the segment's start. */
  of(block: number): Float64Array {
    const layout = this.#places.layoutOf(block);
    const { inside, days, cells, from, next } = layout;
    return this.#scratch.shared(this.#owner, block, inside.byteLength, () => {
      const rows = new Float64Array(inside.length);
      for (let n = 0; n < days.length; n++) {
        if (from[n] === next[n]) continue;
        this.#factor.fillSegment(rows, inside, from[n]!, next[n]!, dayOfWorld(days[n]!), cells[n]!);
      }
      return rows;
    });
  }
}

/** A path that instruments share, and the words by which they share it within a segment. */
export interface SharedPath<Path> {
  readonly path: Path;
  readonly groupKey: Key;
}

/** The parameters that decide a factor, and the days it goes by. */
export function lawOf(spec: ModelSpecOf<'market'>, jumpSkew: number): VarianceLaw {
  const { clustering, jumpsPerDay, feedbackShare, feedbackDays, asymmetry } = spec;
  const jumpShare = jumpsPerDay === 0 ? 0 : spec.jumpShare;
  return {
    ...{ clustering, jumpsPerDay, jumpShare, jumpSkew },
    ...{ feedbackShare, feedbackDays, asymmetry },
  };
}

/**
 * What the instruments of a market have in common: places of rows, the market's path and those of
 * its sectors. Their keys come from the seed and names that no symbol can have.
 */
export class Factors {
  readonly #seed: number;
  readonly #grid: Grid;
  readonly #scratch: Scratch;
  readonly #calendars = new Map<string, Calendar>();
  readonly #places = new Map<string, Places>();
  readonly #markets = new Map<string, SharedPath<Factor>>();
  readonly #sectors = new Map<string, SharedPath<Beside>>();
  readonly #rows = new Map<string, SharedRows>();

  constructor(seed: number, grid: Grid, scratch: Scratch) {
    this.#seed = seed;
    this.#grid = grid;
    this.#scratch = scratch;
  }

  calendar({ calendar, weekend }: ModelSpecOf<'market'>): Calendar {
    return made(this.#calendars, `${calendar} ${weekend}`, () =>
      calendarOf(calendar, weekend, this.#grid),
    );
  }

  places(spec: ModelSpecOf<'market'>): Places {
    const { calendar, weekend, intraday } = spec;
    return made(this.#places, `${calendar} ${weekend} ${intraday}`, () => {
      return new KeptPlaces(this.#grid, this.calendar(spec), intraday, this.#scratch);
    });
  }

  /** The market's path, as instruments with such parameters have it. */
  market(spec: ModelSpecOf<'market'>): SharedPath<Factor> {
    return made(this.#markets, factorText(spec), () => {
      const key = this.#key(MARKET);
      const law = lawOf(spec, spec.jumpSkew);
      const path = new Factor(key, law, this.calendar(spec), this.#scratch);
      return { path, groupKey: deriveKey(key, PURPOSE.group, 0) };
    });
  }

  /** Its variance by rows. */
  rows(spec: ModelSpecOf<'market'>): SharedRows {
    return made(this.#rows, `${factorText(spec)} ${spec.intraday}`, () => {
      return new SharedRows(this.market(spec).path, this.places(spec), this.#scratch);
    });
  }

  /** The path of a sector, beside the market's. */
  sector(name: string, spec: ModelSpecOf<'market'>): SharedPath<Beside> {
    return made(this.#sectors, `${factorText(spec)} ${name}`, () => {
      const key = this.#key(`${SECTOR}${name}`);
      const path = new Beside(key, this.market(spec).path, this.#scratch);
      return { path, groupKey: deriveKey(key, PURPOSE.group, 0) };
    });
  }

  #key(name: string) {
    return deriveKeyOfText(keyOfSeed(this.#seed), name);
  }
}

/** No symbol begins with a space. */
const MARKET = ' market';
const SECTOR = ' sector ';

function factorText(spec: ModelSpecOf<'market'>): string {
  const { calendar, weekend, jumpSkew } = spec;
  return [calendar, weekend, ...Object.values(lawOf(spec, jumpSkew))].join(' ');
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
