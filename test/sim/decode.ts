import { parseRows } from '../../src/wire/binary.ts';
import { type BinaryCandles, parseCandles } from '../../src/wire/binary-candles.ts';
import { parseDepth } from '../../src/wire/binary-depth.ts';
import { type BinaryTrades, parseTrades } from '../../src/wire/binary-trades.ts';
import { booksIn } from '../helpers/books.ts';
import { ChunkReader } from '../helpers/chunks.ts';
import { FrameReader, OPCODES } from '../helpers/frames.ts';

/** What came out at the client's end. */
// biome-ignore lint/suspicious/noExplicitAny: the reader checks what it is.
export type Message = any;

/** Takes bytes as they come and gives the messages that they complete. */
export interface Decoder {
  push(bytes: Uint8Array): Message[];
}

/** Of a WebSocket: messages, and `ping` and `close` as they stand in the bytes. */
export class SocketDecoder implements Decoder {
  readonly #frames = new FrameReader();

  push(bytes: Uint8Array): Message[] {
    const messages: Message[] = [];
    for (const { opcode, payload } of this.#frames.push(Buffer.from(bytes))) {
      messages.push(messageOf(opcode, payload));
    }
    return messages;
  }
}

function messageOf(opcode: number, payload: Buffer): Message {
  switch (opcode) {
    case OPCODES.text:
      return JSON.parse(payload.toString('utf8'));
    case OPCODES.binary: {
      const candles = parseCandles(Uint8Array.from(payload));
      if (candles !== undefined) return candlesMessage(candles);
      const books = parseDepth(Uint8Array.from(payload));
      if (books !== undefined) return { ...booksIn(books), type: 'depth', id: books.id };
      const trades = parseTrades(Uint8Array.from(payload));
      if (trades !== undefined) return tradesMessage(trades);
      const rows = parseRows(Uint8Array.from(payload));
      if (rows === undefined) throw new Error('a binary message must be whole');
      const values = rows.fields.map((field, n) => [field, rows.values[n]]);
      const named = Object.fromEntries(values);
      return { ...rows, ...named, type: 'rows', lag: rows.lagRows, isBinary: true };
    }
    case OPCODES.ping:
      return { type: 'PING', number: payload.readUInt32BE() };
    case OPCODES.close:
      return { type: 'CLOSE', code: payload.readUInt16BE() };
    default:
      throw new Error(`a server must not send opcode ${opcode}`);
  }
}

/** The same as the message in JSON. */
function candlesMessage({ lists, isFinal, lagRows, ...head }: BinaryCandles): Message {
  const { time, columns, values } = lists;
  const listsOf = (all: Float64Array) =>
    Array.from({ length: columns }, (_, n) => [
      ...all.subarray(n * time.length, (n + 1) * time.length),
    ]);
  const named = Object.entries(values).map(([name, all]) => [name, listsOf(all)]);
  const said = { ...head, ...Object.fromEntries(named), time };
  return { ...said, type: 'candles', lag: lagRows, final: isFinal, isBinary: true };
}

function tradesMessage({ lists, lagRows, ...head }: BinaryTrades): Message {
  const { first, counts, micros, prices, lots, sides } = lists;
  const [time, price, lot, side]: number[][][] = [[], [], [], []];
  let at = 0;
  for (const count of counts) {
    const own = { from: at, next: at + count };
    const of = (all: Float64Array | Uint8Array) => [...all.subarray(own.from, own.next)];
    time!.push(of(micros).map((us) => (head.since * 1000 + us) / 1000));
    price!.push(of(prices));
    lot!.push(of(lots));
    side!.push(of(sides));
    at = own.next;
  }
  const said = { first, time, price, lots: lot, side };
  return { ...head, ...said, type: 'trades', lag: lagRows, isBinary: true };
}

/** Of an event stream, in chunks: its events as the messages of a WebSocket's subscription 0. */
export class EventDecoder implements Decoder {
  readonly #chunks = new ChunkReader();
  #rest = '';

  push(bytes: Uint8Array): Message[] {
    const text = Buffer.concat([...this.#chunks.push(bytes)]).toString('latin1');
    const events = (this.#rest + text).split('\n\n');
    this.#rest = events.pop()!;
    return events.map((event) => {
      const fields = new Map<string, string>();
      for (const line of event.split('\n')) {
        const colon = line.indexOf(': ');
        fields.set(line.slice(0, colon), line.slice(colon + 2));
      }
      const type = fields.get('event') ?? 'rows';
      const data = JSON.parse(fields.get('data')!);
      return { ...data, type, id: 0, mark: fields.get('id') };
    });
  }
}
