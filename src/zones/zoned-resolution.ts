import {
  parseWidth,
  type Resolution,
  resolutionAt,
  type WallClock,
  type Width,
  widthMs,
} from '../core/market/resolution.ts';
import { DAY_MS, monthOfTime, timeOfMonth } from '../core/market/time.ts';
import { ClockCut } from './clock-cut.ts';
import { type Zone, zoneOf } from './zone.ts';

/** No clock is further from UTC. */
const MOST_OFFSET_MS = DAY_MS;

/**
 * `text` as a resolution, cut by the wall clock of a zone; undefined if one of them is none, or the
 * width is out of range. Candles of hours are counted from `nearMs`: what lies between that time
 * and a candle is looked through.
 */
export function zonedResolution(text: string, name: string, nearMs = 0): Resolution | undefined {
  const width = parseWidth(text);
  const zone = zoneOf(name);
  if (width === undefined || zone === undefined) return undefined;
  const clock = clockOf(zone, name);
  if (/^(Etc\/)?(UTC|GMT)$/.test(zone.name)) return { ...resolutionAt(text, width, 0), clock };
  const cut = zoneCut(zone, width, nearMs);
  return {
    text,
    clock,
    ms: widthMs(width),
    // Counted from another time, candles have other numbers.
    key: `${width.unit} ${JSON.stringify(width)} ${zone.name} ${nearMs}`,
    numberOf: (timeMs) => cut.numberOf(timeMs),
    startOf: (number) => cut.startOf(number),
    unseen: (fromMs, toMs) => zone.unseen(...cut.seenFor(fromMs, toMs)),
    look: (fromMs, toMs) => void zone.segments(...cut.seenFor(fromMs, toMs)),
  };
}

/** What answers call the clock of `name`: in the right letters, if that is how `Intl` calls it. */
function clockOf(zone: Zone, name: string): WallClock {
  const tz = name.toLowerCase() === zone.name.toLowerCase() ? zone.name : name;
  return tz === 'UTC' ? {} : { tz };
}

/** How a zone cuts candles of a width. */
export function zoneCut(zone: Zone, width: Width, nearMs = 0): DateCut | ClockCut {
  return width.unit === 'clock' ? new ClockCut(zone, width.ms, nearMs) : new DateCut(zone, width);
}

/**
 * Days, weeks, months, years: a candle begins when the clock first shows its date, or a later one.
 * A date that a place has left out has an empty candle.
 */
class DateCut {
  readonly #zone: Zone;
  readonly #width: Exclude<Width, { unit: 'clock' }>;
  /** The part of the segment that was looked at last in which no clock is put. */
  #fromMs = 0;
  #toMs = 0;
  #offsetMs = 0;
  /** The same of the one before. */
  #before = { fromMs: 0, toMs: 0, offsetMs: 0 };

  constructor(zone: Zone, width: Exclude<Width, { unit: 'clock' }>) {
    this.#zone = zone;
    this.#width = width;
  }

  numberOf(timeMs: number): number {
    // Candles are asked for at both ends, over and over: their segments are not the same.
    if (timeMs < this.#fromMs || timeMs >= this.#toMs) this.#swap();
    // As a rule it lies in the segment of the one before, where nothing is put.
    if (timeMs < this.#fromMs || timeMs >= this.#toMs) this.#look(timeMs);
    if (timeMs >= this.#fromMs && timeMs < this.#toMs) {
      return this.#numberShown(timeMs + this.#offsetMs);
    }
    // Where a clock was put back over midnight, it has shown a later date before.
    let number = this.#numberShown(timeMs + this.#zone.offsetAt(timeMs)) + 1;
    while (this.startOf(number) > timeMs) number -= 1;
    return number;
  }

  startOf(number: number): number {
    const width = this.#width;
    const shownMs =
      width.unit === 'months'
        ? timeOfMonth(number * width.months)
        : (width.anchor + number * width.days) * DAY_MS;
    let timeMs = shownMs - this.#offsetMs;
    if (timeMs >= this.#fromMs && timeMs < this.#toMs) return timeMs;
    this.#swap();
    timeMs = shownMs - this.#offsetMs;
    if (timeMs >= this.#fromMs && timeMs < this.#toMs) return timeMs;
    this.#look(shownMs - 2 * MOST_OFFSET_MS);
    timeMs = shownMs - this.#offsetMs;
    if (timeMs >= this.#fromMs && timeMs < this.#toMs) return timeMs;
    return firstShown(this.#zone, shownMs);
  }

  /** From when to when the clock is looked at to cut these times. */
  seenFor(fromMs: number, toMs: number): readonly [fromMs: number, toMs: number] {
    return [fromMs - 2 * MOST_OFFSET_MS, toMs + MOST_OFFSET_MS];
  }

  /** Takes the segment before the last for the last. */
  #swap(): void {
    const before = this.#before;
    const [fromMs, toMs, offsetMs] = [this.#fromMs, this.#toMs, this.#offsetMs];
    this.#fromMs = before.fromMs;
    this.#toMs = before.toMs;
    this.#offsetMs = before.offsetMs;
    before.fromMs = fromMs;
    before.toMs = toMs;
    before.offsetMs = offsetMs;
  }

  /** Finds the segment of a time. */
  #look(timeMs: number): void {
    const { fromMs, toMs, offsetMs } = this.#zone.segmentAt(timeMs);
    this.#offsetMs = offsetMs;
    // What was shown before lies behind by then.
    this.#fromMs = fromMs + 2 * MOST_OFFSET_MS;
    this.#toMs = toMs;
  }

  #numberShown(shownMs: number): number {
    const width = this.#width;
    if (width.unit === 'months') return Math.floor(monthOfTime(shownMs) / width.months);
    return Math.floor((shownMs / DAY_MS - width.anchor) / width.days);
  }
}

/** When the clock of a zone first shows `shownMs`, or a later time. */
function firstShown(zone: Zone, shownMs: number): number {
  let segment = zone.segmentAt(shownMs - 2 * MOST_OFFSET_MS);
  while (segment.toMs + segment.offsetMs <= shownMs) segment = zone.segmentAt(segment.toMs);
  return Math.max(segment.fromMs, shownMs - segment.offsetMs);
}
