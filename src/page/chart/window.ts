import type { Resolution } from '../../core/market/resolution.ts';
import { barAt, barStartMs } from '../time/resolution.ts';

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

/** The place of a bar without rows, such as a date that a country has left out. */
export function emptyBar(resolution: Resolution, bar: number): Bar {
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
 * A window that `reachesHead` ends with the bar that is being made: rows of the stream go into it.
 * It holds every row up to `until`, so it knows which rows are new to it and which are missing.
 * Others are history, and rows leave them alone.
 *
 * What was traded comes on a stream of its own, a little before or after the prices: how far it has
 * come is `volumeUntil`.
 */
export class BarWindow {
  readonly resolution: Resolution;
  readonly bars: Bar[];
  first: number;
  reachesHead: boolean;
  /** Time of the last row in a window that reaches the head. */
  until: number;
  /** Time of the last row whose volume is in it. */
  volumeUntil: number;
  /** Whether its bars have volumes. */
  hasVolume: boolean;

  constructor(
    resolution: Resolution,
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
    this.volumeUntil = until;
    this.hasVolume = hasVolume;
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
    this.volumeUntil = until;
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
   * Fold the rows in `(since, until]` into the newest bars; those it holds already are left out.
   * False, and nothing folded, if there are rows between what it holds and these.
   */
  take(since: number, until: number, ticks: ArrayLike<number>): boolean {
    if (!this.reachesHead || until <= this.until) return true;
    if (since > this.until) return false;
    const stepMs = (until - since) / ticks.length;
    for (let row = 0; row < ticks.length; row++) {
      const timeMs = since + (row + 1) * stepMs;
      if (timeMs > this.until) this.#fold(timeMs, ticks[row]!);
    }
    this.until = until;
    return true;
  }

  /**
   * Add what was traded in the rows of `(since, until]` to their bars, as far as these have come.
   * False, and nothing added, if there are rows between what it holds and these.
   */
  takeVolume(since: number, until: number, lots: ArrayLike<number>): boolean {
    const last = Math.min(until, this.until);
    if (!this.reachesHead || !this.hasVolume || last <= this.volumeUntil) return true;
    if (since > this.volumeUntil) return false;
    const stepMs = (until - since) / lots.length;
    for (let row = 0; row < lots.length; row++) {
      const timeMs = since + (row + 1) * stepMs;
      if (timeMs <= this.volumeUntil || timeMs > last) continue;
      const place = barAt(this.resolution, timeMs) - this.first;
      const bar = this.bars[place];
      if (bar !== undefined) this.bars[place] = { ...bar, volume: (bar.volume ?? 0) + lots[row]! };
    }
    this.volumeUntil = last;
    return true;
  }

  /** The row after the last one. */
  #fold(timeMs: number, ticks: number): void {
    const bar = barAt(this.resolution, timeMs);
    if (this.bars.length === 0) this.first = bar;
    if (bar < this.end) this.bars[this.bars.length - 1] = foldInto(this.bars.at(-1)!, ticks);
    else {
      while (this.end < bar) this.bars.push(emptyBar(this.resolution, this.end));
      const time = barStartMs(this.resolution, bar);
      this.bars.push({ time, open: ticks, high: ticks, low: ticks, close: ticks });
    }
  }
}

/** The bar after one more price. */
function foldInto(bar: Bar, ticks: number): Bar {
  return {
    ...bar,
    high: Math.max(bar.high, ticks),
    low: Math.min(bar.low, ticks),
    close: ticks,
  };
}
