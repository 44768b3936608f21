import { effect, type ReadonlySignal } from '@preact/signals';
import { ClientError, type MarketInfo, type Subscription, subscribe } from '../client/index.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';

const FIELDS = ['bid', 'ask'] as const;
const MOST_WAIT_MS = 2_000;
type Told = Subscription<typeof FIELDS>;

/** The newest offers, in ticks. */
export interface Sides {
  readonly bid: number;
  readonly ask: number;
}

interface DetailsOptions {
  readonly market: MarketInfo;
  readonly marketId: ReadonlySignal<string>;
  /** How fast the market's time goes. */
  readonly speed: () => number;
  /** Time of the newest row that the page has. */
  readonly headMs: () => number;
  /** Undefined while they are not known, or no longer. */
  readonly onSides: (sides: Sides | undefined) => void;
}

/**
 * What is offered of the chosen instrument, while the page shows it.
 *
 * A stream of its own. One for all would have to bring them of every row in view as well, and begin
 * anew whenever they are switched on; this one brings a few bytes a row, and is not there while
 * nobody looks.
 */
class Details {
  readonly #options: DetailsOptions;
  #stream: Told | undefined;
  #column = -1;

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /** Follow an instrument from now on; undefined for none. */
  show(column: number | undefined): void {
    const isOther = column !== this.#column;
    if (isOther) this.#options.onSides(undefined);
    if (column === undefined) this.#close();
    this.#column = column ?? -1;
    if (column === undefined) return;
    const symbols = [this.#symbol];
    const { market, speed } = this.#options;
    // The next row would bring them, if it were near.
    const isNear = market.interval <= MOST_WAIT_MS * speed();
    if (isOther && !isNear) this.#close();
    if (this.#stream === undefined) this.#open(symbols);
    else if (isOther) this.#stream.select(symbols);
  }

  #close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  get #symbol(): string {
    return this.#options.market.instruments[this.#column]!.symbol;
  }

  #open(symbols: readonly string[]): void {
    const { market, marketId, headMs } = this.#options;
    const { interval, origin } = market;
    const stream: Told = subscribe({
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

  async #follow(stream: Told): Promise<void> {
    try {
      for await (const { symbols, values } of stream) {
        if (stream !== this.#stream) return;
        // Rows of the instrument before may still have been on their way.
        if (symbols[0] !== this.#symbol) continue;
        this.#options.onSides({ bid: values.bid[0]!.at(-1)!, ask: values.ask[0]!.at(-1)! });
      }
    } catch (error) {
      // Refused for good: they are no longer known.
      if (!(error instanceof ClientError)) throw error;
    }
  }
}

/** Follow what is offered of the chosen one, while somebody looks and there is room for it. */
export function followDetails(model: Model, isVisible: ReadonlySignal<boolean>): void {
  const { market, stream } = model;
  const details = new Details({
    market,
    marketId: model.marketId,
    speed: () => model.speed.peek(),
    headMs: () => stream.until ?? market.head,
    onSides: (sides) => model.takeSides(sides),
  });
  effect(() => {
    details.show(isVisible.value && model.hasSides.value ? model.column.value : undefined);
  });
}
