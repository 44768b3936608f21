import type { Instrument } from '../../core/market/instrument.ts';
import { ASSET_CLASSES, Names } from '../../core/market/listing.ts';
import type { Market } from '../../core/market/market.ts';
import { lookingCost } from '../../host/budgets/cost.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';
import { offered } from './resolutions.ts';
import { sessionOf } from './sessions.ts';

export const EXCHANGE = 'TICKWELL';

/** The instruments of a market as a chart knows them. */
export class UdfSymbols {
  readonly names: Names;
  readonly #market: Market;
  readonly #listed: readonly Listed[];

  constructor(market: Market) {
    this.#market = market;
    this.names = new Names('udf', market.instruments);
    this.#listed = market.instruments.flatMap((instrument, column) => {
      const name = this.names.of(column);
      if (name === undefined) return [];
      const text = `${name} ${instrument.symbol} ${instrument.name}`.toUpperCase();
      return [{ column, name, instrument, text }];
    });
  }

  /** The column of a symbol, with or without its exchange. Throws a `TickwellError`. */
  columnOf(symbol: string, pay: Pay): number {
    const name = symbol.startsWith(`${EXCHANGE}:`) ? symbol.slice(EXCHANGE.length + 1) : symbol;
    const column = this.names.columnOf(name);
    if (column !== undefined) return column;
    pay(lookingCost(this.#listed.length));
    throw new TickwellError('unknown_symbol', this.names.unknown(name));
  }

  /** What `/config` says. */
  config(): Record<string, unknown> {
    const { seconds, minutes, days } = offered(this.#market.grid.intervalMs);
    const classes = ASSET_CLASSES.filter((one) =>
      this.#listed.some(({ instrument }) => instrument.listing.assetClass === one),
    );
    return {
      supports_search: true,
      supports_group_request: false,
      supports_marks: false,
      supports_timescale_marks: false,
      supports_time: true,
      exchanges: [
        { value: '', name: 'All', desc: '' },
        { value: EXCHANGE, name: 'Tickwell', desc: 'Tickwell, a market that does not exist' },
      ],
      symbols_types: [
        { name: 'All', value: '' },
        ...classes.map((value) => ({ name: value[0]!.toUpperCase() + value.slice(1), value })),
      ],
      supported_resolutions: [...seconds, ...minutes, ...days],
    };
  }

  /** What a chart is told of a symbol. */
  described(column: number): Record<string, unknown> {
    const instrument = this.#market.instruments[column]!;
    const { seconds, minutes, days } = offered(this.#market.grid.intervalMs);
    const name = this.names.of(column)!;
    const scale = scaleOf(instrument);
    return {
      name,
      ticker: name,
      full_name: `${EXCHANGE}:${name}`,
      description: instrument.name,
      type: instrument.listing.assetClass,
      ...sessionOf(instrument.calendar),
      exchange: EXCHANGE,
      listed_exchange: EXCHANGE,
      currency_code: instrument.listing.quote,
      format: 'price',
      ...{ minmov: Math.round(instrument.tickSize * scale), pricescale: scale },
      has_seconds: seconds.length > 0,
      seconds_multipliers: seconds.map((text) => text.slice(0, -1)),
      has_intraday: minutes.length > 0,
      intraday_multipliers: minutes,
      has_daily: days.includes('1D'),
      daily_multipliers: ['1', '3'],
      has_weekly_and_monthly: days.includes('1W'),
      weekly_multipliers: ['1'],
      monthly_multipliers: ['1', '3', '6', '12'],
      supported_resolutions: [...seconds, ...minutes, ...days],
      volume_precision: 0,
      data_status: 'streaming',
    };
  }

  /** Those that a text stands in, the ones that begin with it first. */
  search(query: string, type: string, exchange: string, limit: number): readonly unknown[] {
    if (exchange !== '' && exchange !== EXCHANGE) return [];
    const text = query.toUpperCase();
    const found = this.#listed.filter(
      (one) =>
        one.text.includes(text) && (type === '' || one.instrument.listing.assetClass === type),
    );
    const first = found.filter(({ name }) => name.startsWith(text));
    const others = found.filter(({ name }) => !name.startsWith(text));
    return [...first, ...others].slice(0, limit).map(({ name, instrument }) => ({
      symbol: name,
      full_name: `${EXCHANGE}:${name}`,
      description: instrument.name,
      exchange: EXCHANGE,
      ticker: name,
      type: instrument.listing.assetClass,
    }));
  }

  /** What searching them costs. */
  get searchCost(): number {
    return lookingCost(this.#listed.length);
  }
}

interface Listed {
  readonly column: number;
  readonly name: string;
  readonly instrument: Instrument;
  readonly text: string;
}

/** By what a price is a whole number: 100 where it has two decimals. */
function scaleOf({ decimals }: Instrument): number {
  return Number(`1e${decimals}`);
}
