import { BodyKind, type Encoder, type Frame, frameOf } from '../../../delivery/encoder.ts';
import type { HarmForm } from '../../../delivery/faulty/harm-form.ts';
import { webSocketAscii } from '../../../host/websocket-frames.ts';
import { messageHarm } from '../harm.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { TimeUnit } from '../time-unit.ts';

/** How what a stream tells is written. */
export interface Style {
  /** Of the name of the stream, all behind its symbol: `@trade`. */
  readonly ending: string;
  /** Whether each message says of which stream it is. */
  readonly isCombined: boolean;
  readonly unit: TimeUnit;
}

/** A name and the quotes and braces around what it tells. */
const WRAPPING_BYTES = 64;

/**
 * Writes what one kind of stream tells of any symbol, in one style. A body is whole messages of the
 * WebSocket, because some rows make several and some none. All who follow a stream get the same.
 */
export abstract class StreamEncoder implements Encoder {
  readonly name = 'binance';
  readonly bodyKind = new BodyKind();
  readonly format = 'json';
  puts = 0;
  readonly harm: HarmForm;
  protected readonly symbols: BinanceSymbols;
  protected readonly style: Style;
  #frame: Frame = '';

  constructor(symbols: BinanceSymbols, style: Style) {
    this.symbols = symbols;
    this.style = style;
    this.harm = messageHarm(symbols, style.unit);
  }

  frameFor(): Frame {
    return this.#frame;
  }

  /** There are no streams of plain rows here. */
  rowsPerFrame(): number {
    throw this.#noRows();
  }

  rowsBytes(): number {
    throw this.#noRows();
  }

  encode(): Generator<void, Uint8Array, void> {
    throw this.#noRows();
  }

  putNewest(): void {
    throw this.#noRows();
  }

  putBody(): void {
    throw this.#noRows();
  }

  /** The name of a column, in capitals. */
  protected symbolOf(column: number): string {
    const name = this.symbols.names.of(column);
    if (name === undefined) throw new Error('a stream is of a column that has a name');
    return name;
  }

  /** A time, in the unit that is asked for; `micros` are beyond the millisecond. */
  protected time(ms: number, micros = 0): number {
    return this.style.unit === 'ms' ? ms : ms * 1000 + micros;
  }

  /** The last moment before a time. */
  protected lastBefore(ms: number): number {
    return this.time(ms) - 1;
  }

  /** A message of the WebSocket: a payload of ASCII, with the name of its stream if wanted. */
  protected message(column: number, payload: string): string {
    const { ending, isCombined } = this.style;
    if (!isCombined) return webSocketAscii(payload);
    const stream = this.symbolOf(column).toLowerCase() + ending;
    return webSocketAscii(`{"stream":"${stream}","data":${payload}}`);
  }

  /** How many messages of at most so many bytes fit a frame; at least one. */
  protected messagesIn(frameBytes: number, payloadBytes: number): number {
    return Math.max(1, Math.floor(frameBytes / (payloadBytes + WRAPPING_BYTES)));
  }

  /** Makes a body that was written here the payload. */
  protected put(body: Frame): void {
    this.puts += 1;
    this.#frame = typeof body === 'string' ? body : frameOf(body as Buffer, 0, body.byteLength);
  }

  #noRows(): Error {
    return new Error('nobody follows plain rows by these streams');
  }
}

/** In memory of its own: a part of Node's pool would keep all of it, frames that are gone too. */
export function asciiBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
