import { sinceOf } from '../core/market/grid.ts';
import type { MarketClock } from '../host/market-clock.ts';
import { Durations } from '../host/metrics/durations.ts';
import type { Sample } from '../host/metrics/exposition.ts';
import type { Part } from './sending.ts';
import type { DeliveryService } from './service.ts';

/** A row is late by milliseconds; for the last of thousands of readers by a part of a second. */
const BOUNDS_SECONDS = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  Number.POSITIVE_INFINITY,
];

/**
 * How long after they were due newest rows were written, by their encoding. What is sent
 * behind them, to readers that catch up or were away, is none of it.
 */
export class DeliveryTimes {
  readonly #clock: MarketClock;
  readonly #kinds = new Map<string, Durations>();
  #head = -1;
  /** The first row of the newest ones, which came together. */
  #from = -1;
  /** When the last of them was due, by the steady clock. */
  #dueMs = 0;

  constructor(clock: MarketClock) {
    this.#clock = clock;
  }

  /** To be called whenever rows may have come. */
  moved({ head, market: { grid } }: DeliveryService['feed']): void {
    if (head === this.#head) return;
    this.#from = this.#head;
    this.#head = head;
    const clock = this.#clock;
    const lateMs = clock.asHostMs(clock.marketMs() - sinceOf(grid, head));
    this.#dueMs = clock.steadyMs() - lateMs;
  }

  /** So many readers of a kind were just written a part, and had all rows before the newest. */
  wrote(kind: string, { from, next }: Part, readers: number): void {
    if (next !== this.#head || from < this.#from || readers === 0) return;
    let times = this.#kinds.get(kind);
    if (times === undefined) {
      times = new Durations(BOUNDS_SECONDS);
      this.#kinds.set(kind, times);
    }
    times.add(Math.max(0, this.#clock.steadyMs() - this.#dueMs) / 1000, readers);
  }

  /** A histogram for each kind that was sent any. */
  samples(): Sample[] {
    return [...this.#kinds].flatMap(([kind, times]) => times.samples({ kind }));
  }
}
