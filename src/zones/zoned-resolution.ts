import {
  type Clock,
  parseWidth,
  type Resolution,
  resolutionAt,
  type Width,
  widthMs,
} from '../core/market/resolution.ts';
import { DAY_MS, monthOfTime, timeOfMonth } from '../core/market/time.ts';
import { type Zone, zoneOf } from './zone.ts';

/** No clock is further from UTC. */
const MOST_OFFSET_MS = DAY_MS;

/**
 * `text` as a resolution, cut by the wall clock of a zone; undefined if one of them is none, or the
 * width is out of range.
 */
export function zonedResolution(text: string, name: string): Resolution | undefined {
  const width = parseWidth(text);
  const zone = zoneOf(name);
  if (width === undefined || zone === undefined) return undefined;
  const clock = clockOf(zone, name);
  if (/^(Etc\/)?(UTC|GMT)$/.test(zone.name)) return { ...resolutionAt(text, width, 0), clock };
  const cut = zoneCut(zone, width);
  return {
    text,
    clock,
    ms: widthMs(width),
    key: `${width.unit} ${JSON.stringify(width)} ${zone.name}`,
    numberOf: (timeMs) => cut.numberOf(timeMs),
    startOf: (number) => cut.startOf(number),
  };
}

/** What answers call the clock of `name`: in the right letters, if that is how `Intl` calls it. */
function clockOf(zone: Zone, name: string): Clock {
  const tz = name.toLowerCase() === zone.name.toLowerCase() ? zone.name : name;
  return tz === 'UTC' ? {} : { tz };
}

/** How a zone cuts candles of a width. */
export function zoneCut(zone: Zone, width: Width): Pick<Resolution, 'numberOf' | 'startOf'> {
  return width.unit === 'clock' ? new ClockCut(zone, width.ms) : new DateCut(zone, width);
}

/**
 * Days, weeks, months, years: a candle begins when the clock first shows its date, or a later one.
 * A date that a place has left out has an empty candle.
 */
class DateCut {
  readonly #zone: Zone;
  readonly #width: Exclude<Width, { unit: 'clock' }>;
  /** What the clock shows in the segment that was looked at last, and how far it is ahead there. */
  #fromShownMs = 0;
  #toShownMs = 0;
  #offsetMs = 0;

  constructor(zone: Zone, width: Exclude<Width, { unit: 'clock' }>) {
    this.#zone = zone;
    this.#width = width;
  }

  numberOf(timeMs: number): number {
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
    // As a rule it lies in the segment of the one before, where nothing is put.
    if (shownMs < this.#fromShownMs || shownMs >= this.#toShownMs) this.#look(shownMs);
    if (shownMs < this.#fromShownMs || shownMs >= this.#toShownMs) {
      return firstShown(this.#zone, shownMs);
    }
    return shownMs - this.#offsetMs;
  }

  /** Finds the segment of a time, if it lies well within it. */
  #look(shownMs: number): void {
    const zone = this.#zone;
    zone.cover(shownMs + MOST_OFFSET_MS);
    const index = zone.indexAt(shownMs - 2 * MOST_OFFSET_MS);
    this.#offsetMs = zone.offsets[index]!;
    this.#fromShownMs = zone.begins[index]! + 2 * MOST_OFFSET_MS;
    this.#toShownMs = zone.endOf(index) + this.#offsetMs;
  }

  #numberShown(shownMs: number): number {
    const width = this.#width;
    if (width.unit === 'months') return Math.floor(monthOfTime(shownMs) / width.months);
    return Math.floor((shownMs / DAY_MS - width.anchor) / width.days);
  }
}

/** When the clock of a zone first shows `shownMs`, or a later time. */
function firstShown(zone: Zone, shownMs: number): number {
  zone.cover(shownMs + MOST_OFFSET_MS);
  let index = zone.indexAt(shownMs - 2 * MOST_OFFSET_MS);
  while (zone.endOf(index) + zone.offsets[index]! <= shownMs) index += 1;
  return Math.max(zone.begins[index]!, shownMs - zone.offsets[index]!);
}

/**
 * Hours and less: a candle begins whenever the clock shows a multiple of the width, or has been put
 * from one multiple to another. So an hour that the clock shows twice has its minutes twice, and a
 * candle of four hours in which it is put back lasts five.
 */
class ClockCut {
  readonly #zone: Zone;
  readonly #ms: number;
  /** The number of the candle in which each segment of the zone begins; whether it begins there. */
  #numbers: number[] = [];
  #isCut: boolean[] = [];
  #earlier = -1;
  #firstMs = 0;
  /** Candles that begin in the segment that was looked at last, and when number 0 would there. */
  #from = 0;
  #to = -1;
  #startsMs = 0;

  constructor(zone: Zone, ms: number) {
    this.#zone = zone;
    this.#ms = ms;
  }

  numberOf(timeMs: number): number {
    const index = this.#zone.indexAt(timeMs);
    this.#update();
    const shown = Math.floor((timeMs + this.#zone.offsets[index]!) / this.#ms);
    return this.#numbers[index]! + shown - this.#shownFirst(index);
  }

  startOf(number: number): number {
    // As a rule it lies in the segment of the one before.
    if (number >= this.#from && number <= this.#to) return this.#startsMs + number * this.#ms;
    let index = this.#indexOf(number);
    // A candle may go on from one segment to the next.
    while (this.#numbers[index] === number && !this.#isCut[index] && index > 0) index -= 1;
    const { begins, offsets } = this.#zone;
    const first = this.#numbers[index]!;
    if (first === number && this.#isCut[index]) return begins[index]!;
    const shown = this.#shownFirst(index) - first;
    this.#startsMs = shown * this.#ms - offsets[index]!;
    this.#from = first + 1;
    this.#to = this.#lastIn(index);
    return (shown + number) * this.#ms - offsets[index]!;
  }

  /** The last segment that begins in the candle, or before it. */
  #indexOf(number: number): number {
    const zone = this.#zone;
    // As many milliseconds as it would be without a zone; there are not as many candles, though.
    zone.cover(number * this.#ms);
    for (;;) {
      this.#update();
      const last = zone.begins.length - 1;
      if (number <= this.#numbers[0]! && zone.begins[0]! > -Infinity) {
        zone.cover(zone.begins[0]!);
      } else if (zone.endOf(last) < Infinity && number >= this.#lastIn(last)) {
        zone.cover(zone.endOf(last));
      } else break;
    }
    let [low, high] = [0, zone.begins.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#numbers[middle]! <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The number of the last candle of a segment. */
  #lastIn(index: number): number {
    return this.#numbers[index]! + this.#shownLast(index) - this.#shownFirst(index);
  }

  /** Which multiple of the width the clock has shown last when a segment begins. */
  #shownFirst(index: number): number {
    const { begins, offsets } = this.#zone;
    // The first of all has no beginning: any time in it will do.
    const timeMs = begins[index] === -Infinity ? (begins[1] ?? 0) - 1 : begins[index]!;
    return Math.floor((timeMs + offsets[index]!) / this.#ms);
  }

  /** And when it ends. */
  #shownLast(index: number): number {
    const zone = this.#zone;
    return Math.floor((zone.endOf(index) + zone.offsets[index]! - 1) / this.#ms);
  }

  /** Whether a candle begins where a segment does. */
  #cuts(index: number): boolean {
    if (index === 0) return false;
    const { begins, offsets } = this.#zone;
    const shown = this.#shownFirst(index);
    const isMultiple = begins[index]! + offsets[index]! === shown * this.#ms;
    return isMultiple || shown !== this.#shownLast(index - 1);
  }

  /** Numbers the segments anew if some have been found since. */
  #update(): void {
    const { begins, earlier } = this.#zone;
    // The first segment may have been found to begin sooner, and no other with it.
    const isSame = earlier === this.#earlier && begins[0] === this.#firstMs;
    if (isSame && begins.length === this.#numbers.length) return;
    this.#earlier = earlier;
    this.#firstMs = begins[0]!;
    this.#isCut = begins.map((_, index) => this.#cuts(index));
    const numbers = new Array<number>(begins.length);
    this.#numbers = numbers;
    // In that of 1970 they are the multiples of the width that the clock shows.
    numbers[earlier] = this.#shownFirst(earlier);
    for (let index = earlier + 1; index < begins.length; index++) {
      numbers[index] = this.#lastIn(index - 1) + Number(this.#isCut[index]);
    }
    for (let index = earlier - 1; index >= 0; index--) {
      const candles = this.#shownLast(index) - this.#shownFirst(index);
      numbers[index] = numbers[index + 1]! - Number(this.#isCut[index + 1]) - candles;
    }
  }
}
