import type { Sample } from './exposition.ts';

/** Upper bounds of the buckets: from what is at hand to what took long. */
const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, Infinity];
const LE = BOUNDS_SECONDS.map((bound) => (bound === Infinity ? '+Inf' : bound));

/** How long things of one kind took. */
export class Durations {
  /** For each bound how many took no longer. */
  readonly #counts = BOUNDS_SECONDS.map(() => 0);
  #sumSeconds = 0;

  /** So many took that long. */
  add(seconds: number, times = 1): void {
    for (let at = BOUNDS_SECONDS.length - 1; at >= 0 && seconds <= BOUNDS_SECONDS[at]!; at--) {
      this.#counts[at]! += times;
    }
    this.#sumSeconds += times * seconds;
  }

  /** A histogram. */
  samples(labels: Sample[0] = {}): Sample[] {
    return [
      ...this.#counts.map((n, at): Sample => [{ ...labels, le: LE[at]! }, n, '_bucket']),
      [labels, this.#sumSeconds, '_sum'],
      [labels, this.#counts.at(-1)!, '_count'],
    ];
  }
}
