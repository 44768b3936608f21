import { effect, type ReadonlySignal } from '@preact/signals';
import { ClientError, type MarketInfo, type Subscription, subscribe } from '../client/index.ts';
import { tradingStatus } from './control/trading.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';

const STATUS = ['status'] as const;
const WITH_SIDES = ['bid', 'ask', 'status'] as const;
type Fields = typeof STATUS | typeof WITH_SIDES;
type Told = Subscription<Fields>;

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
  /** 0 where it trades, 1 while it is halted, 2 while it is closed; undefined likewise. */
  readonly onStatus: (status: number | undefined) => void;
}

/**
 * Whether the chosen instrument trades, and its offers, while the page shows them.
 *
 * A stream of its own. One for all would have to bring them of every row in view as well, and begin
 * anew whenever they are switched on; this one brings a few bytes a row, and is not there while
 * nobody looks.
 */
class Details {
  readonly #options: DetailsOptions;
  #stream: Told | undefined;
  #column = -1;
  #hasSides = false;

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /** Follow an instrument from now on, with its offers or without; undefined for none. */
  show(column: number | undefined, hasSides: boolean): void {
    if (column === undefined || hasSides !== this.#hasSides) {
      this.#stream?.close();
      this.#stream = undefined;
    }
    this.#hasSides = hasSides;
    if (column === undefined) return;
    const isOther = column !== this.#column;
    if (isOther) this.#forget();
    this.#column = column;
    const symbols = [this.#symbol];
    if (this.#stream === undefined) this.#open(symbols);
    else if (isOther) this.#stream.select(symbols);
  }

  #forget(): void {
    this.#options.onSides(undefined);
    this.#options.onStatus(undefined);
  }

  get #symbol(): string {
    return this.#options.market.instruments[this.#column]!.symbol;
  }

  #open(symbols: readonly string[]): void {
    const { market, marketId, headMs } = this.#options;
    const { interval, origin } = market;
    const stream: Told = subscribe<Fields>({
      url: SERVER,
      symbols,
      fields: this.#hasSides ? WITH_SIDES : STATUS,
      market: marketId.peek(),
      // The row before, so that there is something to show at once.
      since: Math.max(origin - interval, headMs() - interval),
      onState: ({ kind }) => {
        const isFlowing = kind === 'live' || kind === 'catching up';
        if (!isFlowing && stream === this.#stream) this.#forget();
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
        this.#options.onStatus(values.status[0]!.at(-1));
        if (values.bid === undefined) continue;
        this.#options.onSides({ bid: values.bid[0]!.at(-1)!, ask: values.ask![0]!.at(-1)! });
      }
    } catch (error) {
      // Refused for good: they are no longer known.
      if (!(error instanceof ClientError)) throw error;
    }
  }
}

/** Follow the chosen instrument while somebody looks, and its offers if there is room for them. */
export function followDetails(model: Model, isVisible: ReadonlySignal<boolean>): void {
  const { market, stream } = model;
  const details = new Details({
    market,
    marketId: model.marketId,
    headMs: () => stream.until ?? market.head,
    onSides: (sides) => model.takeSides(sides),
    onStatus: (status) => (tradingStatus.value = status),
  });
  effect(() => {
    details.show(isVisible.value ? model.column.value : undefined, model.hasSides.value);
  });
}
