import { DAY_MS } from '../core/market/time.ts';

/**
 * What the wall clocks of a place show, as `Intl` knows it: from the IANA time zone database, in
 * the version that came with the JavaScript engine. What a government changes later, changes here
 * with the next engine.
 */

/** Between two looks at a clock. No zone has ever changed its offset and back within a week. */
const LOOK_MS = 7 * DAY_MS;
/** Times that are looked through together. */
const STRETCH_MS = 52 * LOOK_MS;
/** Stretches that a zone keeps, at some 200 bytes: those of centuries, of all zones 60 MB. */
const MOST_KEPT = 500;
/** Before 1800 each place went by its own sun; after 9999 there are no times. */
const LEAST = Math.floor((-62_091 * DAY_MS) / STRETCH_MS);
const MOST = Math.floor((2_932_890 * DAY_MS) / STRETCH_MS);

/** Times in which a clock keeps one offset: `[fromMs, toMs)`, or a part of them. */
export interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  /** How far ahead of UTC the clock is. */
  readonly offsetMs: number;
}

/**
 * The clock of a place. It is looked at a stretch of a year at a time, where it is asked for: what
 * is far from that costs nothing.
 */
export class Zone {
  /** As `Intl` calls it. */
  readonly name: string;
  /** In order, those of each stretch that was looked through. */
  readonly #stretches = new Map<number, readonly Segment[]>();
  #last: Segment = { fromMs: 0, toMs: 0, offsetMs: 0 };

  constructor(name: string) {
    this.name = name;
  }

  /** The segment that `timeMs` lies in. */
  segmentAt(timeMs: number): Segment {
    // As a rule it is the one of the time before.
    const last = this.#last;
    if (last.fromMs <= timeMs && timeMs < last.toMs) return last;
    const number = stretchOf(timeMs);
    const segments = this.#stretches.get(number) ?? this.#lookThrough([number])[0]!;
    let index = segments.length - 1;
    while (segments[index]!.fromMs > timeMs) index -= 1;
    this.#last = segments[index]!;
    return this.#last;
  }

  /** How far ahead of UTC the clock is at `timeMs`. */
  offsetAt(timeMs: number): number {
    return this.segmentAt(timeMs).offsetMs;
  }

  /** The segments from the one of `fromMs` to the one of `toMs`, each whole within a stretch. */
  segments(fromMs: number, toMs: number): readonly Segment[] {
    return this.#lookThrough(stretchesOf(fromMs, toMs))
      .flat()
      .filter((segment) => segment.toMs > fromMs && segment.fromMs <= toMs);
  }

  /** How many stretches that hold some of `[fromMs, toMs]` were never looked through. */
  unseen(fromMs: number, toMs: number): number {
    let unseen = 0;
    for (const number of stretchesOf(fromMs, toMs)) unseen += Number(!this.#stretches.has(number));
    return unseen;
  }

  #lookThrough(numbers: Iterable<number>): (readonly Segment[])[] {
    // Not kept: it holds much more memory than all that is found with it.
    let format: Intl.DateTimeFormat | undefined;
    return Array.from(numbers, (number) => {
      const known = this.#stretches.get(number);
      if (known !== undefined) return known;
      format ??= formatOf(this.name);
      const segments = segmentsOf(format, number);
      if (this.#stretches.size === MOST_KEPT) this.#stretches.clear();
      this.#stretches.set(number, segments);
      return segments;
    });
  }
}

/** The stretch that a time lies in; before the first and after the last there are none. */
function stretchOf(timeMs: number): number {
  return Math.max(LEAST, Math.min(MOST, Math.floor(timeMs / STRETCH_MS)));
}

function* stretchesOf(fromMs: number, toMs: number): Generator<number, void, void> {
  for (let number = stretchOf(fromMs); number <= stretchOf(toMs); number++) yield number;
}

/** The segments of a stretch, in order. */
function segmentsOf(format: Intl.DateTimeFormat, stretch: number): readonly Segment[] {
  const [fromMs, toMs] = [stretch * STRETCH_MS, (stretch + 1) * STRETCH_MS];
  const segments: Segment[] = [];
  let beginMs = stretch === LEAST ? -Infinity : fromMs;
  let offsetMs = offsetBy(format, fromMs);
  for (let atMs = fromMs; atMs < toMs; ) {
    const nextMs = Math.min(toMs - 1000, atMs + LOOK_MS);
    if (offsetBy(format, nextMs) === offsetMs) {
      atMs = nextMs === toMs - 1000 ? toMs : nextMs;
      continue;
    }
    // The first time at which it is not what it was. Clocks change at whole seconds.
    let [before, after] = [atMs / 1000, nextMs / 1000];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetBy(format, middle * 1000) === offsetMs) before = middle;
      else after = middle;
    }
    atMs = after * 1000;
    segments.push({ fromMs: beginMs, toMs: atMs, offsetMs });
    beginMs = atMs;
    offsetMs = offsetBy(format, atMs);
  }
  segments.push({ fromMs: beginMs, toMs: stretch === MOST ? Infinity : toMs, offsetMs });
  return segments;
}

/** The offset at a time, asked of `Intl`: a microsecond or two of work. */
function offsetBy(format: Intl.DateTimeFormat, timeMs: number): number {
  const text = format.format(timeMs);
  const [, sign, hours, minutes, seconds] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
  const all = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return (sign === '-' ? -all : all) * 1000;
}

/** A format that says little beside the offset. To make one takes a tenth of a millisecond. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  // By the hour alone it is quicker than by the date.
  const shown = { hour: 'numeric', timeZoneName: 'longOffset' } as const;
  return new Intl.DateTimeFormat('en-US', { timeZone, ...shown });
}

/** Has the engine load what it knows of zones: tens of milliseconds, once in a process. */
export function loadClocks(): void {
  formatOf('UTC').format(0);
  zoneNames();
}

/** What `Intl` calls zones, by their names in small letters: as many as the database has. */
const names = new Map<string, string>();
const zones = new Map<string, Zone>();

/** The zone of a name such as `America/New_York`, in any letters; undefined if there is none. */
export function zoneOf(name: string): Zone | undefined {
  const resolved = zoneNameOf(name);
  if (resolved === undefined) return undefined;
  const zone = zones.get(resolved) ?? new Zone(resolved);
  zones.set(resolved, zone);
  return zone;
}

/** Forgets what was seen of all clocks, so that looks can be counted from none on. */
export function forgetZones(): void {
  zones.clear();
}

/** What `Intl` calls the zone of a name; undefined if there is none. */
export function zoneNameOf(name: string): string | undefined {
  // Some engines take offsets for names. Small letters of other alphabets are none of these.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return undefined;
  const small = name.toLowerCase();
  const known = names.get(small);
  if (known !== undefined) return known;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    names.set(small, timeZone);
    return timeZone;
  } catch {
    return undefined;
  }
}

let listed: readonly string[] | undefined;

/** The names of zones that `Intl` lists; it knows some more, which mean the same. */
export function zoneNames(): readonly string[] {
  listed ??= ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
  return listed;
}
