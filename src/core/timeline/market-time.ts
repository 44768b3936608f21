/** From `hostMs` of the host's clock on, market time goes on from `marketMs` at `speed`. */
export interface Anchor {
  readonly hostMs: number;
  readonly marketMs: number;
  /** Milliseconds of the market in one of the host's; 0 while it stands still. */
  readonly speed: number;
}

/** Slower than this, nobody sees it move: a pause says it better. */
export const LEAST_SPEED = 0.001;
/** Ten years of a market in nine hours. */
export const MOST_SPEED = 10_000;

/** Market time as it is unless somebody says something else: the host's. */
const REAL: Anchor = { hostMs: 0, marketMs: 0, speed: 1 };

/** Whether time can go so fast: 0 is a pause. */
export function isSpeed(speed: unknown): speed is number {
  if (typeof speed !== 'number') return false;
  return speed === 0 || (speed >= LEAST_SPEED && speed <= MOST_SPEED);
}

/**
 * The time of a market, as a piecewise linear map of the host's.
 *
 *     market      ┌──── speed 0: a pause
 *         …    ╱──┘
 *            ╱        ◄ speed 60
 *      ──╱                          host
 *
 * It never runs backwards: a piece that would pass the beginning of the next one waits there. Where
 * the next one begins later than that, time jumps. Before the first anchor, the first piece goes on
 * backwards, so that a clock that is set back is seen to be. Times are whole milliseconds.
 */
export class MarketTime {
  readonly #anchors: Anchor[];

  /** Throws a `RangeError` on what is no anchor, and on one before another. */
  constructor(anchors: readonly Anchor[] = [REAL]) {
    const [first, ...others] = anchors;
    this.#anchors = [checked(first ?? REAL)];
    for (const anchor of others) this.add(anchor);
  }

  get anchors(): readonly Anchor[] {
    return this.#anchors;
  }

  get newest(): Anchor {
    return this.#anchors[this.#anchors.length - 1]!;
  }

  /** How fast it went last: what a pause goes on with when it ends. */
  get pace(): number {
    for (let n = this.#anchors.length - 1; n >= 0; n--) {
      const { speed } = this.#anchors[n]!;
      if (speed > 0) return speed;
    }
    return 1;
  }

  /** Appends an anchor; throws a `RangeError` on one before the newest, by either clock. */
  add(anchor: Anchor): void {
    const { hostMs, marketMs } = this.newest;
    if (anchor.hostMs < hostMs || anchor.marketMs < marketMs) {
      throw new RangeError('an anchor of market time must not be before the newest one');
    }
    this.#anchors.push(checked(anchor));
  }

  /** The anchor in force at a time of the host. */
  anchorAt(hostMs: number): Anchor {
    return this.#anchors[Math.max(0, this.#indexAt(hostMs))]!;
  }

  /** The first anchor that comes into force after a time of the host. */
  nextAfter(hostMs: number): Anchor | undefined {
    return this.#anchors[this.#indexAt(hostMs) + 1];
  }

  /** The market's time at a time of the host. */
  marketMs(hostMs: number): number {
    const at = Math.max(0, this.#indexAt(hostMs));
    const anchor = this.#anchors[at]!;
    const marketMs = Math.floor(anchor.marketMs + (hostMs - anchor.hostMs) * anchor.speed);
    // Before the first anchor too: nothing of that is ahead of it.
    const next = this.#anchors[hostMs < anchor.hostMs ? at : at + 1];
    return next === undefined ? marketMs : Math.min(marketMs, next.marketMs);
  }

  /** The first time of the host at which the market's is `marketMs` or later; Infinity if never. */
  hostMs(marketMs: number): number {
    let at = this.#anchors.length - 1;
    while (at > 0 && this.#anchors[at]!.marketMs >= marketMs) at--;
    const anchor = this.#anchors[at]!;
    const next = this.#anchors[at + 1];
    const isBefore = marketMs <= anchor.marketMs;
    if (anchor.speed === 0) {
      if (isBefore) return Number.NEGATIVE_INFINITY;
      return next === undefined ? Number.POSITIVE_INFINITY : Math.ceil(next.hostMs);
    }
    const ideal = Math.ceil(anchor.hostMs + (marketMs - anchor.marketMs) / anchor.speed);
    // By a millisecond it may be off: what is divided is not exact.
    const earlier = this.marketMs(ideal - 1) >= marketMs ? ideal - 1 : ideal;
    const hostMs = this.marketMs(earlier) >= marketMs ? earlier : earlier + 1;
    return next === undefined || isBefore ? hostMs : Math.min(hostMs, Math.ceil(next.hostMs));
  }

  /** The place of the anchor in force at a time of the host; -1 before the first one. */
  #indexAt(hostMs: number): number {
    let at = this.#anchors.length - 1;
    while (at >= 0 && this.#anchors[at]!.hostMs > hostMs) at--;
    return at;
  }
}

function checked(anchor: Anchor): Anchor {
  const { hostMs, marketMs, speed } = anchor;
  if (!Number.isFinite(hostMs) || !Number.isFinite(marketMs) || !isSpeed(speed)) {
    const speeds = `0 or from ${LEAST_SPEED} to ${MOST_SPEED}`;
    throw new RangeError(`an anchor must have finite times and a speed, ${speeds}`);
  }
  return anchor;
}
