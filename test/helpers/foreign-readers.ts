import { EventEmitter, once } from 'node:events';
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import type { StreamWay } from './expressible.ts';

/** A message that a client of another protocol was told, or what was to be one. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Told = any;

/** Where the price of a column stands in a message. */
export interface PlaceOfPrice {
  readonly column: number;
  readonly field: 'last' | 'bid' | 'ask';
  readonly at: readonly (string | number)[];
}

/** A stream of another protocol, and where it says prices and times. */
export interface ForeignStream {
  readonly name: string;
  /** The way that it is of. */
  readonly way: StreamWay;
  readonly path: string;
  readonly isPacked?: boolean;
  /** What a client says, after each that it has to wait for. */
  readonly asks: readonly object[];
  /** Words that come before it is told of rows. */
  readonly words: number;
  /** Whether there are rows of which it tells nothing. */
  readonly isSparse?: boolean;
  /** Whether a message tells of rows. */
  isTold(message: Told): boolean;
  /** The time of the newest row that a message tells of, if nothing is done to it. */
  timeOf(message: Told): number;
  /** Where the prices stand that are struck; `isLast` of the last message of its row. */
  placesOf(message: Told, isLast: boolean): readonly PlaceOfPrice[];
  /** A time as it stands there, so much later. */
  later(time: Told, ms: number): Told;
  /** A message without what differs from client to client. */
  clean?(message: Told): Told;
  /** Where times stand. */
  readonly times: readonly (readonly (string | number)[])[];
}

/** How a connection ended. */
export interface End {
  readonly code: number;
}

/** A client of such a stream, with all that it was told of rows. */
export class ForeignReader {
  readonly told: Told[] = [];
  /** Answers to what it asked, and words. */
  readonly words: Told[] = [];
  end: End | undefined;
  pongs = 0;
  isOpen = false;
  readonly #socket: WebSocket;
  readonly #changed = new EventEmitter();

  constructor(url: string, stream: ForeignStream, prefix = '') {
    const headers = stream.isPacked === true ? { 'content-type': 'application/msgpack' } : {};
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}${prefix}${stream.path}`, {
      headers,
    });
    const asks = [...stream.asks];
    const ask = () => {
      const next = asks.shift();
      if (next === undefined) return;
      this.#socket.send(stream.isPacked === true ? encode(next) : JSON.stringify(next));
    };
    this.#socket.on('open', () => {
      this.isOpen = true;
      ask();
      this.#changed.emit('change');
    });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      const messages = read(data, isBinary);
      for (const one of messages) {
        if (one.garbage !== undefined) this.told.push(one);
        else if (stream.isTold(one)) this.told.push(stream.clean?.(one) ?? one);
        else {
          this.words.push(one);
          // A greeting is no answer.
          if (one.msg !== 'connected') ask();
        }
      }
      this.#changed.emit('change');
    });
    this.#socket.on('pong', () => {
      this.pongs += 1;
      this.#changed.emit('change');
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', (code) => {
      this.end = { code };
      this.#changed.emit('change');
    });
  }

  async until(check: (reader: ForeignReader) => boolean): Promise<void> {
    while (!check(this)) await once(this.#changed, 'change');
  }

  /** Says something beside what its stream asks. */
  say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  ping(): void {
    this.#socket.ping();
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** The messages of one of the socket; what cannot be read is garbage. */
function read(data: Buffer, isBinary: boolean): Told[] {
  try {
    const value: unknown = isBinary ? decode(data) : JSON.parse(String(data));
    const list = Array.isArray(value) ? value : [value];
    if (list.every((one) => typeof one === 'object' && one !== null)) return list;
  } catch {
    // It is said below.
  }
  return [{ garbage: isBinary ? data.toString('hex') : String(data) }];
}
