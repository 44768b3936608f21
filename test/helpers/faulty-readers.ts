import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { webSocketBinary } from '../../src/host/websocket-frames.ts';
import type { Encoding } from '../../src/protocols/tickwell/encoders.ts';
import { type Message, SocketDecoder } from '../sim/decode.ts';

/** What a subscription may ask for beside symbols and since. */
export type Asked = Readonly<Record<string, string | number | readonly string[]>>;

/** What a reader was told: a row, or what is no message. */
export interface Heard {
  /** Its time; undefined of what cannot be read. */
  readonly until?: number;
  /**
   * Of each column what stands for its price: of rows, or the close of candles, or that of the last
   * trade; of quotes and books first the bids, then the asks. `null` where there is none.
   */
  readonly prices?: readonly unknown[];
  /** When candles begin, or trades were, one after the other. */
  readonly times?: readonly unknown[];
  /** What was to be a message. */
  readonly garbage?: string;
}

/** How a reader's connection ended. */
export interface End {
  /** The close code, if there was one. */
  readonly code?: number;
  /** Whether it was reset, or broke off in the middle. */
  readonly isBroken: boolean;
}

/** A reader of rows in one of our own encodings, who writes down all that comes. */
export class FaultyReader {
  readonly heard: Heard[] = [];
  /** The faults that it was told of at first. */
  faults: unknown;
  /** The time of the row before the first that it is told; undefined until it knows. */
  since: number | undefined;
  end: End | undefined;
  pongs = 0;
  #raw: Socket | undefined;
  readonly #changed = new EventEmitter();
  #ping: (() => void) | undefined;
  #close = () => {};

  /** `asked` is what it follows; rows of all symbols by default. */
  static open(url: string, encoding: Encoding, query = '', asked: Asked = {}): FaultyReader {
    const reader = new FaultyReader();
    if (encoding === 'events') reader.#openEvents(url, query, asked);
    else reader.#openSocket(url, encoding, query, asked);
    return reader;
  }

  /** Bytes that came. */
  get bytes(): number {
    return this.#raw?.bytesRead ?? 0;
  }

  /** Resolves when `check` is true of it. */
  async until(check: (reader: FaultyReader) => boolean): Promise<void> {
    while (!check(this)) await once(this.#changed, 'change');
  }

  /** Pings the server, if it can. */
  ping(): void {
    this.#ping?.();
  }

  close(): void {
    this.#close();
  }

  #note(): void {
    this.#changed.emit('change');
  }

  #openSocket(url: string, encoding: 'json' | 'binary', query: string, asked: Asked): void {
    const subscribe = { type: 'subscribe', id: 1, symbols: '*', since: 'now', ...asked };
    const name = encoding === 'json' ? 'tickwell.v1.json' : 'tickwell.v1.bin';
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream${query}`, name);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#takeBytes(data);
      else this.#takeText(data.toString(), () => socket.send(JSON.stringify(subscribe)));
      this.#note();
    });
    socket.on('upgrade', ({ socket: raw }) => {
      this.#raw = raw;
    });
    socket.on('pong', () => {
      this.pongs += 1;
      this.#note();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.end = code === 1006 ? { isBroken: true } : { code, isBroken: false };
      this.#note();
    });
    this.#ping = () => socket.ping();
    this.#close = () => socket.terminate();
  }

  #openEvents(url: string, query: string, wanted: Asked): void {
    const named = new URLSearchParams(
      Object.entries({ symbols: '*', since: 'now', ...wanted }).map(([name, value]) => [
        name,
        String(value),
      ]),
    );
    const since = `${query === '' ? '?' : `${query}&`}${named}`;
    let text = '';
    const asked = request(`${url}/v1/events${since}`, (answer) => {
      this.#raw = answer.socket;
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        const events = text.split('\n\n');
        text = events.pop()!;
        for (const event of events) this.#takeEvent(event);
        this.#note();
      });
      const ended = (isBroken: boolean) => {
        this.end ??= { isBroken };
        this.#note();
      };
      answer.on('end', () => ended(false));
      answer.on('error', () => ended(true));
      answer.on('close', () => ended(!answer.complete));
    });
    asked.on('error', () => {
      this.end ??= { isBroken: true };
      this.#note();
    });
    asked.end();
    this.#close = () => asked.destroy();
  }

  #takeEvent(event: string): void {
    const fields = new Map(
      event.split('\n').map((line) => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
    );
    const data = fields.get('data') ?? '';
    const type = fields.get('event') ?? 'rows';
    const message = parsed(data);
    if (message === undefined) this.heard.push({ garbage: data });
    else if (TOLD.includes(type)) this.heard.push(toldBy(message));
    else if (type === 'subscribed') {
      this.faults = message.faults;
      this.since = message.since;
    }
  }

  #takeText(text: string, greeted: () => void): void {
    const message = parsed(text);
    if (message === undefined) this.heard.push({ garbage: text });
    else if (TOLD.includes(message.type)) this.heard.push(toldBy(message));
    else if (message.type === 'hello') {
      this.faults = message.faults;
      greeted();
    } else if (message.type === 'subscribed') this.since = message.since;
  }

  #takeBytes(data: Buffer): void {
    try {
      const [message] = new SocketDecoder().push(webSocketBinary(data));
      this.heard.push(toldBy(message));
    } catch {
      this.heard.push({ garbage: data.toString('hex') });
    }
  }
}

const TOLD = ['rows', 'candles', 'trades', 'depth'];

/** What of a message, or of the data of an event, can be struck. */
function toldBy(message: Message): Heard {
  const { until, prices, last, close, price, bid, ask, bids, asks, time } = message;
  const one = prices ?? last ?? close ?? price;
  const newest = (lists: ArrayLike<unknown>[] = []) =>
    Array.from(lists, (list) => Array.from(list).at(-1) ?? null);
  const best = (sides: unknown[][][] = []) => sides.map((levels) => levels[0]?.[0] ?? null);
  return {
    until,
    prices:
      one === undefined
        ? [bid, ask].flatMap(newest).concat([bids, asks].flatMap(best))
        : newest(one),
    ...(time === undefined ? {} : { times: [...time].flat() }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: it may be anything.
function parsed(text: string): any {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
