import type { Clock } from './clock.ts';
import type { Service } from './service.ts';
import { Cancelled } from './slicer.ts';

/** The head is looked at this often at least: a clock that stepped back may step forward again. */
const MOST_WAIT_MS = 1000;
/** A wall clock that moved by this much more or less than the steady one has been set. */
const CLOCK_STEP_MS = 500;

/** What a loop needs of the server that it belongs to. */
export type LoopService = Pick<
  Service,
  'feed' | 'clock' | 'wait' | 'slicer' | 'metrics' | 'failures' | 'logger'
>;

/**
 * Moves the head of a feed with the clock, for as long as it runs: once a row is due, those who
 * wait for it are served, then the next ones are prepared.
 */
export class FeedLoop {
  readonly #service: LoopService;
  readonly #advanced: () => void;
  /** By how much the wall clock is ahead of the steady one. */
  #offsetMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isPreparing = false;

  /** `advanced` is called whenever the head has moved. */
  constructor(service: LoopService, advanced: () => void) {
    this.#service = service;
    this.#advanced = advanced;
    this.#offsetMs = offsetOf(service.clock);
  }

  /** Fills the ring; yields after each column, and calls `filled` then. */
  *fill(filled: () => void = () => {}): Generator<void, void, void> {
    const { feed, clock } = this.#service;
    for (const _ of feed.fill(clock.nowMs())) {
      filled();
      yield;
    }
  }

  /** Looks at the clock now, and from then on whenever a row is due, until `stop`. */
  run(): void {
    if (this.#isStopped) return;
    try {
      this.look();
    } finally {
      // A program that outlives a fault is not left without rows.
      if (!this.#isStopped) this.#timer = setTimeout(() => this.run(), this.#waitMs());
    }
  }

  /** Makes the rows that are due, and has them served. */
  look(): void {
    const { feed, clock, wait } = this.#service;
    this.#noteClockStep();
    if (feed.advance(clock.nowMs()) > 0) {
      this.#advanced();
      this.#prepare();
    }
    wait.look();
  }

  /** Ends it: no row is made any more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** After how long to look again. */
  #waitMs(): number {
    const { feed, clock } = this.#service;
    return Math.min(MOST_WAIT_MS, Math.max(1, feed.nextDueMs() - clock.nowMs()));
  }

  /** Makes rows ahead of the head, a slice at a time. */
  #prepare(): void {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    const { feed, slicer, failures } = this.#service;
    slicer
      .run(feed.prepare(), () => !this.#isStopped)
      .catch((error: unknown) => {
        if (!(error instanceof Cancelled)) failures.tell(error);
      })
      .finally(() => {
        this.#isPreparing = false;
      });
  }

  #noteClockStep(): void {
    const { clock, metrics, logger } = this.#service;
    const offsetMs = offsetOf(clock);
    const stepMs = Math.round(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return;
    metrics.clockSteps += 1;
    logger.warn({ stepMs }, 'the clock was set, or the machine slept');
  }
}

function offsetOf(clock: Clock): number {
  return clock.nowMs() - clock.steadyMs();
}
