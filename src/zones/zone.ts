import { DAY_MS } from '../core/market/time.ts';

/**
 * What the wall clocks of a place show, as `Intl` knows it: from the IANA time zone database, in
 * the version that came with the JavaScript engine. What a government changes later, changes here
 * with the next engine.
 */

/** Between two looks at a clock. No zone has ever changed its offset and back within a week. */
const LOOK_MS = 7 * DAY_MS;
/** Times that are looked at together. */
const STRETCH_MS = 104 * LOOK_MS;
/** Before 1800 each place went by its own sun; after 9999 there are no times. */
const LEAST_MS = -62_091 * DAY_MS;
const MOST_MS = 2_932_890 * DAY_MS;
/** Names are written in many ways, with capitals or without. */
const MOST_NAMES = 2_000;

/**
 * The clock of a place, as segments of time in which it keeps one offset. They are found as they
 * are asked for, in both directions from 1970.
 */
export class Zone {
  /** As `Intl` calls it. */
  readonly name: string;
  /** When each segment begins. The first one that is known may have begun before. */
  readonly begins: number[] = [];
  /** How far ahead of UTC the clock is in each. */
  readonly offsets: number[] = [];
  /** How many segments have been found that lie before those that were known. */
  earlier = 0;
  #untilMs = 0;
  #index = 0;
  #format: Intl.DateTimeFormat | undefined;

  constructor(name: string) {
    this.name = name;
    this.begins.push(0);
    this.offsets.push(this.#look(0));
  }

  /** The index of the segment that `timeMs` lies in. */
  indexAt(timeMs: number): number {
    this.cover(timeMs);
    const { begins } = this;
    // As a rule it is the one of the time before.
    const near = this.#index;
    const isNear = begins[near]! <= timeMs && timeMs < (begins[near + 1] ?? Infinity);
    if (isNear) return near;
    let [low, high] = [0, begins.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle]! <= timeMs) low = middle;
      else high = middle - 1;
    }
    this.#index = low;
    return low;
  }

  /** How far ahead of UTC the clock is at `timeMs`. */
  offsetAt(timeMs: number): number {
    return this.offsets[this.indexAt(timeMs)]!;
  }

  /** When a segment ends: of the last one, until when it is known to go on. */
  endOf(index: number): number {
    return this.begins[index + 1] ?? this.#untilMs;
  }

  /** Finds the segments of a time and those next to them. */
  cover(timeMs: number): void {
    while (timeMs < this.begins[0]! + STRETCH_MS && this.begins[0]! > -Infinity) this.#lookBack();
    while (timeMs > this.#untilMs - STRETCH_MS && this.#untilMs < Infinity) this.#lookAhead();
  }

  #lookAhead(): void {
    const from = this.#untilMs;
    const to = Math.min(MOST_MS, from + STRETCH_MS);
    for (const { atMs, offsetMs } of this.#changes(from, to)) {
      this.begins.push(atMs);
      this.offsets.push(offsetMs);
    }
    this.#untilMs = to === MOST_MS ? Infinity : to;
    this.#format = undefined;
  }

  #lookBack(): void {
    const to = this.begins[0]!;
    const from = Math.max(LEAST_MS, to - STRETCH_MS);
    const changes = [...this.#changes(from, to)];
    const first = this.#look(from);
    // What was the first segment began with the last of them, or before.
    this.begins.splice(0, 1, from, ...changes.map(({ atMs }) => atMs));
    this.offsets.splice(0, 1, first, ...changes.map(({ offsetMs }) => offsetMs));
    if (from === LEAST_MS) this.begins[0] = -Infinity;
    this.earlier += changes.length;
    this.#index = 0;
    this.#format = undefined;
  }

  /** Where the offset changes in `(fromMs, toMs]`. */
  *#changes(fromMs: number, toMs: number) {
    let atMs = fromMs;
    let offsetMs = this.#look(fromMs);
    while (atMs < toMs) {
      const nextMs = Math.min(toMs, atMs + LOOK_MS);
      const next = this.#look(nextMs);
      if (next === offsetMs) {
        atMs = nextMs;
        continue;
      }
      // The first time at which it is not what it was. Clocks change at whole seconds.
      let [before, after] = [atMs / 1000, nextMs / 1000];
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (this.#look(middle * 1000) === offsetMs) before = middle;
        else after = middle;
      }
      atMs = after * 1000;
      offsetMs = this.#look(atMs);
      yield { atMs, offsetMs };
    }
  }

  /** The offset at a time, asked of `Intl`: some microseconds of work. */
  #look(timeMs: number): number {
    // Not kept: it holds much more memory than all that is found with it.
    this.#format ??= new Intl.DateTimeFormat('en-US', {
      timeZone: this.name,
      timeZoneName: 'longOffset',
    });
    const text = this.#format.format(timeMs);
    const [, sign, hours, minutes, seconds] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
    const all = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return (sign === '-' ? -all : all) * 1000;
  }
}

const byName = new Map<string, Zone>();

/** The zone of a name such as `America/New_York`, in any letters; undefined if there is none. */
export function zoneOf(name: string): Zone | undefined {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const resolved = resolvedName(name);
  if (resolved === undefined) return undefined;
  const zone = byName.get(resolved) ?? new Zone(resolved);
  if (byName.size >= MOST_NAMES) byName.clear();
  byName.set(resolved, zone);
  byName.set(name, zone);
  return zone;
}

function resolvedName(name: string): string | undefined {
  // Some engines take offsets for names.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The names of zones that `Intl` lists; it knows some more, which mean the same. */
export function zoneNames(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
}
