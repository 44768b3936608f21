import type { Sample } from './exposition.ts';

/** Upper bounds of the buckets: from an answer at hand to one that took long to compute. */
const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, Infinity];
const LE = BOUNDS_SECONDS.map((bound) => (bound === Infinity ? '+Inf' : bound));

/** How long the answers of one kind took. */
interface RequestTime {
  /** `status` is `2xx` and so on. */
  readonly labels: { readonly route: string; readonly status: string };
  /** For each bound how many took no longer. */
  readonly counts: number[];
  sumSeconds: number;
}

/** How long HTTP requests took, by route and status: as many kinds as there are routes. */
export class RequestTimes {
  readonly #kinds = new Map<string, RequestTime>();

  /**
   * Adds an answer of the route of this name, which is never what a client wrote: everyone could
   * make up paths without end.
   */
  add(route: string, statusCode: number, seconds: number): void {
    const labels = { route, status: `${Math.floor(statusCode / 100)}xx` };
    const key = `${labels.route} ${labels.status}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { labels, counts: BOUNDS_SECONDS.map(() => 0), sumSeconds: 0 };
      this.#kinds.set(key, kind);
    }
    for (const [at, bound] of BOUNDS_SECONDS.entries()) if (seconds <= bound) kind.counts[at]! += 1;
    kind.sumSeconds += seconds;
  }

  samples(): Sample[] {
    return [...this.#kinds.values()].flatMap(({ labels, counts, sumSeconds }): Sample[] => [
      ...counts.map((n, at): Sample => [{ ...labels, le: LE[at]! }, n, '_bucket']),
      [labels, sumSeconds, '_sum'],
      [labels, counts.at(-1)!, '_count'],
    ]);
  }
}
