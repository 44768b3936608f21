import type { Clock } from '../../src/host/clock.ts';

/** What the shipped program adds to the machine's clock, in ms; see src/cli/clock.ts. */
export const CLOCK_VARIABLE = 'TICKWELL_TEST_CLOCK_OFFSET_MS';

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #nowMs: number;
  #steadyMs = 0;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  steadyMs(): number {
    return this.#steadyMs;
  }

  /** Lets the world's time pass: rows become due. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets only the time pass that silence and slices are measured by. */
  passSteadily(ms: number): void {
    this.#steadyMs += ms;
  }
}

/** A clock that runs on from `nowMs`, and can be set. */
export class RunningClock implements Clock {
  #offsetMs = 0;

  constructor(nowMs: number) {
    this.setTo(nowMs);
  }

  nowMs(): number {
    return Math.floor(this.#offsetMs + this.steadyMs());
  }

  steadyMs(): number {
    return performance.now();
  }

  setTo(nowMs: number): void {
    this.#offsetMs = nowMs - this.steadyMs();
  }
}
