import type { TradeLists } from '../../../core/market/trading/trade-lists.ts';
import type { TradesEncoder } from '../../../delivery/encoder.ts';
import { quantityText } from '../numbers.ts';
import type { BinanceSymbols } from '../symbols.ts';
import { asciiBytes, StreamEncoder, type Style } from './stream-encoder.ts';

/** What a payload of one trade takes at most. */
const TRADE_BYTES = 256;
/** Trades that are written between two yields. */
const TRADES_PER_STEP = 2 ** 8;
/** The side of a buyer who came to the ask. */
const BUYER = 1;

/** What is said of a trade, as texts. */
interface Told {
  readonly symbol: string;
  readonly number: number;
  readonly price: string;
  readonly quantity: string;
  readonly time: number;
  readonly isBuyerMaker: boolean;
}

/** Each trade is told by itself, as an aggregate of its own, too: all numbers are its own. */
const PAYLOADS = {
  trade: ({ symbol, number, price, quantity, time, isBuyerMaker }: Told) =>
    `{"e":"trade","E":${time},"s":"${symbol}","t":${number},"p":"${price}","q":"${quantity}",` +
    `"T":${time},"m":${isBuyerMaker},"M":true}`,
  aggTrade: ({ symbol, number, price, quantity, time, isBuyerMaker }: Told) =>
    `{"e":"aggTrade","E":${time},"s":"${symbol}","a":${number},"p":"${price}","q":"${quantity}",` +
    `"f":${number},"l":${number},"T":${time},"m":${isBuyerMaker},"M":true}`,
} as const;

/** `@trade` and `@aggTrade`: every trade, in the order of its number. */
export class TradeStreamEncoder extends StreamEncoder {
  readonly trades: TradesEncoder = {
    perFrame: (_columns, frameBytes) => this.messagesIn(frameBytes, TRADE_BYTES),
    encode: (trades, sinceMs, columns) => this.#encode(trades, sinceMs, columns),
    put: (body) => this.put(body),
  };
  readonly #payloadOf: (told: Told) => string;

  constructor(symbols: BinanceSymbols, style: Style, kind: keyof typeof PAYLOADS) {
    super(symbols, style);
    this.#payloadOf = PAYLOADS[kind];
  }

  *#encode(
    { first, counts, micros, prices, lots, sides }: TradeLists,
    sinceMs: number,
    columns: readonly number[],
  ): Generator<void, Uint8Array, void> {
    let body = '';
    let at = 0;
    for (const [n, column] of columns.entries()) {
      const symbol = this.symbolOf(column);
      const numbers = this.symbols.numbersOf(column);
      for (let k = 0; k < counts[n]!; k++, at++) {
        const ms = Math.floor(micros[at]! / 1000);
        const payload = this.#payloadOf({
          ...{ symbol, number: first[n]! + k, price: numbers.price(prices[at]!) },
          quantity: quantityText(lots[at]!),
          time: this.time(sinceMs + ms, micros[at]! - 1000 * ms),
          isBuyerMaker: sides[at] !== BUYER,
        });
        body += this.message(column, payload);
        if ((at + 1) % TRADES_PER_STEP === 0) yield;
      }
    }
    return asciiBytes(body);
  }
}
