import { effect, type ReadonlySignal } from '@preact/signals';
import { ClientError, type MarketInfo, type Subscription, subscribe } from '../client/index.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';

const FIELDS = ['bid', 'ask'] as const;

/** The newest offers, in ticks. */
export interface Sides {
  readonly bid: number;
  readonly ask: number;
}

interface DetailsOptions {
  readonly market: MarketInfo;
  readonly marketId: ReadonlySignal<string>;
  /** Time of the newest row that the page has. */
  readonly headMs: () => number;
  /** Undefined while they are not known, or no longer. */
  readonly onSides: (sides: Sides | undefined) => void;
}

/**
 * The offers of the chosen instrument, while the page shows them.
 *
 * A stream of its own. One for all would have to bring them of every row in view as well, and begin
 * anew whenever they are switched on; this one brings a few bytes a row, and is not there while
 * nobody looks.
 */
class Details {
  readonly #options: DetailsOptions;
  #stream: Subscription<typeof FIELDS> | undefined;
  #column = -1;

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /** Follow an instrument from now on; undefined for none. */
  show(column: number | undefined): void {
    if (column === undefined) {
      this.#stream?.close();
      this.#stream = undefined;
      return;
    }
    if (column !== this.#column) this.#options.onSides(undefined);
    const isOther = column !== this.#column;
    this.#column = column;
    const symbols = [this.#symbol];
    if (this.#stream === undefined) this.#open(symbols);
    else if (isOther) this.#stream.select(symbols);
  }

  get #symbol(): string {
    return this.#options.market.instruments[this.#column]!.symbol;
  }

  #open(symbols: readonly string[]): void {
    const { market, marketId, headMs } = this.#options;
    const { interval, origin } = market;
    const stream = subscribe({
      url: SERVER,
      symbols,
      fields: FIELDS,
      market: marketId.peek(),
      // The row before, so that there is something to show at once.
      since: Math.max(origin - interval, headMs() - interval),
      onState: ({ kind }) => {
        const isFlowing = kind === 'live' || kind === 'catching up';
        if (!isFlowing && stream === this.#stream) this.#options.onSides(undefined);
      },
    });
    this.#stream = stream;
    void this.#follow(stream);
  }

  async #follow(stream: Subscription<typeof FIELDS>): Promise<void> {
    try {
      for await (const { symbols, values } of stream) {
        if (stream !== this.#stream) return;
        // Rows of the instrument before may still have been on their way.
        if (symbols[0] !== this.#symbol) continue;
        const [bids, asks] = [values.bid[0]!, values.ask[0]!];
        const newest = bids.length - 1;
        this.#options.onSides({ bid: bids[newest]!, ask: asks[newest]! });
      }
    } catch (error) {
      // Refused for good: the offers are no longer known.
      if (!(error instanceof ClientError)) throw error;
    }
  }
}

/** Follow the offers of the chosen instrument while there is room for them and somebody looks. */
export function followDetails(model: Model, isVisible: ReadonlySignal<boolean>): void {
  const { market, stream } = model;
  const details = new Details({
    market,
    marketId: model.marketId,
    headMs: () => stream.until ?? market.head,
    onSides: (sides) => model.takeSides(sides),
  });
  effect(() => {
    const isWanted = model.hasSides.value && isVisible.value;
    details.show(isWanted ? model.column.value : undefined);
  });
}
