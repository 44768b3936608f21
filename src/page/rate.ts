/** Arrivals older than this, and than the last few, no longer count. */
const SPAN_MS = 10_000;
const LEAST_ARRIVALS = 4;

/** How many prices arrive in a second: measured, over the last ten seconds or the last frames. */
export class Rate {
  #arrivals: { readonly atMs: number; readonly prices: number }[] = [];

  /** So many prices have arrived at once; `atMs` is by any steady clock. */
  add(atMs: number, prices: number): void {
    this.#arrivals.push({ atMs, prices });
    const spare = this.#arrivals.length - LEAST_ARRIVALS;
    const first = this.#arrivals.findIndex(
      (arrival, index) => index >= spare || atMs - arrival.atMs <= SPAN_MS,
    );
    if (first > 0) this.#arrivals.splice(0, first);
  }

  /** Begin anew: what is followed has changed. */
  clear(): void {
    this.#arrivals = [];
  }

  /** Undefined while too little has arrived to tell. */
  get perSecond(): number | undefined {
    const [first, ...others] = this.#arrivals;
    const last = others.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    // What came with the first of them belongs to the time before it.
    const prices = others.reduce((sum, arrival) => sum + arrival.prices, 0);
    return (prices / (last.atMs - first.atMs)) * 1000;
  }
}
