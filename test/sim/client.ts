import {
  type CandlesWanted,
  candlesWantedOf,
  cutOf,
  tradesWantedOf,
  wantedOf,
} from '../../src/core/history/wanted.ts';
import { DTYPES } from '../../src/core/market/dtype.ts';
import { type CandleField, FIELDS } from '../../src/core/market/fields.ts';
import type { Connection } from '../../src/delivery/connection.ts';
import { Outlet } from '../../src/delivery/outlet.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { type Encoding, encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { SseStream } from '../../src/protocols/tickwell/sse/sse-stream.ts';
import { SseTransport } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import type { VirtualClock } from './clock.ts';
import { resolutionOf } from './cuts.ts';
import { type Decoder, EventDecoder, type Message, SocketDecoder } from './decode.ts';
import { Pipe, type PipeOptions } from './pipe.ts';
import { must, type Reader, type Reading } from './reader.ts';
import type { SimulatedServer } from './server.ts';
import { simulatedResponse, simulatedSocket, type Watcher } from './sockets.ts';

/** Requests that are no subscriptions have ids from here on. */
export const FIRST_REQUEST_ID = 1000;
/** A WebSocket frame's own head, and the most that one control message takes. */
const HEAD_BYTES = 10;

/** One connection of a client, watched from both ends. */
export class SimulatedClient implements Watcher {
  readonly server: SimulatedServer;
  readonly encoding: Encoding;
  readonly reader: Reader;
  readonly connection: Connection;
  readonly pipe: Pipe;
  /** Reads and answers by itself whatever comes, after every row. */
  readonly isPrompt: boolean;
  /** Pings that were read; their pongs have not been sent yet. */
  readonly pongs: number[] = [];
  closeCode: number | undefined;
  /** Whether the client too knows that the connection is gone. */
  isLost = false;
  readonly #clock: VirtualClock;
  readonly #limits: SimulatedServer['hub']['service']['limits'];
  readonly #decoder: Decoder;
  /** The head at each write that has not been read. */
  readonly #heads: { readonly head: number; readonly isMoving: boolean }[] = [];
  /** Pings on their way: number, and the bytes sent before. */
  readonly #pings = new Map<number, number>();
  #sentBytes = 0;
  /** Of notes that go before rows: that some were skipped, which market id they have. */
  #skippedBytes = 0;
  #answeredBytes = 0;
  /** Of the largest message there was. */
  #mostBytes = 0;
  #movedMs: number;

  constructor(
    server: SimulatedServer,
    reader: Reader,
    encoding: Encoding,
    options: PipeOptions & { readonly isPrompt: boolean; readonly ip: string },
    clock: VirtualClock,
    reading?: Reading,
  ) {
    const { hub } = server;
    this.server = server;
    this.encoding = encoding;
    this.reader = reader;
    this.isPrompt = options.isPrompt;
    this.#clock = clock;
    this.#limits = hub.service.limits;
    this.#movedMs = clock.steadyMs;
    this.pipe = new Pipe(options);
    this.#decoder = encoding === 'events' ? new EventDecoder() : new SocketDecoder();
    const address = hub.service.addresses.of(options.ip);
    if (encoding === 'events') {
      const { fields, columns, delivery, cut, isOfTrades } = reading!;
      const rows = isOfTrades === true ? tradesWantedOf(columns) : wantedOf(fields, columns);
      const cursor = reading!.cursor ?? server.head;
      const response = simulatedResponse(this.pipe, this);
      this.connection = new SseStream(hub, {
        encoder: encodersOf(hub).events,
        outlet: new Outlet(hub, new SseTransport(response, server.chunks)),
        address,
        wanted: cut === undefined ? rows : this.#candlesOf(reading!),
        cursor,
        delivery,
        named: reading!.market,
      });
    } else {
      const outlet = new SocketOutlet(hub, simulatedSocket(this.pipe, this));
      this.connection = new StreamConnection(hub, outlet, address, encodersOf(hub)[encoding]);
    }
    hub.add(this.connection);
    if (encoding === 'events') hub.drained(this.connection);
  }

  /** As the route makes it of a request. */
  #candlesOf({ fields, columns, cut }: Reading): CandlesWanted {
    const { grid } = this.server.feed.market;
    const asked = cutOf(grid, resolutionOf(cut!), cut!.everyRows);
    return candlesWantedOf(fields as readonly CandleField[], columns, asked);
  }

  get isOpen(): boolean {
    return this.closeCode === undefined;
  }

  /** Whether nobody has answered what the server asked last. */
  get owesPong(): boolean {
    return this.#pings.size > 0;
  }

  send(message: object): void {
    if (this.connection instanceof StreamConnection)
      this.connection.receive(JSON.stringify(message));
  }

  /** The kernel takes some of what the server holds for it. */
  take(bytes: number): void {
    if (this.pipe.take(bytes) && this.isOpen) this.server.hub.drained(this.connection);
  }

  /** Reads so many bytes; gives how many there were. */
  read(bytes: number): number {
    let count = 0;
    if (this.isLost) return count;
    for (const piece of this.pipe.read(bytes)) {
      count += piece.byteLength;
      for (const message of this.#decoder.push(piece)) this.#took(message);
    }
    return count;
  }

  /** Sends so many of the pongs that are due. */
  pong(count: number): void {
    for (const number of this.pongs.splice(0, count)) {
      if (!this.isOpen) return;
      const before = this.#pings.get(number);
      must(before !== undefined, 'a ping is answered once');
      // A pong answers those before it too.
      for (const [older, bytes] of this.#pings) if (bytes <= before) this.#pings.delete(older);
      this.#answeredBytes = before;
      this.#movedMs = this.#clock.steadyMs;
      (this.connection as StreamConnection).ponged(number);
    }
  }

  /** Does all that an attentive client does; gives whether there was anything to do. */
  attend(): boolean {
    const { bufferedBytes } = this.pipe;
    this.take(Number.MAX_SAFE_INTEGER);
    const bytes = this.read(Number.MAX_SAFE_INTEGER);
    const pongs = this.pongs.length;
    this.pong(pongs);
    return bufferedBytes > 0 || bytes > 0 || pongs > 0;
  }

  /** The connection is gone, after so many more bytes. */
  cut(bytes: number): void {
    this.read(bytes);
    this.closeCode ??= 1006;
    this.isLost = true;
    this.server.hub.remove(this.connection);
  }

  wrote(bytes: Uint8Array, bytesOnWire: number): void {
    must(this.isOpen, 'nothing is written to a socket that is closed');
    const { head, feed } = this.server;
    this.#heads.push({ head, isMoving: feed.next > head });
    if (isControl(bytes, this.encoding)) {
      // A ping behind the note that rows were skipped.
      if (this.#skippedBytes > 0) this.#skippedBytes += bytesOnWire;
      return;
    }
    const { written } = this.server;
    written.rows += rowsIn(bytes, this.encoding, this.server.feed.market.grid.intervalMs);
    written.candles += candlesIn(bytes, this.encoding);
    written.trades += tradesIn(bytes, this.encoding);
    written.frames += 1;
    written.bytes += bytes.byteLength;
    this.#checkRoom(bytes, bytesOnWire);
    this.#sentBytes += bytes.byteLength;
  }

  pinged(number: number): void {
    this.#pings.set(number, this.#sentBytes);
  }

  closed(code: number): void {
    this.closeCode = code;
    const { stallMs, pongMs } = this.#limits;
    const idleMs = this.#clock.steadyMs - this.#movedMs;
    if (code === 4001) must(idleMs >= stallMs && this.owesPong, `stalled after ${idleMs} ms`);
    if (code === 4002) must(idleMs >= pongMs && this.owesPong, `no pong for ${idleMs} ms`);
  }

  /**
   * Whatever is to be said waits while the client has as much to read as it may. Room was kept for
   * answers that were being made: they come on top of no more than that.
   */
  #checkRoom(bytes: Uint8Array, bytesOnWire: number): void {
    const kind = this.#kindOf(bytes);
    const skipped = this.#skippedBytes;
    const isNote = kind === 'skipped' || kind === 'market';
    this.#skippedBytes = isNote ? skipped + bytesOnWire : 0;
    // What goes before an answer is a part of it: the answer comes at once, and is looked at.
    if (kind === 'bye' || (kind === 'market' && this.#isOfAnswer(bytes))) return;
    const { maxUnreadBytes } = this.#limits;
    this.#mostBytes = Math.max(this.#mostBytes, skipped + bytes.byteLength);
    const inFlight =
      this.encoding === 'events' ? 0 : this.#sentBytes - this.#answeredBytes - skipped;
    const isAnswer = kind === 'answer';
    const most = isAnswer ? this.#mostBefore(bytes.byteLength) : maxUnreadBytes;
    const buffered = isAnswer ? 0 : this.pipe.bufferedBytes - skipped;
    must(buffered <= most, `a message (${kind}) waits while ${buffered} bytes are buffered`);
    must(inFlight <= most, `a message (${kind}) waits while ${inFlight} bytes are in flight`);
  }

  /** What may be unread before an answer of so many bytes. */
  #mostBefore(bytes: number): number {
    const { maxUnreadBytes } = this.#limits;
    // No more than half is kept for answers: of messages larger than that, there may be two.
    const half = maxUnreadBytes / 2;
    return Math.max(maxUnreadBytes + this.#mostBytes - bytes, half + this.#mostBytes);
  }

  #kindOf(bytes: Uint8Array): string {
    const { type } = messageIn(bytes, this.encoding);
    const isAnswer = (type === 'candles' || type === 'rows') && this.#isOfAnswer(bytes);
    return isAnswer ? 'answer' : type;
  }

  /** Whether a message is of a request that is no subscription. */
  #isOfAnswer(bytes: Uint8Array): boolean {
    return (messageIn(bytes, this.encoding).id ?? 0) >= FIRST_REQUEST_ID;
  }

  #took(message: Message): void {
    const written = this.#heads.shift();
    must(written !== undefined, 'what is read was written');
    if (message.type === 'PING') this.pongs.push(message.number);
    if (message.type === 'rows' && message.until > message.since) this.#checkSize(message);
    if (message.final !== undefined) this.#checkCandles(message, written.isMoving);
    this.reader.take(message, written.head);
  }

  /**
   * A candle forms at the head, unless it is read first, while other rows come: with sums, or with
   * rows that are no longer in memory, as all may be while the head moves. A frame holds one candle,
   * or no more bytes than it may.
   */
  #checkCandles({ isBinary, ...message }: Message, isMoving: boolean): void {
    const { time, open, volume, trades, final, lag } = message;
    const isMany = lag * open.length > 2 ** 15;
    const isRead = volume ?? trades ?? (isMany || lag >= this.server.feed.market.spec.capacity);
    must(final || lag === 0 || isRead || isMoving, 'one forms at the head', message as Message);
    if (time.length === 1) return;
    const values = open.length * time.length;
    const { dtype } = this.server.feed.market.spec;
    const sums = [volume, trades].filter((lists) => lists !== undefined).length;
    const bytes = isBinary
      ? 40 + 8 * time.length + values * (4 * DTYPES[dtype].bytes + 8 * sums)
      : JSON.stringify(message).length;
    must(bytes <= this.#limits.frameBytes + HEAD_BYTES, `a frame is short, not ${bytes} bytes`);
  }

  /** A frame holds one row, or no more bytes than a frame may. */
  #checkSize(message: Message): void {
    const { since, until, isBinary, lag } = message;
    if (until - since <= this.server.feed.market.grid.intervalMs) return;
    const said = isBinary ? FIELDS : (['prices', ...FIELDS] as const);
    const lists = said.flatMap((name) => (message[name] === undefined ? [] : [message[name]]));
    const bytes = isBinary
      ? 40 + lists.reduce((sum, columns) => sum + columns.length * columns[0].byteLength, 0)
      : JSON.stringify({ lists, lag }).length;
    must(bytes <= this.#limits.frameBytes + HEAD_BYTES, `a frame is short, not ${bytes} bytes`);
  }
}

/** How many candles of a stream a message holds. */
function candlesIn(bytes: Uint8Array, encoding: Encoding): number {
  const { type, id } = messageIn(bytes, encoding);
  if (type !== 'candles' || id! >= FIRST_REQUEST_ID) return 0;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'binary') return frame.readUInt32LE((frame[1] === 126 ? 4 : 2) + 24);
  return /"time":\[([^\]]*)\]/.exec(frame.toString('latin1'))![1].split(',').length;
}

/** How many trades a message holds. */
function tradesIn(bytes: Uint8Array, encoding: Encoding): number {
  if (messageIn(bytes, encoding).type !== 'trades') return 0;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = frame[1] === 127 ? 10 : frame[1] === 126 ? 4 : 2;
  if (encoding === 'binary') return frame.readUInt32LE(start + 24);
  const sides = /"side":\[(.*)\]\}/.exec(frame.toString('latin1'))![1];
  return [...sides.matchAll(/\d/g)].length;
}

function isControl(bytes: Uint8Array, encoding: Encoding): boolean {
  return encoding !== 'events' && (bytes[0] & 8) === 8;
}

interface MessageIn {
  readonly type: string;
  /** Of the subscription or fetch. */
  readonly id?: number;
}

/** How many rows a message holds. */
function rowsIn(bytes: Uint8Array, encoding: Encoding, intervalMs: number): number {
  if (messageIn(bytes, encoding).type !== 'rows') return 0;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'binary') return frame.readUInt32LE((frame[1] === 126 ? 4 : 2) + 24);
  const text = frame.toString('latin1', 0, 140);
  const [, since, until] = /"since":(-?\d+),"until":(-?\d+)/.exec(text)!;
  return (Number(until) - Number(since)) / intervalMs;
}

/** What is known of a message without taking it apart. */
function messageIn(bytes: Uint8Array, encoding: Encoding): MessageIn {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'events') {
    const start = frame.toString('latin1', 0, 60);
    if (start.startsWith('event: candles')) return { type: 'candles', id: 0 };
    if (start.startsWith('event: trades')) return { type: 'trades', id: 0 };
    if (start.startsWith('id: ')) return { type: 'rows', id: 0 };
    return { type: /(?:^|\n)event: (\w+)/.exec(start)![1] };
  }
  const start = frame[1] === 127 ? 10 : frame[1] === 126 ? 4 : 2;
  if (frame[0] === 0x82) {
    const type = ({ 3: 'candles', 4: 'trades' } as const)[frame[start + 2]!] ?? 'rows';
    return { type, id: frame.readUInt32LE(start + 4) };
  }
  const text = frame.toString('latin1', start, start + 40);
  const [, type, id] = /^\{"type":"(\w+)"(?:,"id":(\d+))?/.exec(text)!;
  return { type, ...(id === undefined ? {} : { id: Number(id) }) };
}
