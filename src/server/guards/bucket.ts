/**
 * A token bucket: it holds up to `burst` tokens and fills by `perSecond`. Full at first.
 *
 * Source: J. Turner, "New Directions in Communications" (IEEE Communications 24:10, 1986), the
 * leaky bucket as a meter.
 */
export class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /**
   * Takes `cost` tokens and gives 0; or takes none and gives the milliseconds until they are there.
   * What costs more than a full bucket takes a full one.
   */
  take(cost: number, nowMs: number): number {
    this.#fill(nowMs);
    const wanted = Math.min(cost, this.#burst);
    if (this.#tokens < wanted) {
      return Math.max(1, Math.ceil(((wanted - this.#tokens) / this.#perSecond) * 1000));
    }
    this.#tokens -= wanted;
    return 0;
  }

  /** Whether nothing is missing: then it is as good as a new one. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#burst;
  }

  #fill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs / 1000) * this.#perSecond);
    this.#filledMs = nowMs;
  }
}
