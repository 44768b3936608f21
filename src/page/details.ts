import { effect, signal } from '@preact/signals';
import { ClientError, type MarketInfo, type Subscription, subscribe } from '../client/index.ts';
import type { InstrumentRows } from './chart/recent.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';

/** A new stream begins so many rows back: a chart may be as old as that when it comes. */
const BEFORE_ROWS = 30;
/** A stream that comes back, as after the page was hidden, makes up for so many rows. */
const MOST_BEHIND_ROWS = 1_000;

type DetailField = 'bid' | 'ask' | 'volume';

/** The newest offers, in ticks. */
export interface Sides {
  readonly bid: number;
  readonly ask: number;
}

interface DetailsOptions {
  readonly market: MarketInfo;
  /** Time of the newest row that the page has. */
  readonly headMs: () => number;
  readonly onVolume: (column: number, rows: InstrumentRows) => void;
  /** Undefined while they are not known, or no longer. */
  readonly onSides: (sides: Sides | undefined) => void;
}

/**
 * What rows say of the chosen instrument beside its price, as far as the page shows it.
 *
 * A stream of its own. One for all would have to bring these fields of every row in view as well,
 * and begin anew whenever one is switched on; this one brings a few bytes a row, and is not there
 * while nobody looks. Asking for the newest candle again and again would have the server add up a
 * day each time to tell what was traded in a second.
 */
class Details {
  readonly #options: DetailsOptions;
  #stream: Subscription<readonly DetailField[]> | undefined;
  #fields: readonly DetailField[] = [];
  #column = -1;
  #untilMs = Number.NaN;

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /** Follow these fields of an instrument from now on, and no others. */
  show(column: number, fields: readonly DetailField[]): void {
    const isSame = fields.join() === this.#fields.join();
    if (isSame && column === this.#column) return;
    const { market } = this.#options;
    const { symbol } = market.instruments[column]!;
    if (column !== this.#column) this.#options.onSides(undefined);
    this.#column = column;
    this.#fields = fields;
    if (isSame) {
      this.#stream?.select([symbol]);
      return;
    }
    this.#stream?.close();
    this.#stream = undefined;
    if (fields.length === 0) return;
    const stream = subscribe({
      url: SERVER,
      symbols: [symbol],
      fields,
      market: market.market,
      since: this.#sinceMs(),
      onState: ({ kind }) => {
        const isFlowing = kind === 'live' || kind === 'catching up';
        if (!isFlowing && stream === this.#stream) this.#options.onSides(undefined);
      },
    });
    this.#stream = stream;
    void this.#follow(stream);
  }

  #sinceMs(): number {
    const { market, headMs } = this.#options;
    const { interval, origin } = market;
    const backMs = (rows: number) => Math.max(origin - interval, headMs() - rows * interval);
    const isNew = Number.isNaN(this.#untilMs);
    return isNew ? backMs(BEFORE_ROWS) : Math.max(this.#untilMs, backMs(MOST_BEHIND_ROWS));
  }

  async #follow(stream: Subscription<readonly DetailField[]>): Promise<void> {
    try {
      for await (const { symbols, since, until, values } of stream) {
        if (stream !== this.#stream) return;
        this.#untilMs = until;
        // Rows of the instrument before may still have been on their way.
        if (symbols[0] !== this.#options.market.instruments[this.#column]!.symbol) continue;
        const { bid, ask, volume } = values;
        const lots = volume?.[0];
        if (lots !== undefined) {
          this.#options.onVolume(this.#column, { since, until, values: lots });
        }
        const [bids, asks] = [bid?.[0], ask?.[0]];
        if (bids === undefined || asks === undefined || bids.length === 0) continue;
        const newest = bids.length - 1;
        this.#options.onSides({ bid: bids[newest]!, ask: asks[newest]! });
      }
    } catch (error) {
      // Refused for good: the offers are no longer known, and new bars have no volume.
      if (!(error instanceof ClientError)) throw error;
    }
  }
}

/** Follow what is shown of the chosen instrument beside its price, while somebody looks. */
export function followDetails(model: Model): void {
  const { market, stream } = model;
  const details = new Details({
    market,
    headMs: () => stream.until ?? market.head,
    onVolume: (column, rows) => model.takeVolume(column, rows),
    onSides: (sides) => model.takeSides(sides),
  });
  const isVisible = signal(true);
  const look = () => (isVisible.value = document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look);
  look();
  effect(() => {
    const fields: DetailField[] = [];
    if (model.hasSides.value) fields.push('bid', 'ask');
    if (model.hasVolume.value) fields.push('volume');
    details.show(model.column.value, isVisible.value ? fields : []);
  });
}
