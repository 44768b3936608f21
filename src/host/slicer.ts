import type { Clock } from './clock.ts';

/** Nobody waits any more for what was being computed. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

interface Job {
  run(deadlineMs: number): boolean;
}

/**
 * Runs long computations a slice at a time, in turn, so that none of them holds up the live rows.
 *
 * A job is a generator that yields often; between two slices the event loop does everything else.
 */
export class Slicer {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #later: (turn: () => void) => void;
  readonly #jobs: Job[] = [];
  /** What goes before them, one after the other. */
  readonly #firsts: Job[] = [];
  #scheduled = false;
  /** How long all took that was done at once since the last turn. It may take a slice. */
  #atOnceMs = 0;

  /** `later` runs something in a turn of the event loop of its own. */
  constructor(clock: Clock, sliceMs: number, later: (turn: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
    this.#later = later;
  }

  /**
   * The value `steps` returns in the end; rejects with what it throws. Looks at `isWanted` before
   * each slice: when it says no, the steps are left as they are, and it rejects with `Cancelled`.
   */
  run<T>(steps: Generator<unknown, T, void>, isWanted = () => true): Promise<T> {
    // Most jobs end within their first slice: they are not made to wait for a turn.
    return this.#run(steps, isWanted, true);
  }

  /**
   * The value of `steps` at once, if nothing else is under way and their first slice is enough;
   * otherwise a promise of it, as `run` gives. Throws what they throw in that slice.
   */
  begin<T>(steps: Generator<unknown, T, void>, isWanted = () => true): T | Promise<T> {
    if (!this.#isFree) return this.#run(steps, isWanted, false);
    return this.#begin(steps, isWanted, this.#jobs);
  }

  /**
   * As `begin`, of what others wait for: its first slice is at once, whatever else is under way,
   * and from then on it has one in every turn, before the others. The first slice has `atOnce`
   * steps at least, however long they take: what is short is not put off because the machine is
   * busy with something else.
   */
  beginFirst<T>(
    steps: Generator<unknown, T, void>,
    isWanted = () => true,
    atOnce = 1,
  ): T | Promise<T> {
    return this.#begin(steps, isWanted, this.#firsts, atOnce);
  }

  #begin<T>(
    steps: Generator<unknown, T, void>,
    isWanted: () => boolean,
    jobs: Job[],
    atOnce = 1,
  ): T | Promise<T> {
    const startMs = this.#clock.steadyMs();
    try {
      for (let n = 1; ; n++) {
        const step = steps.next();
        if (step.done) return step.value;
        if (n >= atOnce && this.#clock.steadyMs() >= startMs + this.#sliceMs) break;
      }
    } finally {
      this.#atOnceMs += this.#clock.steadyMs() - startMs;
    }
    return this.#run(steps, isWanted, false, jobs);
  }

  /** Whether something may be done before the next turn. */
  get #isFree(): boolean {
    const isIdle = this.#jobs.length === 0 && this.#firsts.length === 0;
    return isIdle && this.#atOnceMs <= this.#sliceMs;
  }

  #run<T>(
    steps: Generator<unknown, T, void>,
    isWanted: () => boolean,
    mayBegin: boolean,
    jobs = this.#jobs,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (deadlineMs: number): boolean => {
        try {
          if (!isWanted()) {
            steps.return(undefined as T);
            throw new Cancelled();
          }
          do {
            const step = steps.next();
            if (step.done) {
              resolve(step.value);
              return true;
            }
          } while (this.#clock.steadyMs() < deadlineMs);
        } catch (error) {
          reject(error);
          return true;
        }
        return false;
      };
      if (mayBegin && this.#isFree) {
        const startMs = this.#clock.steadyMs();
        const isDone = run(startMs + this.#sliceMs);
        this.#atOnceMs += this.#clock.steadyMs() - startMs;
        if (isDone) return;
      }
      jobs.push({ run });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(() => {
      this.#scheduled = false;
      this.#atOnceMs = 0;
      const first = this.#firsts[0];
      if (first?.run(this.#clock.steadyMs() + this.#sliceMs)) this.#firsts.shift();
      const job = this.#jobs.shift();
      const isDone = job?.run(this.#clock.steadyMs() + this.#sliceMs);
      if (isDone === false) this.#jobs.push(job!);
      if (this.#jobs.length > 0 || this.#firsts.length > 0) this.#schedule();
    });
  }
}
