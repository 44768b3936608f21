import { randomUUID } from 'node:crypto';
import { candlesWantedOf, cutOf, type Wanted, wantedOf } from '../../core/history/wanted.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import type { Connection } from '../../delivery/connection.ts';
import { Subscription } from '../../delivery/subscription.ts';
import { TickwellError } from '../../wire/errors.ts';
import { type DerivEncoder, MOST_ECHO_BYTES, TICK_FIELDS } from './encoder.ts';
import type { DerivHub } from './limits.ts';
import { invalid } from './problems.ts';
import { opening, type StreamKind } from './readers.ts';
import type { Envelope } from './request.ts';

/** What a stream is to tell. */
export interface NewStream {
  /** What all its messages begin with. */
  readonly opening: string;
  readonly column: number;
  /** The first row that it tells, or after which it tells how a candle stands. */
  readonly cursor: number;
  /** Of candles, and how many seconds they are wide. */
  readonly resolution?: Resolution | undefined;
  readonly granularity?: number;
}

interface Stream {
  readonly kind: StreamKind;
  readonly subscription: Subscription;
}

export interface StreamsOptions {
  readonly hub: DerivHub;
  readonly encoder: DerivEncoder;
  readonly connection: Connection & { readonly subscriptions: Map<number, Subscription> };
}

/** The streams of one connection, by the ids that its client has been told. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #streams = new Map<string, Stream>();
  /** Those whose history is being made. */
  #expected = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** Throws if there can be no more streams, or a message of one would be too long. */
  check(envelope: Envelope, count: number): void {
    const { maxDerivSubscriptions: limit } = this.#options.hub.service.limits;
    if (this.#streams.size + this.#expected + count > limit) {
      const rule = `a connection holds at most ${limit} subscriptions`;
      throw new TickwellError('too_many', `${rule}; given: ${count} more`, { limit });
    }
    const bytes = opening(envelope, 'tick').length;
    if (bytes <= MOST_ECHO_BYTES) return;
    const rule = `must be of at most ${MOST_ECHO_BYTES} bytes, as each message echoes it`;
    throw invalid('subscribe', rule, `a request of ${bytes}`);
  }

  /** One is to begin once its history has been told. */
  expect(): void {
    this.#expected += 1;
  }

  /** It begins, or never will. */
  expected(): void {
    this.#expected -= 1;
  }

  /** Begins a stream; `hub.drained` then has it served. Gives its id. */
  begin(stream: NewStream, id = newStreamId()): string {
    const { hub, encoder, connection } = this.#options;
    const { market, history } = hub;
    const { column, cursor, resolution, granularity = 0 } = stream;
    const wanted = this.#wanted(column, resolution);
    const kind = resolution === undefined ? 'ticks' : 'candles';
    const number = encoder.readers.add({ kind, id, granularity, opening: stream.opening });
    hub.detach(connection);
    const subscription = new Subscription({
      ...{ market, groups: hub.groups, connection, id: number, wanted, cursor },
      ...{ head: history.head, delivery: 'all' },
    });
    connection.subscriptions.set(number, subscription);
    this.#streams.set(id, { kind, subscription });
    return id;
  }

  /** Ends a stream; false if there is none of this id. */
  end(id: string): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    const { hub, encoder, connection } = this.#options;
    const { subscription } = stream;
    hub.detach(connection);
    subscription.close();
    connection.subscriptions.delete(subscription.id);
    encoder.readers.delete(subscription.id);
    this.#streams.delete(id);
    return true;
  }

  /** Ends all of these kinds; gives their ids. */
  endAll(kinds: readonly string[]): readonly string[] {
    const ids = [...this.#streams].flatMap(([id, { kind }]) => (kinds.includes(kind) ? [id] : []));
    for (const id of ids) this.end(id);
    return ids;
  }

  /** Forgets all: the connection is closing. */
  forget(): void {
    const { readers } = this.#options.encoder;
    for (const { subscription } of this.#streams.values()) readers.delete(subscription.id);
    this.#streams.clear();
  }

  #wanted(column: number, resolution: Resolution | undefined): Wanted {
    if (resolution === undefined) return wantedOf(TICK_FIELDS, [column]);
    return candlesWantedOf([], [column], cutOf(this.#options.hub.market.grid, resolution, 1));
  }
}

export function newStreamId(): string {
  return randomUUID();
}
