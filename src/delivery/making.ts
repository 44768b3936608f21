import type { SocketOutlet } from './socket-outlet.ts';

/** An answer to be made. */
interface Work {
  readonly id: number;
  /** What it takes on the wire, at most. */
  readonly bytes: number;
  /** Makes and sends it; never rejects. */
  run(): Promise<void>;
}

/**
 * The answers of one connection that take time. Room on the line is kept for those that are being
 * made, so that they never come on top of what was not read yet; the others wait for theirs.
 */
export class Making {
  readonly #outlet: SocketOutlet;
  /** To be called when an answer was sent. */
  readonly #sent: () => void;
  readonly #ids: number[] = [];
  readonly #waiting: Work[] = [];

  constructor(outlet: SocketOutlet, sent: () => void) {
    this.#outlet = outlet;
    this.#sent = sent;
  }

  /** Answers that have not been sent yet. */
  get count(): number {
    return this.#ids.length;
  }

  has(id: number): boolean {
    return this.#ids.includes(id);
  }

  add(work: Work): void {
    this.#ids.push(work.id);
    this.#waiting.push(work);
    this.start();
  }

  /** Begins what has room; to be called when there is more of it. */
  start(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || !this.#outlet.reserve(next.bytes)) return;
      this.#waiting.shift();
      void this.#run(next);
    }
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  async #run({ id, bytes, run }: Work): Promise<void> {
    await run();
    this.#ids.splice(this.#ids.indexOf(id), 1);
    this.#outlet.release(bytes);
    this.#sent();
  }
}
