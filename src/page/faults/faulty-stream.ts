import { type Signal, signal } from '@preact/signals';
import {
  ClientError,
  fetchRows,
  type Subscription,
  type SubscriptionCounters,
  type SubscriptionState,
  subscribe,
} from '../../client/index.ts';
import { inTime } from '../in-time.ts';
import type { Model } from '../model.ts';
import { fetchAnew } from '../server.ts';
import { Comparison, type Found } from './comparison.ts';
import { faultyUrl, fetchLedger } from './request.ts';
import { deedText } from './words.ts';

/** How often what came is held against what is true. */
const CHECK_MS = 3_000;
const LOOK_MS = 250;

/** What a faulty stream is of. */
export interface FaultyChoice {
  /** As it was chosen: a name, or clauses. */
  readonly label: string;
  /** The same in its canonical form. */
  readonly faults: string;
  readonly faultSeed: number;
  readonly symbol: string;
}

/** How a faulty stream stands. */
export interface Standing {
  readonly state: SubscriptionState;
  readonly counters: SubscriptionCounters;
  /** As of the last row; undefined before there is one. */
  readonly lagMs: number | undefined;
  readonly until: number;
  readonly found: Found;
}

/**
 * A stream of the chosen instrument that is struck on its way, beside that which the page shows.
 * Nothing of it is drawn: it tells what a client does about faults, by the example of the page's.
 */
export class FaultyStream {
  readonly choice: FaultyChoice;
  readonly standing: Signal<Standing>;
  readonly #model: Model;
  readonly #stream: Subscription;
  readonly #comparison: Comparison;
  #lagMs: number | undefined;
  /** That of the rows up to which all was compared. */
  #market: string;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #isChecking = false;

  constructor(model: Model, choice: FaultyChoice) {
    const since = model.stream.until ?? model.market.head;
    this.#model = model;
    this.choice = choice;
    this.#comparison = new Comparison(since, model.market.interval);
    this.#market = model.marketId.peek();
    this.#stream = subscribe({
      url: faultyUrl(choice.faults, choice.faultSeed),
      symbols: [choice.symbol],
      market: this.#market,
      since,
      onState: (state) => {
        const deed = deedText(state);
        if (deed !== undefined) this.#comparison.note(deed);
        this.#show();
      },
    });
    this.standing = signal(this.#standing());
    this.#timers = [
      setInterval(() => this.#show(), LOOK_MS),
      setInterval(() => void this.#check(), CHECK_MS),
    ];
    void this.#follow();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stream.close();
  }

  async #follow(): Promise<void> {
    try {
      for await (const { since, until, prices } of this.#stream) {
        this.#comparison.take({ since, until, prices: prices[0]! });
        const { speed } = this.#model.stream;
        const nowMs = this.#model.stream.serverNowMs() ?? until;
        if (speed > 0) this.#lagMs = Math.max(0, (nowMs - until) / speed);
      }
    } catch (error) {
      // Refused for good: its state says so.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  #standing(): Standing {
    const { state, counters } = this.#stream;
    const { cursorMs, found } = this.#comparison;
    return { state, counters, lagMs: this.#lagMs, until: cursorMs, found };
  }

  #show(): void {
    // It tells of its state before it is there.
    if (this.standing !== undefined) this.standing.value = this.#standing();
  }

  /** Reads again from where feeds are healthy what has come, and the ledger of it. */
  async #check(): Promise<void> {
    const { symbol, faults, faultSeed } = this.choice;
    const since = this.#comparison.found.until;
    if (this.#isChecking || this.#comparison.cursorMs <= since) return;
    this.#isChecking = true;
    try {
      const answer = await fetchRows({
        ...{ url: faultyUrl('off', 1), fetch: inTime(fetchAnew), market: this.#market },
        ...{ symbols: [symbol], since, until: this.#comparison.cursorMs },
      });
      const asked = { faults, faultSeed, symbols: symbol, since, until: answer.until };
      const { until, strikes } = await fetchLedger(asked);
      const rows = Math.round((until - since) / this.#model.market.interval);
      this.#comparison.settle({ since, until, prices: answer.prices[0]!.slice(0, rows) }, strikes);
      if (until === answer.until) this.#market = answer.market;
      this.#show();
    } catch {
      // The next check goes on from the same row.
    } finally {
      this.#isChecking = false;
    }
  }
}
