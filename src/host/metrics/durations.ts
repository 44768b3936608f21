import type { Sample } from './exposition.ts';

/** Upper bounds of the buckets: from what is at hand to what took long. */
const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, Infinity];

/** How long things of one kind took. */
export class Durations {
  readonly #bounds: readonly number[];
  /** For each bound how many took no longer. */
  readonly #counts: number[];
  #sumSeconds = 0;

  /** `bounds`: of the buckets, in seconds, rising; the last is Infinity. */
  constructor(bounds: readonly number[] = BOUNDS_SECONDS) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** So many took that long. */
  add(seconds: number, times = 1): void {
    for (let at = this.#bounds.length - 1; at >= 0 && seconds <= this.#bounds[at]!; at--) {
      this.#counts[at]! += times;
    }
    this.#sumSeconds += times * seconds;
  }

  /** A histogram. */
  samples(labels: Sample[0] = {}): Sample[] {
    return [
      ...this.#counts.map((n, at): Sample => {
        const bound = this.#bounds[at]!;
        return [{ ...labels, le: bound === Infinity ? '+Inf' : bound }, n, '_bucket'];
      }),
      [labels, this.#sumSeconds, '_sum'],
      [labels, this.#counts.at(-1)!, '_count'],
    ];
  }
}
