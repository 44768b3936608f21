import { STATUS } from '../../core/market/fields.ts';
import type { Instrument } from '../../core/market/instrument.ts';
import { Names } from '../../core/market/listing.ts';
import type { Market } from '../../core/market/market.ts';
import { asciiJson } from './request.ts';

/** Times are whole seconds there. */
const SECOND_MS = 1000;

/** How kinds of instruments are sorted there; what is made by a machine is a synthetic index. */
const PLACES = {
  crypto: {
    market: ['synthetic_index', 'Derived'],
    submarket: ['random_index', 'Continuous Indices'],
    subgroup: ['synthetics', 'Synthetics'],
    type: 'stockindex',
  },
  stock: {
    market: ['stocks', 'Stocks'],
    submarket: ['stocks', 'Stocks'],
    subgroup: ['none', 'None'],
    type: 'stocks',
  },
} as const;

/** An instrument, and what it is called there. */
export interface Listed {
  readonly symbol: string;
  readonly instrument: Instrument;
}

/** The instruments of a market as Deriv's clients know them; none if rows come too fast for it. */
export class DerivSymbols {
  readonly #market: Market;
  readonly #names: Names;
  readonly #isServed: boolean;
  readonly #most: number;
  readonly #texts = new Map<string, { readonly statuses: string; readonly text: string }>();

  /** `most` are listed. */
  constructor(market: Market, most: number) {
    this.#market = market;
    this.#names = new Names('deriv', market.instruments);
    this.#isServed = market.grid.intervalMs % SECOND_MS === 0;
    this.#most = most;
  }

  /** The column that a symbol means, if there is one. */
  columnOf(symbol: string): number | undefined {
    return this.#isServed ? this.#names.columnOf(symbol) : undefined;
  }

  /** A column that was found by its symbol. */
  listed(column: number): Listed {
    const symbol = this.#names.of(column);
    if (symbol === undefined) throw new Error('a column that was found by its symbol has one');
    return { symbol, instrument: this.#market.instruments[column]! };
  }

  /**
   * The list that `active_symbols` asks for, as JSON, where `statusOf` says the status of a column.
   * It is kept until one opens, closes or is halted.
   */
  list(isFull: boolean, statusOf: (column: number) => number): string {
    const key = isFull ? 'full' : 'brief';
    const listed = this.#listed();
    const statuses = listed.map(({ column }) => statusOf(column));
    const known = this.#texts.get(key);
    if (known?.statuses === statuses.join()) return known.text;
    const text = asciiJson(
      listed.map(({ name, column }, n) => {
        const instrument = this.#market.instruments[column]!;
        return describe(name, instrument, { column, isFull, status: statuses[n]! });
      }),
    );
    this.#texts.set(key, { statuses: statuses.join(), text });
    return text;
  }

  #listed(): readonly { readonly name: string; readonly column: number }[] {
    if (!this.#isServed) return [];
    const listed = this.#names.all.flatMap((name, column) =>
      name === undefined ? [] : [{ name, column }],
    );
    return listed.slice(0, this.#most);
  }
}

/** Where an instrument stands in the list, how much is said of it, and whether it trades. */
interface Place {
  readonly column: number;
  readonly isFull: boolean;
  readonly status: number;
}

/** In the words of both paths: what is called otherwise at the newer one stands there twice. */
function describe(symbol: string, instrument: Instrument, { column, isFull, status }: Place) {
  const { listing, name, decimals } = instrument;
  const { market, submarket, subgroup, type } = PLACES[listing.assetClass];
  const pip = Number(`1e-${decimals}`);
  return {
    ...{ symbol, underlying_symbol: symbol },
    ...{ display_name: name, underlying_symbol_name: name },
    display_order: column + 1,
    exchange_is_open: Number(status !== STATUS.closed),
    is_trading_suspended: Number(status === STATUS.halted),
    ...{ market: market[0], market_display_name: market[1] },
    ...{ pip, pip_size: pip },
    ...{ subgroup: subgroup[0], subgroup_display_name: subgroup[1] },
    ...{ submarket: submarket[0], submarket_display_name: submarket[1] },
    ...{ symbol_type: type, underlying_symbol_type: type },
    ...(isFull
      ? {
          ...{ allow_forward_starting: 0, delay_amount: 0, exchange_name: 'TICKWELL' },
          quoted_currency_symbol: listing.quote,
        }
      : {}),
  };
}
