import { barAt, barStartMs, type Cut, openBarAt } from '../time/resolution.ts';

/** Prices in ticks, volume in lots; `time` is when the bar starts. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Absent unless it was asked for. */
  readonly volume?: number | undefined;
}

/** The place of a bar without prices: it is closed, or of a date that a country has left out. */
export function emptyBar(resolution: Cut, bar: number): Bar {
  const [open, high, low, close] = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  return { time: barStartMs(resolution, bar), open, high, low, close };
}

export const isEmpty = ({ open }: Bar): boolean => Number.isNaN(open);

/**
 * The bars that the chart holds: consecutive, without a hole, numbered from the epoch.
 *
 *     bar number  …  first ─────────────── end  …
 *                    └─ bars[0]   bars.at(-1) ┘
 *
 * A window that `reachesHead` ends with the bar of now: what the stream says of it goes into it. It
 * holds every row up to `until`, so it knows what is new to it and whether some is missing. Others
 * are history, and the stream leaves them alone.
 */
export class BarWindow {
  readonly resolution: Cut;
  readonly bars: Bar[];
  first: number;
  reachesHead: boolean;
  /** Time of the last row in a window that reaches the head. */
  until: number;
  /** Whether its bars have volumes. */
  hasVolume: boolean;

  constructor(
    resolution: Cut,
    first: number,
    bars: readonly Bar[],
    reachesHead: boolean,
    until: number,
    hasVolume = false,
  ) {
    this.resolution = resolution;
    this.first = first;
    this.bars = [...bars];
    this.reachesHead = reachesHead;
    this.until = until;
    this.hasVolume = hasVolume;
    this.#fill();
  }

  /** The number of the bar after the last one. */
  get end(): number {
    return this.first + this.bars.length;
  }

  at(bar: number): Bar | undefined {
    return this.bars[bar - this.first];
  }

  /** Put older bars in front; only bars that end exactly where the window begins are taken. */
  prepend(first: number, bars: readonly Bar[]): boolean {
    if (bars.length === 0 || first + bars.length !== this.first) return false;
    this.bars.unshift(...bars);
    this.first = first;
    return true;
  }

  /** Put newer bars behind; only bars that begin exactly where the window ends are taken. */
  append(first: number, bars: readonly Bar[], reachesHead: boolean, until = this.until): boolean {
    if (first !== this.end) return false;
    this.bars.push(...bars);
    this.reachesHead = reachesHead;
    this.until = until;
    this.#fill();
    return true;
  }

  /** Let go of the bars outside `[from, to)`. The head is given up with the bars before it. */
  keep(from: number, to: number): void {
    if (to < this.end) {
      this.bars.length = Math.max(0, to - this.first);
      this.reachesHead = false;
    }
    if (from > this.first) {
      this.bars.splice(0, from - this.first);
      this.first = from;
    }
  }

  /**
   * Take the bars that the rows in `(since, until]` are of, as they are with all their rows up to
   * `until`. False, and nothing taken, if there are rows between what it holds and these.
   */
  take(since: number, until: number, bars: readonly Bar[]): boolean {
    if (!this.reachesHead || until <= this.until) return true;
    if (since > this.until) return false;
    for (const bar of bars) {
      const number = openBarAt(this.resolution, bar.time);
      if (number === undefined) continue;
      if (this.bars.length === 0) this.first = number;
      if (number < this.first) continue;
      // Between two that follow one another in the stream there are only bars without prices.
      this.#fillTo(number);
      this.bars[number - this.first] = bar;
    }
    this.until = until;
    this.#fill();
    return true;
  }

  /** While it is closed, the bar of now has no prices. */
  #fill(): void {
    if (this.reachesHead && this.bars.length > 0)
      this.#fillTo(barAt(this.resolution, this.until) + 1);
  }

  #fillTo(end: number): void {
    while (this.end < end) this.bars.push(emptyBar(this.resolution, this.end));
  }
}

/** A window that ends with the bar that is being made, and what its bars are of. */
export interface LiveWindow {
  readonly window: BarWindow;
  readonly column: number;
}
