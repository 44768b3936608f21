import type { Host } from './host.ts';

/** What a server says of it. */
interface Said {
  readonly now: number;
  readonly speed?: number;
}

/** Clocks drift apart by some milliseconds in this time. */
const ASK_MS = 30_000;

/**
 * The market's time, as well as this end can know it: what the server said, and what has passed
 * since, at the speed that it said.
 *
 * An answer tells it to within half a round trip. What arrives unasked took an unknown time, so it
 * only shows that the market's time is at least that far.
 */
export class ServerClock {
  /** Milliseconds of the market in one of ours; 0 while its time stands still. */
  speed = 1;
  readonly #host: Pick<Host, 'nowMs' | 'setTimer'>;
  /** What the server said last, and when that was by our clock. */
  #saidMs = Number.NaN;
  #atMs = 0;
  #askedMs = 0;
  #cancel: () => void = () => {};
  #question: () => void = () => {};

  constructor(host: Pick<Host, 'nowMs' | 'setTimer'>) {
    this.#host = host;
  }

  /** A new connection said it; ask now and from time to time, until `stop`. */
  start(said: Said, ask: () => void): void {
    this.stop();
    this.#question = ask;
    this.change(said);
    this.ask();
  }

  /** Ask now, and again from time to time. */
  ask(): void {
    this.#cancel();
    this.#askedMs = this.#host.nowMs();
    this.#question();
    this.#cancel = this.#host.setTimer(ASK_MS, () => this.ask());
  }

  stop(): void {
    this.#cancel();
  }

  /** The answer to the latest question. */
  answer(said: Said): void {
    this.change(said, (this.#askedMs + this.#host.nowMs()) / 2);
  }

  /** From now on, or from `atMs` by our clock on, it is so. Older servers say no speed. */
  change({ now, speed = 1 }: Said, atMs = this.#host.nowMs()): void {
    this.speed = speed;
    this.#saidMs = now;
    this.#atMs = atMs;
  }

  /** Take note that the market's time is past `now`. */
  observe(now: number): void {
    if (!(now <= this.nowMs()!)) this.change({ now, speed: this.speed });
  }

  /** The market's time; undefined before the server has spoken. */
  nowMs(): number | undefined {
    const nowMs = this.#saidMs + (this.#host.nowMs() - this.#atMs) * this.speed;
    return Number.isNaN(nowMs) ? undefined : nowMs;
  }
}
