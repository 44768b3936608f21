import { WebSocket } from 'ws';
import { subscribe } from '../../src/client/index.ts';
import { checkEffects } from '../../src/core/market/entries/effects.ts';
import type { Field } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { rowsOf } from '../core/timeline/done.ts';

/** What each row is asked for. */
export const FOLLOWED_FIELDS = ['last', 'bid', 'volume', 'trades', 'status'] as const;

/** An entry as `/v1/control/log` says it. */
export interface LoggedEntry {
  readonly key: string;
  readonly index: number;
  readonly market: string;
  readonly effects: unknown;
}

/** The market to which all of a log was done, as one that has never run has it. */
export function timelineOf(market: Market, log: readonly LoggedEntry[]): Timeline {
  const timeline = new Timeline(market);
  for (const { key, index, effects } of log) {
    const check = checkEffects(effects, timeline);
    if (!check.ok) throw new Error(check.problems[0]!.message);
    timeline.add({ key, index, effects: check.effects });
  }
  return timeline;
}

/** Who reads all rows of a server, over whatever transport, as long as it lives and comes back. */
export class RowsFollower {
  readonly how: string;
  /** The first row that it was given, and the one after its last. */
  from = 0;
  next = 0;
  /** By field, then by column. */
  readonly values: Readonly<Record<(typeof FOLLOWED_FIELDS)[number], number[][]>>;
  /** Why it ended by itself: what must not be. */
  error: unknown;
  readonly ids = new Set<string>();
  #stream: { retry(): void; readonly counters: { readonly reconnects: number } } | undefined;
  readonly #market: Market;
  readonly #ending = new AbortController();
  readonly #over: Promise<void>;

  constructor(url: string, market: Market, how: 'json' | 'bin' | 'events') {
    this.how = how;
    this.#market = market;
    const lists = () => market.instruments.map((): number[] => []);
    const named = FOLLOWED_FIELDS.map((field) => [field, lists()]);
    this.values = Object.fromEntries(named);
    this.#over = this.#read(url, how).catch((error) => {
      if (!this.#ending.signal.aborted) this.error = error;
    });
  }

  /** How often it has come back. */
  get reconnects(): number {
    return this.#stream?.counters.reconnects ?? 0;
  }

  /** Comes back at once, if it is waiting to. */
  retry(): void {
    this.#stream?.retry();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#over;
  }

  /** The first row that is not as `timeline` has it, as a sentence. */
  firstWrong(timeline: Timeline): string | undefined {
    for (const column of this.#market.instruments.keys()) {
      const rows = rowsOf(timeline, column, this.from, this.next);
      const status = new Uint8Array(this.next - this.from);
      timeline.fillStatus(status, 0, column, this.from, this.next);
      const right: Partial<Record<Field, ArrayLike<number>>> = { ...rows, status };
      for (const field of FOLLOWED_FIELDS) {
        const given = this.values[field][column]!;
        const at = given.findIndex((value, row) => value !== right[field]![row]);
        const isWhole = given.length === this.next - this.from;
        if (at < 0 && isWhole) continue;
        const index = this.from + at;
        const rule = `${field} of row ${index} of ${column} is ${right[field]![at]}`;
        return `${this.how}: ${rule}; given: ${given[at]}`;
      }
    }
    return undefined;
  }

  async #read(url: string, how: 'json' | 'bin' | 'events'): Promise<void> {
    const { originMs, intervalMs } = this.#market.grid;
    const stream = subscribe({
      ...{ url, symbols: '*', since: 'now', fields: FOLLOWED_FIELDS, WebSocket },
      signal: this.#ending.signal,
      onMarket: (id) => void this.ids.add(id),
      ...(how === 'events' ? { transport: 'events' } : { format: how }),
    });
    this.#stream = stream;
    for await (const { since, until, values } of stream) {
      const from = Math.round((since - originMs) / intervalMs) + 1;
      if (this.next === 0) this.from = from;
      else if (from !== this.next) {
        throw new Error(`rows go on from ${timeOf(this.#market.grid, this.next - 1)}: ${since}`);
      }
      this.next = Math.round((until - originMs) / intervalMs) + 1;
      for (const field of FOLLOWED_FIELDS) {
        for (const [column, list] of this.values[field].entries()) {
          for (const value of values[field][column]!) list.push(value);
        }
      }
    }
  }
}
