/** Places of records, as `Truth` counts them, as ranges: how many there are, and the first ones. */
export interface PlaceRanges {
  readonly count: number;
  /** Each is `[from, next)`, in the order in which they were found. */
  readonly ranges: readonly (readonly [from: number, next: number])[];
  /** Whether there are more ranges than these. */
  readonly isCut: boolean;
}

/** Adds up places, and keeps the first `most` ranges of them. */
export class PlaceList implements PlaceRanges {
  readonly ranges: [from: number, next: number][] = [];
  count = 0;
  isCut = false;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds the places `[from, next)`, of which `count` are meant. */
  add(from: number, next: number, count = next - from): void {
    if (count === 0) return;
    this.count += count;
    const last = this.ranges.at(-1);
    if (!this.isCut && last?.[1] === from) last[1] = next;
    else if (this.ranges.length < this.#most) this.ranges.push([from, next]);
    else this.isCut = true;
  }
}
