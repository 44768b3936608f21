import type { CandlesWanted } from '../../../core/history/wanted.ts';
import type { CandleLists } from '../../../core/market/candle-lists.ts';
import { indexFrom, timeOf } from '../../../core/market/grid.ts';
import type { CandlesEncoder } from '../../../delivery/encoder.ts';
import { candleTexts } from '../candle-texts.ts';
import type { BinanceSymbols } from '../symbols.ts';
import { asciiBytes, StreamEncoder, type Style } from './stream-encoder.ts';

/** What a payload of one candle takes at most. */
const KLINE_BYTES = 640;
/** Candles that are written between two yields. */
const KLINES_PER_STEP = 2 ** 7;
/** The number of a trade that a candle has not. */
const NO_TRADE = -1;

/** `@kline_1m` and the like: the candle as it forms, and once more when it is whole. */
export class KlineEncoder extends StreamEncoder {
  readonly candles: CandlesEncoder = {
    perFrame: (_wanted, frameBytes) => this.messagesIn(frameBytes, KLINE_BYTES),
    encode: (candles, isFinal, wanted, next) => this.#encode(candles, isFinal, wanted, next),
    put: (body) => this.put(body),
  };
  readonly #interval: string;

  constructor(symbols: BinanceSymbols, style: Style, interval: string) {
    super(symbols, style);
    this.#interval = interval;
  }

  *#encode(
    candles: CandleLists,
    isFinal: boolean,
    wanted: CandlesWanted,
    next: number,
  ): Generator<void, Uint8Array, void> {
    const [column] = wanted.columns;
    if (column === undefined) throw new Error('a stream of candles is of one column');
    let body = '';
    for (let at = 0; at < candles.time.length; at++) {
      const payload = this.#payloadOf(column, candles, at, isFinal, wanted, next);
      body += this.message(column, payload);
      if ((at + 1) % KLINES_PER_STEP === 0) yield;
    }
    return asciiBytes(body);
  }

  #payloadOf(
    column: number,
    { time, values, paid }: CandleLists,
    at: number,
    isFinal: boolean,
    { cut: { resolution } }: CandlesWanted,
    next: number,
  ): string {
    const { market } = this.symbols;
    const symbol = this.symbolOf(column);
    const texts = candleTexts(this.symbols.numbersOf(column), { ...values, ...paid }, at);
    const { o, h, l, c, v, q, n, V, Q } = texts;
    const startMs = time[at]!;
    const endMs = resolution.startOf(resolution.numberOf(startMs) + 1);
    const index = Math.max(0, indexFrom(market.grid, startMs));
    const first = n === 0 ? NO_TRADE : market.tradesBefore(column, index);
    const last = n === 0 ? NO_TRADE : first + n - 1;
    const eventMs = isFinal ? endMs : timeOf(market.grid, next - 1);
    return (
      `{"e":"kline","E":${this.time(eventMs)},"s":"${symbol}","k":{"t":${this.time(startMs)},` +
      `"T":${this.lastBefore(endMs)},"s":"${symbol}","i":"${this.#interval}",` +
      `"f":${first},"L":${last},"o":"${o}","c":"${c}","h":"${h}","l":"${l}","v":"${v}","n":${n},` +
      `"x":${isFinal},"q":"${q}","V":"${V}","Q":"${Q}","B":"0"}}`
    );
  }
}
