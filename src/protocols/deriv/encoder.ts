import type { CandlesWanted } from '../../core/history/wanted.ts';
import { CANDLE_PRICES, type CandleLists } from '../../core/market/candle-lists.ts';
import type { Lists } from '../../core/market/columns.ts';
import type { Field } from '../../core/market/fields.ts';
import { type Grid, indexFrom, timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import {
  BodyKind,
  type BodyPlace,
  type BodyShape,
  type CandlesEncoder,
  type Encoder,
  type Frame,
  frameOfText,
} from '../../delivery/encoder.ts';
import type { HarmForm } from '../../delivery/faulty/harm-form.ts';
import { webSocketTextHead } from '../../host/websocket-frames.ts';
import { messageHarm } from './harm.ts';
import { beforeValues, Readers } from './readers.ts';
import type { DerivSymbols } from './symbols.ts';
import { epochOf, ohlcEnd, ohlcText, tickText } from './values.ts';

/** What is read of each row, in this order. */
export const TICK_FIELDS = ['last', 'bid', 'ask'] as const satisfies readonly Field[];

/** A message of a stream takes no more: what it echoes is limited. */
export const MOST_MESSAGE_BYTES = 4096;
/** Of them, what stands around the echo: two ids, four prices, a symbol. */
const AROUND_BYTES = 512;
export const MOST_ECHO_BYTES = MOST_MESSAGE_BYTES - AROUND_BYTES;

/** Texts between two yields. */
const TEXTS_PER_STEP = 256;
/** Between two texts of a body: nothing in them is written so. */
const BETWEEN = '\n';

const TEXTS = new BodyKind();

/**
 * Rows and candles of one symbol as Deriv tells them: a message for each. All who follow it share
 * what the messages end with; they begin with the request, and the id, of each stream.
 *
 *     body: ends of messages ── frame: a message of each, behind what is the stream's
 */
export class DerivEncoder implements Encoder {
  readonly name = 'deriv';
  readonly bodyKind = TEXTS;
  readonly format = 'json';
  readonly readers = new Readers();
  readonly candles: CandlesEncoder = {
    perFrame: (_wanted, frameBytes) => messagesPerFrame(frameBytes),
    encode: (candles, isFinal, wanted) => this.#encodeCandles(candles, isFinal, wanted),
    put: (body, { isFinal }, _from, next) => {
      // One that forms says after which row.
      this.#put(body, isFinal ? '' : ohlcEnd(epochOf(timeOf(this.#grid, next - 1))));
    },
  };
  puts = 0;
  readonly harm: HarmForm;
  readonly #symbols: DerivSymbols;
  readonly #grid: Grid;
  #texts: readonly string[] = [];

  constructor(market: Market, symbols: DerivSymbols) {
    this.harm = messageHarm(market);
    this.#grid = market.grid;
    this.#symbols = symbols;
  }

  rowsPerFrame(_wanted: BodyShape, frameBytes: number): number {
    return messagesPerFrame(frameBytes);
  }

  rowsBytes(_wanted: BodyShape, rows: number): number {
    return rows * MOST_MESSAGE_BYTES;
  }

  *encode(
    _fields: readonly Field[],
    values: Lists,
    { columns, from }: BodyPlace,
  ): Generator<void, Uint8Array, void> {
    const [lasts, bids, asks] = TICK_FIELDS.map((_, n) => values.at(n)!);
    const listed = this.#symbols.listed(columns[0]!);
    const texts: string[] = [];
    for (const [n, last] of lasts!.entries()) {
      const epoch = epochOf(timeOf(this.#grid, from + n));
      texts.push(tickText(listed, epoch, { last, bid: bids![n]!, ask: asks![n]! }));
      if (n % TEXTS_PER_STEP === 0) yield;
    }
    return bytesOf(texts);
  }

  putNewest(): void {
    throw new Error('ticks have quotes: no stream is of prices alone');
  }

  putBody(body: Uint8Array): void {
    this.#put(body, '');
  }

  frameFor(id: number): Frame {
    const reader = this.readers.of(id);
    // It has ended while this was read for it: nothing of that is sent.
    if (reader === undefined) return '';
    const before = beforeValues(reader);
    let frame = '';
    for (const text of this.#texts) {
      frame += webSocketTextHead(before.length + text.length) + before + text;
    }
    return frameOfText(frame);
  }

  #put(body: Uint8Array, end: string): void {
    this.puts += 1;
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
    this.#texts = (text + end).split(BETWEEN);
  }

  *#encodeCandles(
    { time, values }: CandleLists,
    isFinal: boolean,
    { columns, cut }: CandlesWanted,
  ): Generator<void, Uint8Array, void> {
    const listed = this.#symbols.listed(columns[0]!);
    const { resolution } = cut;
    const texts: string[] = [];
    for (const [n, startMs] of time.entries()) {
      const ohlc = CANDLE_PRICES.map((name) => values[name][n]!);
      const text = ohlcText(listed, epochOf(startMs), ohlc);
      // Each as it stands after its last row.
      const last = indexFrom(this.#grid, resolution.startOf(resolution.numberOf(startMs) + 1)) - 1;
      texts.push(isFinal ? text + ohlcEnd(epochOf(timeOf(this.#grid, last))) : text);
      if (n % TEXTS_PER_STEP === 0) yield;
    }
    return bytesOf(texts);
  }
}

function messagesPerFrame(frameBytes: number): number {
  return Math.max(1, Math.floor(frameBytes / MOST_MESSAGE_BYTES));
}

/** In memory of its own: a part of Node's pool would keep all of it. */
function bytesOf(texts: readonly string[]): Uint8Array {
  const text = texts.join(BETWEEN);
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
