import type { Sample } from './exposition.ts';

/** Upper bounds of the buckets: from an answer at hand to one that took long to compute. */
const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, Infinity];
/** What statuses are counted as, by their hundreds. */
const CLASSES: readonly string[] = Array.from({ length: 10 }, (_, hundreds) => `${hundreds}xx`);
const LE = BOUNDS_SECONDS.map((bound) => (bound === Infinity ? '+Inf' : bound));

/** How long the answers of one kind took. */
interface RequestTime {
  /** `status` is `2xx` and so on. */
  readonly labels: { readonly route: string; readonly status: string; readonly protocol: string };
  /** For each bound how many took no longer. */
  readonly counts: number[];
  sumSeconds: number;
}

/** How long HTTP requests took, by route, its protocol, and status. */
export class RequestTimes {
  /** By route, then by status. */
  readonly #kinds = new Map<string, Map<string, RequestTime>>();

  /**
   * Adds an answer of the route of this name, which one protocol has or none. It is never what a
   * client wrote: everyone could make up paths without end.
   */
  add(route: string, protocol: string, statusCode: number, seconds: number): void {
    const kind = this.#kindOf(route, protocol, CLASSES[Math.floor(statusCode / 100)]!);
    for (let at = BOUNDS_SECONDS.length - 1; at >= 0 && seconds <= BOUNDS_SECONDS[at]!; at--) {
      kind.counts[at]! += 1;
    }
    kind.sumSeconds += seconds;
  }

  #kindOf(route: string, protocol: string, status: string): RequestTime {
    let ofRoute = this.#kinds.get(route);
    if (ofRoute === undefined) {
      ofRoute = new Map();
      this.#kinds.set(route, ofRoute);
    }
    let kind = ofRoute.get(status);
    if (kind === undefined) {
      const labels = { route, status, protocol };
      kind = { labels, counts: BOUNDS_SECONDS.map(() => 0), sumSeconds: 0 };
      ofRoute.set(status, kind);
    }
    return kind;
  }

  samples(): Sample[] {
    const kinds = [...this.#kinds.values()].flatMap((ofRoute) => [...ofRoute.values()]);
    return kinds.flatMap(({ labels, counts, sumSeconds }): Sample[] => [
      ...counts.map((n, at): Sample => [{ ...labels, le: LE[at]! }, n, '_bucket']),
      [labels, sumSeconds, '_sum'],
      [labels, counts.at(-1)!, '_count'],
    ]);
  }
}
