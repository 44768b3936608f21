/** How often it counts. */
const TICK_MS = 25;

/**
 * Time as this process has it: the ticks of a timer of its own.
 *
 * Never more than has passed. A machine that is busy holds this timer up as much as those of a
 * server in the same process: what is in time on a quiet machine is in time on any, and what waits
 * for a longer timer is late on any.
 */
export class Stopwatch {
  #ticks = 0;
  readonly #timer = setInterval(() => {
    this.#ticks += 1;
  }, TICK_MS);

  /** Milliseconds since it was made. */
  get ms(): number {
    return this.#ticks * TICK_MS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** How long this takes, as this process has time. */
export async function msOf(work: Promise<unknown>): Promise<number> {
  const watch = new Stopwatch();
  try {
    await work;
    return watch.ms;
  } finally {
    watch.stop();
  }
}
