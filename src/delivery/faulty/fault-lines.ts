import type { Clock } from '../../host/clock.ts';
import type { FaultLine } from './fault-line.ts';

const LEAST_WAIT_MS = 1;
/** The clock may not go as timers do. */
const MOST_WAIT_MS = 1000;

/** All lines of a server, each looked at when it is due: one timer for all of them. */
export class FaultLines {
  readonly #clock: Pick<Clock, 'steadyMs'>;
  readonly #waiting = new Set<FaultLine>();
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  /** `failed` is told what a line throws: it must keep no other from being looked at. */
  constructor(clock: Pick<Clock, 'steadyMs'>, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** How many wait for a time. */
  get size(): number {
    return this.#waiting.size;
  }

  /** A line is due at another time than before. */
  readonly wake = (line: FaultLine): void => {
    if (line.dueMs === Number.POSITIVE_INFINITY) {
      this.#waiting.delete(line);
      return;
    }
    this.#waiting.add(line);
    if (line.dueMs < this.#timerMs) this.#arm(line.dueMs);
  };

  /** Looks at those that are due. */
  look(): void {
    const nowMs = this.#clock.steadyMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const line of [...this.#waiting]) {
      if (line.dueMs <= nowMs) this.#lookAt(line);
      nextMs = Math.min(nextMs, line.dueMs);
    }
    this.#arm(nextMs);
  }

  #lookAt(line: FaultLine): void {
    try {
      line.due();
    } catch (error) {
      line.ended();
      this.#failed(error);
    }
  }

  #arm(dueMs: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(LEAST_WAIT_MS, dueMs - this.#clock.steadyMs());
    this.#timer = setTimeout(() => this.look(), Math.min(MOST_WAIT_MS, waitMs));
    // What is late for a faulty reader keeps no program alive.
    this.#timer.unref();
  }
}
