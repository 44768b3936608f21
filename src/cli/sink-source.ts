import type { Since, SinkPiece, SinkSource } from '../cluster/sinks/source.ts';
import type { Dtype } from '../core/market/dtype.ts';
import type { MarketInfo } from '../wire/messages.ts';
import { type FollowedOptions, FollowedRows } from './followed-rows.ts';
import { messagesOf, type SinkForm } from './sink-messages.ts';

type Options = Omit<FollowedOptions, 'since' | 'market'>;

/** The rows of a server, for a sink. */
export class FollowedSource implements SinkSource {
  readonly #options: Options;
  readonly #form: Omit<SinkForm, 'dtype' | 'fields'>;
  #info: MarketInfo | undefined;

  constructor(options: Options, form: Omit<SinkForm, 'dtype' | 'fields'>) {
    this.#options = options;
    this.#form = form;
  }

  async intervalMs(): Promise<number> {
    return (await this.#ask())?.interval ?? 1;
  }

  async *read(
    since: Since,
    market: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<SinkPiece, void, void> {
    const info = await this.#ask();
    if (info === undefined) return;
    const { fields } = this.#options;
    const form = { ...this.#form, fields, dtype: info.dtype as Dtype };
    const rows = new FollowedRows({ ...this.#options, since, market, signal });
    for await (const followed of rows.read()) {
      yield { messages: messagesOf(followed, form), lagRows: followed.rows.lag };
    }
  }

  /** What the server says of its market; undefined if nobody wants to know any more. */
  async #ask(): Promise<MarketInfo | undefined> {
    const asking = new FollowedRows({ ...this.#options, since: 'now', market: undefined });
    this.#info ??= await asking.info();
    return this.#info;
  }
}
