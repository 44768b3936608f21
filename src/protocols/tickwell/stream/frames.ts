import type { Lists } from '../../../core/market/columns.ts';
import type { Field } from '../../../core/market/fields.ts';
import { finish } from '../../../core/market/finish.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Format } from '../../../host/budgets/writing-cost.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytesInSteps } from '../../../wire/binary.ts';
import { rowsMessageHeadJson, valuesJsonInSteps } from '../../../wire/json.ts';

/** How the rows of a connection are written: WebSocket text, WebSocket bytes, an event stream. */
export type Encoding = 'json' | 'binary' | 'events';

/** What writing it costs is known of this format. */
export function formatOf(encoding: Encoding): Format {
  return encoding === 'binary' ? 'bin' : 'json';
}

/** Which rows a body holds, and how. */
export interface BodyOf {
  readonly encoding: Encoding;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  /** Equal for the same fields of the same columns in the same order. */
  readonly wantedKey: string;
  /** The rows `[cursor, next)`. */
  readonly cursor: number;
  readonly next: number;
}

/** Which body a frame holds, for whom, and how far behind the head. */
export interface FrameOf extends BodyOf {
  readonly id: number;
  readonly head: number;
}

/** Bodies that are kept for the next reader who needs the same range, and all that each takes. */
const CACHE_BYTES = 4 * 2 ** 20;
/** A key, an entry of a map, a buffer: more than the prices of a row of one instrument. */
const ENTRY_BYTES = 512;
export const TEXT = 0x81;
export const BINARY = 0x82;
const PING = 0x89;
const PONG = 0x8a;

/**
 * Rows as the bytes that go to a socket, made once for all who need the same.
 *
 *     frame = head (id, range, lag) + body (prices)
 *
 * A body depends on the columns and the range alone, and rows never change: it is kept and shared
 * by readers with other ids, and by those who catch up over the same rows later. Whole frames are
 * shared by those who need them in the same turn. None is a view of the ring.
 */
export class Frames {
  readonly #market: Market;
  /** The least recently used first. */
  readonly #bodies = new Map<string, Uint8Array>();
  #bodyBytes = 0;
  readonly #frames = new Map<string, Buffer>();

  constructor(market: Market) {
    this.#market = market;
  }

  /** The frame, if it or its body is at hand. */
  get(of: FrameOf): Buffer | undefined {
    const key = frameKey(of);
    const frame = this.#frames.get(key);
    if (frame !== undefined) return frame;
    const body = this.bodyOf(of);
    return body === undefined ? undefined : this.#frame(key, of, body);
  }

  /** The body, if it is at hand. */
  bodyOf(of: BodyOf): Uint8Array | undefined {
    const key = bodyKey(of);
    const body = this.#bodies.get(key);
    if (body === undefined) return undefined;
    this.#bodies.delete(key);
    this.#bodies.set(key, body);
    return body;
  }

  /** The frame of rows that have been read, as `readRows` gives them: of few values, at once. */
  make(of: FrameOf, values: Lists): Buffer {
    return this.frameOf(of, finish(this.encode(of, values)));
  }

  /** The frame of a body that `encode` made of the same rows. */
  frameOf(of: FrameOf, body: Uint8Array): Buffer {
    return this.#frame(frameKey(of), of, body);
  }

  /** Makes the body of a frame, and keeps it for those who ask for it soon; yields often. */
  *encode(of: BodyOf, values: Lists): Generator<void, Uint8Array, void> {
    const { encoding, fields } = of;
    const body =
      encoding === 'binary'
        ? yield* valuesBytesInSteps(fields, values)
        : textBytes(yield* valuesJsonInSteps(fields, values));
    this.#keep(bodyKey(of), body);
    return body;
  }

  /** Forgets the whole frames: the next turn has another lag. */
  endTurn(): void {
    this.#frames.clear();
  }

  #frame(key: string, of: FrameOf, body: Uint8Array): Buffer {
    const frame = this.#framed(of, body);
    this.#frames.set(key, frame);
    return frame;
  }

  #framed(of: FrameOf, body: Uint8Array): Buffer {
    const { encoding, id, fields, columns, cursor, next, head } = of;
    const { grid, id: market, spec } = this.#market;
    const since = timeOf(grid, cursor - 1);
    const until = timeOf(grid, next - 1);
    const lagRows = Math.max(0, head - next);
    switch (encoding) {
      case 'json':
        return webSocketFrame(TEXT, [
          Buffer.from(rowsMessageHeadJson(id, since, until, lagRows), 'latin1'),
          body,
          CLOSING_BRACE,
        ]);
      case 'binary': {
        const rowsHead = new Uint8Array(ROWS_HEAD_BYTES);
        const [rows, { dtype }] = [next - cursor, spec];
        const about = { dtype, fields, rows, columns: columns.length };
        fillRowsHead(rowsHead, { ...about, id, since, until, lagRows });
        return webSocketFrame(BINARY, [rowsHead, body]);
      }
      case 'events': {
        const text = rowsEventHead(market, since, until, lagRows);
        return Buffer.concat([Buffer.from(text), body, Buffer.from(END_OF_EVENT)]);
      }
    }
  }

  #keep(key: string, body: Uint8Array): void {
    const known = this.#bodies.get(key);
    if (known !== undefined) this.#bodyBytes -= bytesOf(key, known);
    this.#bodyBytes += bytesOf(key, body);
    this.#bodies.set(key, body);
    if (this.#bodyBytes <= CACHE_BYTES) return;
    // A quarter at once: a map finds its oldest entry slowly when many before it were deleted.
    for (const [oldest, old] of this.#bodies) {
      if (this.#bodyBytes <= 0.75 * CACHE_BYTES) break;
      this.#bodies.delete(oldest);
      this.#bodyBytes -= bytesOf(oldest, old);
    }
  }
}

/** What it takes to keep a body. */
function bytesOf(key: string, body: Uint8Array): number {
  return ENTRY_BYTES + key.length + body.byteLength;
}

/** In memory of its own: a part of Node's pool would keep all of it, frames that are gone too. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}

const CLOSING_BRACE = Buffer.from('}');
export const END_OF_EVENT = '}\n\n';

/** An event of rows up to its values, which `valuesJson` and `END_OF_EVENT` complete. */
export function rowsEventHead(
  market: string,
  since: number,
  until: number,
  lagRows: number,
): string {
  return `id: ${market}.${until}\ndata: {"since":${since},"until":${until},"lag":${lagRows},`;
}

/** A message as a WebSocket frame of a server: final, unmasked. Source: RFC 6455, section 5.2. */
export function webSocketText(text: string): Buffer {
  return webSocketFrame(TEXT, [Buffer.from(text)]);
}

/** A ping whose pong will carry `number`, of 32 bits. */
export function webSocketPing(number: number): Buffer {
  const frame = Buffer.allocUnsafe(6);
  frame[0] = PING;
  frame[1] = 4;
  frame.writeUInt32BE(number, 2);
  return frame;
}

/** The answer to a ping with this payload. */
export function webSocketPong(payload: Uint8Array): Buffer {
  return webSocketFrame(PONG, [payload]);
}

function webSocketFrame(opcode: number, parts: readonly Uint8Array[]): Buffer {
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const head = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = opcode;
  if (head === 2) {
    frame[1] = bytes;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  let at = head;
  for (const part of parts) {
    frame.set(part, at);
    at += part.byteLength;
  }
  return frame;
}

/** JSON text is the same body for WebSockets and event streams. */
function bodyKey({ encoding, wantedKey, cursor, next }: BodyOf): string {
  return `${encoding === 'binary' ? 'b' : 't'} ${cursor} ${next} ${wantedKey}`;
}

function frameKey(of: FrameOf): string {
  return `${of.encoding} ${of.id} ${bodyKey(of)}`;
}
