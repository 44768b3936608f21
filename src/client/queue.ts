import type { Batch, Kind } from './kind.ts';

/** What waits for the application, in order, and about how many bytes it takes. */
export class Queue<Made extends Batch> {
  readonly #kind: Pick<Kind<Made>, 'bytesOf' | 'merge'>;
  #waiting: Made[] = [];
  bytes = 0;

  constructor(kind: Pick<Kind<Made>, 'bytesOf' | 'merge'>) {
    this.#kind = kind;
  }

  /** How many rows were left out for it. */
  push(made: Made): number {
    const last = this.#waiting.at(-1);
    const merged = last && this.#kind.merge(last, made);
    if (merged !== undefined) {
      this.#waiting.pop();
      this.bytes -= this.#kind.bytesOf(last!);
    }
    const pushed = merged?.made ?? made;
    this.#waiting.push(pushed);
    this.bytes += this.#kind.bytesOf(pushed);
    return merged?.leftOut ?? 0;
  }

  shift(): Made | undefined {
    const made = this.#waiting.shift();
    if (made !== undefined) this.bytes -= this.#kind.bytesOf(made);
    return made;
  }

  clear(): void {
    this.#waiting = [];
    this.bytes = 0;
  }
}
