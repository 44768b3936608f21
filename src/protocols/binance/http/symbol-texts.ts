import { quantityText } from '../numbers.ts';
import { type BinanceSymbols, pairOf } from '../symbols.ts';

/** Symbols of one piece, which are described between two yields: 2 ms. */
const SYMBOLS_PER_PIECE = 64;
/** Describing a symbol, and writing that, in the units of `cost.ts`: 30 us. */
const DESCRIBING_COST = 30_000;
/** Of one that is kept: handing its piece on, or copying its text without its sets. */
const KEPT_COST = 50;
const COPYING_COST = 3000;
/** The shortest text of a symbol, without its sets. */
const LEAST_BYTES = 1000;
/** Of a day of even the busiest share. */
const MAX_LOTS = 1_000_000_000;
const SETS = ',"permissionSets":[["SPOT"]]';

/**
 * What there is to know of symbols, written: it never changes. That of all is kept, once they were
 * asked for, in pieces that every answer shares: about 1.1 kB a symbol.
 */
export class SymbolTexts {
  readonly #symbols: BinanceSymbols;
  readonly #kept: (Uint8Array | undefined)[] = [];
  #keptSymbols = 0;
  #keptBytes = 0;

  constructor(symbols: BinanceSymbols) {
    this.#symbols = symbols;
  }

  /** What `pieces` of some columns costs, as `cost.ts` counts. */
  cost(columns: readonly number[], hasSets: boolean): number {
    const { length } = columns;
    if (!this.#areAll(columns)) return length * DESCRIBING_COST;
    const each = hasSets ? KEPT_COST : COPYING_COST;
    return (length - this.#keptSymbols) * DESCRIBING_COST + length * each;
  }

  /** How many bytes the texts of some columns surely take, before they are made. */
  leastBytes(columns: readonly number[]): number {
    if (!this.#areAll(columns)) return columns.length * LEAST_BYTES;
    const kept = this.#keptBytes - this.#keptSymbols * SETS.length;
    return kept + (columns.length - this.#keptSymbols) * LEAST_BYTES;
  }

  /** The texts of some columns, with commas between them. */
  *pieces(
    columns: readonly number[],
    hasSets: boolean,
  ): Generator<void, readonly Uint8Array[], void> {
    const areAll = this.#areAll(columns);
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < columns.length; from += SYMBOLS_PER_PIECE) {
      const some = columns.slice(from, from + SYMBOLS_PER_PIECE);
      const piece = areAll ? this.#keptPiece(from, some) : this.#described(from, some);
      pieces.push(hasSets ? piece : withoutSets(piece));
      yield;
    }
    return pieces;
  }

  #areAll(columns: readonly number[]): boolean {
    return columns === this.#symbols.columns;
  }

  #keptPiece(from: number, columns: readonly number[]): Uint8Array {
    const number = from / SYMBOLS_PER_PIECE;
    const known = this.#kept[number];
    if (known !== undefined) return known;
    const piece = this.#described(from, columns);
    this.#kept[number] = piece;
    this.#keptSymbols += columns.length;
    this.#keptBytes += piece.byteLength;
    return piece;
  }

  #described(from: number, columns: readonly number[]): Uint8Array {
    const texts = columns.map((column) => JSON.stringify(described(this.#symbols, column)));
    return Buffer.from((from === 0 ? '' : ',') + texts.join());
  }
}

function withoutSets(piece: Uint8Array): Uint8Array {
  // Names and numbers are ASCII.
  return Buffer.from(Buffer.from(piece).toString('latin1').replaceAll(SETS, ''), 'latin1');
}

/** What there is to know of a symbol: that it cannot be traded here it does not say. */
function described(symbols: BinanceSymbols, column: number) {
  const instrument = symbols.market.instruments[column]!;
  const numbers = symbols.numbersOf(column);
  const symbol = symbols.names.of(column)!;
  const { baseAsset, quoteAsset } = pairOf(symbol, instrument);
  const [minPrice, maxPrice] = [
    numbers.price(Math.max(1, instrument.minTicks)),
    instrument.maxTicks,
  ];
  const lots = {
    minQty: quantityText(1),
    maxQty: quantityText(MAX_LOTS),
    stepSize: quantityText(1),
  };
  return {
    symbol,
    status: 'TRADING',
    ...{ baseAsset, baseAssetPrecision: 8 },
    ...{ quoteAsset, quotePrecision: 8, quoteAssetPrecision: 8 },
    ...{ baseCommissionPrecision: 8, quoteCommissionPrecision: 8 },
    orderTypes: ['LIMIT', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: false,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        ...{ minPrice, maxPrice: numbers.price(maxPrice), tickSize: numbers.price(1) },
      },
      { filterType: 'LOT_SIZE', ...lots },
      { filterType: 'MARKET_LOT_SIZE', ...lots },
      {
        filterType: 'NOTIONAL',
        ...{ minNotional: numbers.price(1), applyMinToMarket: true },
        ...{ maxNotional: numbers.paid(BigInt(maxPrice) * BigInt(MAX_LOTS)) },
        ...{ applyMaxToMarket: false, avgPriceMins: 5 },
      },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}
