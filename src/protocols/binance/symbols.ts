import type { Instrument } from '../../core/market/instrument.ts';
import { Names } from '../../core/market/listing.ts';
import type { Rows } from '../../core/market/rows.ts';
import { BinanceError, illegal, invalid, noSuchSymbol } from './errors.ts';
import { Numbers } from './numbers.ts';
import { optionalText, type Parameters } from './parameters.ts';

const NAME = /^[A-Z0-9._-]{1,20}$/;
const NAME_RANGE = '^[A-Z0-9-_.]{1,20}$';
const LIST = /^\["[A-Z0-9._-]{1,20}"(,"[A-Z0-9._-]{1,20}")*\]$/;
const LIST_RANGE = '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$';

/** Those that one asks for. */
export interface AskedSymbols {
  readonly columns: readonly number[];
  /** Whether one was named by `symbol`: it is answered alone, not as a list of one. */
  readonly isOne: boolean;
  /** Whether none was named. */
  readonly isAll: boolean;
}

/** The instruments of a market, as they are called here. Its functions throw `BinanceError`s. */
export class BinanceSymbols {
  readonly names: Names;
  readonly market: Rows;
  /** The columns that have a name. */
  readonly columns: readonly number[];
  readonly #all: AskedSymbols;
  readonly #numbers: (Numbers | undefined)[];
  readonly #maxSymbols: number;

  constructor(market: Rows, maxSymbols: number) {
    this.market = market;
    this.names = new Names('binance', market.instruments);
    this.columns = market.instruments.flatMap((_, n) => (this.names.of(n) === undefined ? [] : n));
    this.#all = { columns: this.columns, isOne: false, isAll: true };
    this.#numbers = market.instruments.map(() => undefined);
    this.#maxSymbols = maxSymbols;
  }

  /** The column of the one that `symbol` must name. */
  columnOf(parameters: Parameters): number {
    if (parameters.symbol === undefined || parameters.symbol === '') {
      const rule = 'was not sent, was empty/null, or malformed.';
      throw new BinanceError('mandatory', `Mandatory parameter 'symbol' ${rule}`);
    }
    return this.#columnOf(optionalText(parameters, 'symbol')!);
  }

  /** What `symbol` or `symbols` name; all, if neither is there. */
  asked(parameters: Parameters): AskedSymbols {
    const { symbol, symbols } = parameters;
    if (symbol !== undefined && symbols !== undefined) {
      throw new BinanceError('badCombination', 'Combination of optional parameters invalid.');
    }
    if (symbol !== undefined) {
      return { columns: [this.columnOf(parameters)], isOne: true, isAll: false };
    }
    if (symbols === undefined) return this.#all;
    return { columns: this.#listed(parameters), isOne: false, isAll: false };
  }

  /** The same where one of them must be there. */
  named(parameters: Parameters): AskedSymbols {
    const asked = this.asked(parameters);
    if (!asked.isAll) return asked;
    const rule = "Param 'symbol' or 'symbols' must be sent, but both were empty/null!";
    throw new BinanceError('mandatory', rule);
  }

  /** How the numbers of a column are written. */
  numbersOf(column: number): Numbers {
    this.#numbers[column] ??= new Numbers(this.market.instruments[column]!);
    return this.#numbers[column];
  }

  #columnOf(name: string): number {
    if (!NAME.test(name)) throw illegal('symbol', NAME_RANGE);
    const column = this.names.columnOf(name);
    if (column === undefined) throw noSuchSymbol();
    return column;
  }

  #listed(parameters: Parameters): readonly number[] {
    const text = optionalText(parameters, 'symbols')!;
    if (!LIST.test(text)) throw illegal('symbols', LIST_RANGE);
    const names = JSON.parse(text) as string[];
    if (names.length > this.#maxSymbols) throw invalid('symbols');
    const columns = names.map((name) => this.#columnOf(name));
    if (new Set(columns).size < columns.length) {
      throw new BinanceError('repeatedSymbols', 'Symbol is present multiple times in the list.');
    }
    return columns;
  }
}

/** What names that were given end with, of pairs whose quote is another than the instrument's. */
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'DAI', 'BTC', 'ETH', 'BNB', 'USD', 'EUR', 'TRY'];

/** What a name is of: a pair, if it ends with the instrument's quote or another that is known. */
export function pairOf(name: string, { listing }: Instrument) {
  const isOf = (quote: string) => name.length > quote.length && name.endsWith(quote);
  const quoteAsset = [listing.quote, ...QUOTES].find(isOf);
  if (quoteAsset === undefined) return { baseAsset: name, quoteAsset: listing.quote };
  return { baseAsset: name.slice(0, -quoteAsset.length), quoteAsset };
}
