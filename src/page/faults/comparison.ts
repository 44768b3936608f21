import type { Strike } from './request.ts';
import { strikeText } from './words.ts';

/** The most rows that wait for what is true; the eldest of more are never compared. */
const MOST_WAITING = 20_000;
/** The most strikes that are shown, and deeds that may belong to one. */
const MOST_TOLD = 50;
/** They strike answers over HTTP, which a stream is not. */
const OF_ANSWERS: readonly string[] = ['status', 'truncate', 'slow'];
/** They take time, and no row. */
const LATE: readonly string[] = ['delay', 'burst', 'stall', 'throttle'];

/** A strike, and what the client did about it. */
export interface Told {
  readonly time: number;
  readonly what: string;
  readonly deed: string;
  /** Whether a wrong value got through. */
  readonly isHarmed: boolean;
}

/** What was found so far of the rows up to `until`. */
export interface Found {
  readonly until: number;
  readonly compared: number;
  /** Rows that were struck, and what came of them: the true value in the end, or not. */
  readonly harmed: number;
  readonly recovered: number;
  readonly wrong: number;
  /** Rows that came faster than they could be compared. */
  readonly passedOver: number;
  /** The last strikes, newest first. */
  readonly told: readonly Told[];
}

/** Prices of one instrument after `since`, up to `until`, in ticks: one for each interval. */
export interface Truth {
  readonly since: number;
  readonly until: number;
  readonly prices: ArrayLike<number>;
}

interface Deed {
  /** Of the last row that the client had by then. */
  readonly time: number;
  readonly text: string;
}

/**
 * Holds what a client took in from a faulty stream against what is true and what was done to it.
 *
 * Rows wait here until both are known. A deed of the client is of the row that it had not yet, or
 * of the last one it had.
 */
export class Comparison {
  readonly #intervalMs: number;
  readonly #waiting = new Map<number, number>();
  #deeds: Deed[] = [];
  #cursorMs: number;
  #found: Found;

  /** `sinceMs` is the time of the row before the first one. */
  constructor(sinceMs: number, intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#cursorMs = sinceMs;
    const none = { compared: 0, harmed: 0, recovered: 0, wrong: 0, passedOver: 0, told: [] };
    this.#found = { until: sinceMs, ...none };
  }

  get found(): Found {
    return this.#found;
  }

  /** Time of the last row taken in. */
  get cursorMs(): number {
    return this.#cursorMs;
  }

  take({ since, until, prices }: Truth): void {
    for (let n = 0; n < prices.length; n++) {
      this.#waiting.set(since + (n + 1) * this.#intervalMs, prices[n]!);
    }
    this.#cursorMs = until;
    if (this.#waiting.size <= MOST_WAITING) return;
    const passedOver = this.#found.passedOver + this.#waiting.size;
    this.#waiting.clear();
    this.#found = { ...this.#found, until, passedOver };
  }

  /** The client has done something. The same again at the same row is one deed. */
  note(text: string): void {
    const last = this.#deeds.at(-1);
    if (last?.time === this.#cursorMs && last.text === text) return;
    this.#deeds = [...this.#deeds.slice(1 - MOST_TOLD), { time: this.#cursorMs, text }];
  }

  /** What is true of rows from `found.until` on, and the strikes on them. */
  settle(truth: Truth, strikes: readonly Strike[]): void {
    // Rows that were passed over meanwhile are not to be compared any more.
    if (truth.since !== this.#found.until) return;
    const struck = strikes.filter(({ kind }) => !OF_ANSWERS.includes(kind));
    const wrong = new Set<number>();
    for (let n = 0; n < truth.prices.length; n++) {
      const time = truth.since + (n + 1) * this.#intervalMs;
      if (!Object.is(this.#waiting.get(time), truth.prices[n])) wrong.add(time);
      this.#waiting.delete(time);
    }
    const harmed = new Set([...wrong, ...struck.map(({ time }) => time)]);
    const told = struck.map((strike) => this.#told(strike, wrong.has(strike.time)));
    const before = this.#found;
    this.#found = {
      ...before,
      until: truth.until,
      compared: before.compared + truth.prices.length,
      harmed: before.harmed + harmed.size,
      recovered: before.recovered + harmed.size - wrong.size,
      wrong: before.wrong + wrong.size,
      told: [...told.toReversed(), ...before.told].slice(0, MOST_TOLD),
    };
  }

  #told(strike: Strike, isHarmed: boolean): Told {
    const { time, kind } = strike;
    const what = strikeText(strike);
    if (isHarmed) return { time, what, deed: 'taken for true', isHarmed };
    const at = (ms: number) => this.#deeds.filter((deed) => deed.time === ms);
    const before = at(time - this.#intervalMs);
    const deeds = before.length > 0 ? before : at(time);
    const none = LATE.includes(kind) ? 'came late' : 'no harm';
    const deed = deeds.length === 0 ? none : deeds.map(({ text }) => text).join('; ');
    return { time, what, deed, isHarmed };
  }
}
