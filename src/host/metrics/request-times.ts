import { Durations } from './durations.ts';
import type { Sample } from './exposition.ts';

/** What statuses are counted as, by their hundreds. */
const CLASSES: readonly string[] = Array.from({ length: 10 }, (_, hundreds) => `${hundreds}xx`);

/** How long the answers of one kind took. */
interface RequestTime {
  /** `status` is `2xx` and so on. */
  readonly labels: { readonly route: string; readonly status: string; readonly protocol: string };
  readonly times: Durations;
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
    this.#kindOf(route, protocol, CLASSES[Math.floor(statusCode / 100)]!).times.add(seconds);
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
      kind = { labels, times: new Durations() };
      ofRoute.set(status, kind);
    }
    return kind;
  }

  samples(): Sample[] {
    const kinds = [...this.#kinds.values()].flatMap((ofRoute) => [...ofRoute.values()]);
    return kinds.flatMap(({ labels, times }) => times.samples(labels));
  }
}
