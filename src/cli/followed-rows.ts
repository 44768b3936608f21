import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { backoffMs } from '../client/backoff.ts';
import { ClientError } from '../client/error.ts';
import type { SocketClass } from '../client/host.ts';
import { market as askMarket } from '../client/http.ts';
import type { AnyRows } from '../client/rows.ts';
import type { SubscriptionState } from '../client/state.ts';
import { type Subscription, subscribe } from '../client/subscribe.ts';
import type { Field } from '../core/market/fields.ts';
import { formatTime } from '../core/market/time.ts';
import type { MarketInfo } from '../wire/messages.ts';

/** Where to begin: with row 0, with the next row, or behind the row of a time in milliseconds. */
export type Since = 'origin' | 'now' | number;

export interface FollowedOptions {
  readonly url: string;
  readonly symbols: readonly string[] | '*';
  readonly fields: readonly Field[];
  readonly since: Since;
  /** The market id that goes with `since`. */
  readonly market: string | undefined;
  readonly signal: AbortSignal;
  /** Takes a sentence on what is waited for, or that it is there. */
  readonly tell: (sentence: string) => void;
}

/** Rows that follow one another, and the market id that is in force at all of them. */
export interface Followed {
  readonly market: string;
  readonly rows: AnyRows;
}

/**
 * The rows of a server, each once and in order, however often it goes away: it is waited for, and
 * told about. `read()` ends when `signal` aborts, and throws what the client throws.
 */
export class FollowedRows {
  readonly #options: FollowedOptions;
  #info: MarketInfo | undefined;
  /** What was told since rows came last: of attempts that fail alike, the first is enough. */
  readonly #told = new Set<string>();
  #subscription: Subscription<readonly Field[]> | undefined;

  constructor(options: FollowedOptions) {
    this.#options = options;
  }

  async *read(): AsyncGenerator<Followed, void, void> {
    const { url, symbols, fields, market, signal } = this.#options;
    const since = await this.#begin();
    if (since === undefined) return;
    /** Ids that begin behind so many rows of this subscription. */
    const changes: { readonly afterRows: number; readonly id: string }[] = [];
    let id = market;
    const subscription: Subscription<readonly Field[]> = subscribe({
      ...{ url, symbols, fields, since, market, signal },
      WebSocket: WebSocket as unknown as SocketClass,
      onState: (state) => {
        id ??= subscription.market;
        this.#tellState(state);
      },
      // Rows that came before may still be waiting to be read.
      onMarket: (newId) => changes.push({ afterRows: subscription.counters.rows, id: newId }),
    });
    this.#subscription = subscription;
    let given = 0;
    for await (const rows of subscription) {
      while (changes[0] !== undefined && changes[0].afterRows <= given) {
        id = changes.shift()!.id;
        this.#options.tell(`from ${formatTime(rows.since + rows.interval)} on, market is ${id}`);
      }
      given += rowsIn(rows);
      yield { market: id!, rows };
    }
  }

  /** What the server says of its market, of the one whose rows were read last. */
  async info(): Promise<MarketInfo> {
    this.#info ??= await this.#ask(this.#subscription?.market);
    return this.#info!;
  }

  /** What the client is to begin with; undefined if it is not to begin any more. */
  async #begin(): Promise<number | 'now' | undefined> {
    const { since } = this.#options;
    if (since !== 'origin') return since;
    const info = await this.#ask(undefined);
    return info === undefined ? undefined : info.origin - info.interval;
  }

  /** Asks until there is an answer; undefined if that is not wanted any more. */
  async #ask(market: string | undefined): Promise<MarketInfo | undefined> {
    const { url, signal } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        return await askMarket({ url, signal, ...(market === undefined ? {} : { market }) });
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof ClientError) || !error.retry) throw error;
        this.#tell(`no rows yet: ${error.message}`);
        const waitMs = error.retryAfterMs ?? backoffMs(attempt, Math.random);
        await sleep(waitMs, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  #tellState(state: SubscriptionState): void {
    const { kind } = state;
    if (kind === 'reconnecting' || kind === 'offline' || kind === 'stale') {
      this.#tell(`no rows: ${state.reason.message}`);
    } else if ((kind === 'live' || kind === 'catching up') && this.#told.size > 0) {
      this.#told.clear();
      this.#options.tell('rows come again');
    }
  }

  #tell(sentence: string): void {
    if (this.#told.has(sentence)) return;
    this.#told.add(sentence);
    this.#options.tell(sentence);
  }
}

/** How many rows these are. */
export function rowsIn({ since, until, interval }: AnyRows): number {
  return Math.round((until - since) / interval);
}
