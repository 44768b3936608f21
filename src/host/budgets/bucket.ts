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
   * The tokens that `cost` takes: what costs more than a full bucket takes a full one, `before`
   * included, which was taken for the same thing already.
   */
  wantedFor(cost: number, before = 0): number {
    return Math.min(before + cost, this.#burst) - Math.min(before, this.#burst);
  }

  /** Takes what `cost` wants and gives 0; or gives the milliseconds until it could take it. */
  take(cost: number, nowMs: number, before = 0): number {
    this.#fill(nowMs);
    const wanted = this.wantedFor(cost, before);
    if (this.#tokens < wanted) {
      return Math.max(1, Math.ceil(((wanted - this.#tokens) / this.#perSecond) * 1000));
    }
    this.#tokens -= wanted;
    return 0;
  }

  /** Takes what was given out elsewhere: there may be a debt afterwards. */
  owe(tokens: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= tokens;
  }

  /** Whether more was taken than there was. */
  isInDebt(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens < 0;
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
