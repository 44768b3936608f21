/** Upper bounds of the buckets: from an answer at hand to one that took long to compute. */
export const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** How long the answers of one kind took. */
export interface RequestTime {
  readonly route: string;
  /** `2xx` and so on. */
  readonly status: string;
  /** For each bound those above the one before it; at last those above all. */
  readonly counts: number[];
  sumSeconds: number;
}

/** Of the routes that are named as they are; the others belong to the page. */
const NAMED = /^\/(v1\/\w+|healthz|readyz|metrics|openapi\.json)$/;

/** How long HTTP requests took, by route and status: as many kinds as there are routes. */
export class RequestTimes {
  readonly #kinds = new Map<string, RequestTime>();

  get kinds(): Iterable<RequestTime> {
    return this.#kinds.values();
  }

  /** Adds an answer of the route with this pattern; undefined for a path that has none. */
  add(pattern: string | undefined, statusCode: number, seconds: number): void {
    const route = routeOf(pattern);
    const status = `${Math.floor(statusCode / 100)}xx`;
    const key = `${route} ${status}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const counts = Array.from({ length: BOUNDS_SECONDS.length + 1 }, () => 0);
      kind = { route, status, counts, sumSeconds: 0 };
      this.#kinds.set(key, kind);
    }
    const at = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    kind.counts[at < 0 ? BOUNDS_SECONDS.length : at]! += 1;
    kind.sumSeconds += seconds;
  }
}

/** Never what a client wrote: everyone could make up paths without end. */
function routeOf(pattern: string | undefined): string {
  if (pattern === undefined || pattern === '*') return 'none';
  if (NAMED.test(pattern)) return pattern;
  return pattern.startsWith('/docs') ? '/docs' : 'page';
}
