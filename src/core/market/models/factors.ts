import { deriveKey, deriveKeyOfText, type Key, keyOfSeed } from '../../random/threefry.ts';
import { BlockCache } from '../block-cache.ts';
import { type CalendarSpec, calendarText } from '../calendar/calendar-spec.ts';
import type { Grid } from '../grid.ts';
import type { VarianceLaw } from './age.ts';
import { type Calendar, calendarOf, dayOfWorld } from './calendar.ts';
import { Beside, Factor } from './factor.ts';
import type { ModelSpecOf } from './parameters.ts';
import { Places } from './places.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

/** The variance of a factor by rows, for the instruments that share it. */
export class SharedRows {
  readonly #factor: Factor;
  readonly #places: Places;
  readonly #scratch: Scratch;
  readonly #rows = new BlockCache<number, { values: Float64Array; made: Uint8Array }>(
    ROWS_HELD,
    () => ({ values: new Float64Array(0), made: new Uint8Array(0) }),
  );
  #changes = 0;

  constructor(factor: Factor, places: Places, scratch: Scratch) {
    this.#factor = factor;
    this.#places = places;
    this.#scratch = scratch;
  }

  /**
   * Of each row in a segment of the layout of `block`, of the run `run`, the variance since the
   * segment's start; for reading at once and no longer.
   */
  of(block: number, run: number): Float64Array {
    if (this.#changes !== this.#scratch.changes) this.#rows.forget(() => true);
    this.#changes = this.#scratch.changes;
    const { inside, runs, days, cells, from, next } = this.#places.layoutOf(block);
    const { values, made } = this.#rows.take(block, (rows) => {
      if (rows.values.length < inside.length) rows.values = new Float64Array(inside.length);
      if (rows.made.length < runs) rows.made = new Uint8Array(runs);
      rows.made.fill(0);
    });
    if (made[run] === 0 && from[run] !== next[run]) {
      const out = values.subarray(from[run]!, next[run]!);
      const day = dayOfWorld(days[run]!);
      this.#factor.fillSegment(out, inside, from[run]!, next[run]!, day, cells[run]!);
    }
    made[run] = 1;
    return values;
  }
}

/** Blocks whose shared rows are at hand: more than are read in turn. */
const ROWS_HELD = 3;

/** A path that instruments share, and the words by which they share it within a segment. */
export interface SharedPath<Path> {
  readonly path: Path;
  readonly groupKey: Key;
}

/** What instruments that share a factor have in common. */
export interface Ways extends ModelSpecOf<'market'> {
  readonly calendar: CalendarSpec;
}

/** The parameters that decide a factor, but for the days it goes by. */
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

  calendar({ calendar, weekend }: Ways): Calendar {
    return made(this.#calendars, `${calendarText(calendar)} ${weekend}`, () =>
      calendarOf(calendar, weekend, this.#grid),
    );
  }

  places(spec: Ways): Places {
    const { calendar, weekend, intraday } = spec;
    return made(this.#places, `${calendarText(calendar)} ${weekend} ${intraday}`, () => {
      return new Places(this.#grid, this.calendar(spec), intraday);
    });
  }

  /** The market's path, as instruments with such parameters have it. */
  market(spec: Ways): SharedPath<Factor> {
    return made(this.#markets, factorText(spec), () => {
      const key = this.#key(MARKET);
      const law = lawOf(spec, spec.jumpSkew);
      const path = new Factor(key, law, this.calendar(spec), this.#grid.intervalMs, this.#scratch);
      return { path, groupKey: deriveKey(key, PURPOSE.group, 0) };
    });
  }

  /** Its variance by rows. */
  rows(spec: Ways): SharedRows {
    return made(this.#rows, `${factorText(spec)} ${spec.intraday}`, () => {
      return new SharedRows(this.market(spec).path, this.places(spec), this.#scratch);
    });
  }

  /** The path of a sector, beside the market's. */
  sector(name: string, spec: Ways): SharedPath<Beside> {
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

function factorText(spec: Ways): string {
  const { calendar, weekend, jumpSkew } = spec;
  return [calendarText(calendar), weekend, ...Object.values(lawOf(spec, jumpSkew))].join(' ');
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
