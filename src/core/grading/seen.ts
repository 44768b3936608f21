/** How a record stands to those before it. */
export const ORDER = {
  /** Behind all others, or before the first of them where none was wanted. */
  next: 0,
  /** For the first time, but behind one that comes after it. */
  late: 1,
  twice: 2,
  /** So late that it is forgotten whether it was there before. */
  tooLate: 3,
} as const;

export type Order = (typeof ORDER)[keyof typeof ORDER];

/**
 * Which places were seen, in memory that is bounded: from the first to the last, but for holes.
 *
 *     first ───── hole ───── hole ──── next
 *     └ seen      └ not      └ not     └ the place behind the last one
 *
 * Of more holes than `most` the older half is told to `lost`, for good; what comes later than that
 * cannot be told from what was there before.
 */
export class Seen {
  /** The first place that was seen, or was to be. */
  first = -1;
  next = -1;
  /** Of the last one that came late, where the hole ended that it was in. */
  holeNext = -1;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #most: number;
  readonly #lost: (from: number, next: number) => void;
  /** What was seen before this place is forgotten. */
  #known = -1;

  constructor(most: number, lost: (from: number, next: number) => void) {
    this.#most = most;
    this.#lost = lost;
  }

  /** Says that all places from `from` on are to be seen, before any was. */
  expectFrom(from: number): void {
    this.first = from;
    this.next = from;
  }

  take(place: number): Order {
    if (place === this.next) {
      this.next = place + 1;
      return ORDER.next;
    }
    if (this.next < 0) {
      this.first = place;
      this.next = place + 1;
      return ORDER.next;
    }
    if (place > this.next) {
      this.#starts.push(this.next);
      this.#ends.push(place);
      this.next = place + 1;
      if (this.#starts.length > this.#most) this.#forget();
      return ORDER.next;
    }
    if (place < this.#known) return ORDER.tooLate;
    if (place < this.first) return this.#begin(place);
    return this.#fill(place);
  }

  /** The holes that are left, from the oldest on. */
  *holes(): Generator<readonly [from: number, next: number], void, void> {
    for (let n = 0; n < this.#starts.length; n++) yield [this.#starts[n], this.#ends[n]];
  }

  /** Where the newest hole begins, if it ends at a place or behind it. */
  holeEndingFrom(place: number): number | undefined {
    return (this.#ends.at(-1) ?? -1) >= place ? this.#starts.at(-1) : undefined;
  }

  /** A place before all others. */
  #begin(place: number): Order {
    this.holeNext = this.first;
    if (place + 1 < this.first) {
      this.#starts.unshift(place + 1);
      this.#ends.unshift(this.first);
    }
    this.first = place;
    if (this.#starts.length > this.#most) this.#forget();
    return ORDER.late;
  }

  #fill(place: number): Order {
    const n = this.#holeOf(place);
    if (n < 0) return ORDER.twice;
    const [start, end] = [this.#starts[n], this.#ends[n]];
    this.holeNext = end;
    if (start === place && end === place + 1) {
      this.#starts.splice(n, 1);
      this.#ends.splice(n, 1);
    } else if (start === place) this.#starts[n] = place + 1;
    else if (end === place + 1) this.#ends[n] = place;
    else {
      this.#starts.splice(n + 1, 0, place + 1);
      this.#ends.splice(n, 0, place);
      if (this.#starts.length > this.#most) this.#forget();
    }
    return ORDER.late;
  }

  /** The hole that has a place, or -1. */
  #holeOf(place: number): number {
    let [from, next] = [0, this.#starts.length];
    while (from < next) {
      const middle = (from + next) >> 1;
      if (this.#ends[middle] <= place) from = middle + 1;
      else next = middle;
    }
    return from < this.#starts.length && this.#starts[from] <= place ? from : -1;
  }

  #forget(): void {
    const count = Math.ceil(this.#starts.length / 2);
    const starts = this.#starts.splice(0, count);
    const ends = this.#ends.splice(0, count);
    for (let n = 0; n < count; n++) this.#lost(starts[n], ends[n]);
    this.#known = ends[count - 1];
  }
}
