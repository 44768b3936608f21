import { barAt, barStartMs, type Resolution } from '../time/resolution.ts';

/** Prices in ticks; `time` is when the bar starts. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** What one row did to a window. */
export type Folded = 'past' | 'changed' | 'added' | 'hole';

/**
 * The bars that the chart holds: consecutive, without a hole, numbered from the epoch.
 *
 *     bar number  …  first ─────────────── end  …
 *                    └─ bars[0]   bars.at(-1) ┘
 *
 * A window that `reachesTail` ends with the bar that is being made: rows of the stream go into it.
 * Others are history, and rows leave them alone.
 */
export class BarWindow {
  readonly resolution: Resolution;
  readonly bars: Bar[];
  first: number;
  reachesTail: boolean;

  constructor(resolution: Resolution, first: number, bars: readonly Bar[], reachesTail: boolean) {
    this.resolution = resolution;
    this.first = first;
    this.bars = [...bars];
    this.reachesTail = reachesTail;
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
  append(first: number, bars: readonly Bar[], reachesTail: boolean): boolean {
    if (first !== this.end) return false;
    this.bars.push(...bars);
    this.reachesTail = reachesTail;
    return true;
  }

  /** Let go of the bars outside `[from, to)`. The tail is given up with the bars before it. */
  keep(from: number, to: number): void {
    if (to < this.end) {
      this.bars.length = Math.max(0, to - this.first);
      this.reachesTail = false;
    }
    if (from > this.first) {
      this.bars.splice(0, from - this.first);
      this.first = from;
    }
  }

  /** Fold the price of one row into the bar it belongs to. Folding a row twice changes nothing. */
  fold(timeMs: number, ticks: number): Folded {
    const bar = barAt(this.resolution, timeMs);
    if (this.bars.length === 0) this.first = bar;
    const last = this.end - 1;
    if (!this.reachesTail || bar < last) return 'past';
    if (bar > last + 1) return 'hole';
    if (bar === last + 1) {
      const time = barStartMs(this.resolution, bar);
      this.bars.push({ time, open: ticks, high: ticks, low: ticks, close: ticks });
      return 'added';
    }
    this.bars[this.bars.length - 1] = foldInto(this.bars.at(-1)!, ticks);
    return 'changed';
  }
}

/** The bar after one more price. */
function foldInto(bar: Bar, ticks: number): Bar {
  return {
    time: bar.time,
    open: bar.open,
    high: Math.max(bar.high, ticks),
    low: Math.min(bar.low, ticks),
    close: ticks,
  };
}
