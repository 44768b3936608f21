import type { Segment, Zone } from './zone.ts';

/** A segment, in which the clock shows consecutive multiples of the width. */
interface Counted extends Segment {
  /** The number of the candle in which it begins; whether that begins with it. */
  number: number;
  isCut: boolean;
  /** Which multiples of the width the clock has shown last when it begins, and when it ends. */
  readonly shownFirst: number;
  readonly shownLast: number;
}

/**
 * Hours and less: a candle begins whenever the clock shows a multiple of the width, or has been put
 * from one multiple to another. So an hour that the clock shows twice has its minutes twice, and a
 * candle of four hours in which it is put back lasts five.
 */
export class ClockCut {
  readonly #zone: Zone;
  readonly #ms: number;
  readonly #nearMs: number;
  /** Consecutive ones, among them that of `nearMs`. */
  readonly #segments: Counted[] = [];
  /** The one that was looked at last. */
  #index = 0;
  /** Candles that begin in it behind its first, and when number 0 would there. */
  #from = 0;
  #to = -1;
  #startsMs = 0;

  constructor(zone: Zone, ms: number, nearMs: number) {
    this.#zone = zone;
    this.#ms = ms;
    this.#nearMs = nearMs;
  }

  numberOf(timeMs: number): number {
    const { number, shownFirst, offsetMs } = this.#segments[this.#indexAt(timeMs)]!;
    return number + Math.floor((timeMs + offsetMs) / this.#ms) - shownFirst;
  }

  startOf(number: number): number {
    // As a rule it lies in the segment of the one before.
    if (number >= this.#from && number <= this.#to) return this.#startsMs + number * this.#ms;
    const segment = this.#segments[this.#indexOf(number)]!;
    if (segment.number === number && segment.isCut) return segment.fromMs;
    const shown = segment.shownFirst - segment.number;
    this.#startsMs = shown * this.#ms - segment.offsetMs;
    this.#from = segment.number + 1;
    this.#to = lastOf(segment);
    return this.#startsMs + number * this.#ms;
  }

  /** From when to when the clock is looked at to cut these times: all from `nearMs` on. */
  seenFor(fromMs: number, toMs: number): readonly [fromMs: number, toMs: number] {
    return [Math.min(this.#nearMs, fromMs), Math.max(this.#nearMs, toMs)];
  }

  /** The index of the segment that a time lies in. */
  #indexAt(timeMs: number): number {
    const near = this.#segments[this.#index];
    if (near !== undefined && near.fromMs <= timeMs && timeMs < near.toMs) return this.#index;
    this.#countTo(timeMs);
    this.#index = this.#lastWhere(({ fromMs }) => fromMs <= timeMs);
    return this.#index;
  }

  /** The index of the segment in which a candle begins. */
  #indexOf(number: number): number {
    this.#countTo(this.#nearMs);
    const segments = this.#segments;
    // What begins where another segment goes on into this one is known with that one.
    while (number <= segments[0]!.number && segments[0]!.fromMs > -Infinity) this.#countBack();
    while (number >= lastOf(segments.at(-1)!) && segments.at(-1)!.toMs < Infinity) {
      this.#countAhead();
    }
    let index = this.#lastWhere((segment) => segment.number <= number);
    // A candle may go on from one segment to the next.
    while (segments[index]!.number === number && !segments[index]!.isCut && index > 0) index -= 1;
    return index;
  }

  /** The index of the last segment that is so, of those that are so up to one of them. */
  #lastWhere(isSo: (segment: Counted) => boolean): number {
    let [low, high] = [0, this.#segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isSo(this.#segments[middle]!)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Numbers the segments up to that of a time. */
  #countTo(timeMs: number): void {
    const segments = this.#segments;
    if (segments.length === 0) {
      const first = this.#counted(this.#zone.segmentAt(this.#nearMs));
      // In this one they are the multiples of the width that the clock shows.
      segments.push({ ...first, number: first.shownFirst });
    }
    while (timeMs < segments[0]!.fromMs) this.#countBack();
    while (timeMs >= segments.at(-1)!.toMs) this.#countAhead();
  }

  #countAhead(): void {
    const before = this.#segments.at(-1)!;
    const next = this.#counted(this.#zone.segmentAt(before.toMs));
    next.isCut = this.#isCut(before, next);
    next.number = lastOf(before) + Number(next.isCut);
    this.#segments.push(next);
  }

  #countBack(): void {
    const next = this.#segments[0]!;
    const before = this.#counted(this.#zone.segmentAt(next.fromMs - 1));
    next.isCut = this.#isCut(before, next);
    const last = next.number - Number(next.isCut);
    before.number = last - (before.shownLast - before.shownFirst);
    this.#segments.unshift(before);
    this.#index = 0;
  }

  /** Whether a candle begins where a segment does. */
  #isCut(before: Counted, { fromMs, offsetMs, shownFirst }: Counted): boolean {
    const isMultiple = fromMs + offsetMs === shownFirst * this.#ms;
    return isMultiple || shownFirst !== before.shownLast;
  }

  #counted(segment: Segment): Counted {
    const { fromMs, toMs, offsetMs } = segment;
    const shownAt = (timeMs: number) => Math.floor((timeMs + offsetMs) / this.#ms);
    // The first of all has no beginning, the last no end: any time in it will do.
    const shownFirst = shownAt(fromMs === -Infinity ? toMs - 1 : fromMs);
    const shownLast = toMs === Infinity ? shownFirst : shownAt(toMs - 1);
    return { ...segment, number: 0, isCut: false, shownFirst, shownLast };
  }
}

/** The number of the last candle of a segment; of one without end there is none. */
function lastOf({ number, shownFirst, shownLast, toMs }: Counted): number {
  return toMs === Infinity ? Infinity : number + shownLast - shownFirst;
}
