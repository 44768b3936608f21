/** How often each worker is asked for a sign of life. */
const BEAT_MS = 1000;
/**
 * A worker that gives none for so long hangs. Its turns take some milliseconds, so it answers in
 * time even with a thousandth of a core. By then its clients take it for gone too.
 */
const HUNG_MS = 30_000;

/** A worker that can be asked for a sign of life. */
export interface Watched {
  ask(): void;
  /** It has given none for so long. */
  hangs(silentMs: number): void;
}

export interface HeartbeatTimes {
  readonly beatMs: number;
  readonly hungMs: number;
}

/**
 * Asks workers for signs of life, and finds those that hang.
 *
 * Silence is counted in beats and not by a clock: while this process is held up or suspended there
 * are none, so that nobody hangs because we did not listen.
 */
export class Heartbeat {
  readonly #times: HeartbeatTimes;
  /** Beats since each was heard last. */
  readonly #silent = new Map<Watched, number>();
  readonly #timer: NodeJS.Timeout;

  /** Beats until `stop`. Only tests give other times. */
  constructor(times: HeartbeatTimes = { beatMs: BEAT_MS, hungMs: HUNG_MS }) {
    this.#times = times;
    this.#timer = setInterval(() => this.beat(), times.beatMs);
  }

  /** Watches a worker from now on, until it is forgotten or hangs. */
  watch(worker: Watched): void {
    this.#silent.set(worker, 0);
  }

  /** Takes anything that a worker says for a sign of life. */
  heard(worker: Watched): void {
    if (this.#silent.has(worker)) this.#silent.set(worker, 0);
  }

  forget(worker: Watched): void {
    this.#silent.delete(worker);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#silent.clear();
  }

  beat(): void {
    const { beatMs, hungMs } = this.#times;
    for (const [worker, beats] of this.#silent) {
      const silentMs = beats * beatMs;
      if (silentMs >= hungMs) {
        this.#silent.delete(worker);
        worker.hangs(silentMs);
        continue;
      }
      // What it has not read yet asks it already.
      if (beats === 0) worker.ask();
      this.#silent.set(worker, beats + 1);
    }
  }
}
