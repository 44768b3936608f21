import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FrameReader, OPCODES } from './frames.ts';

export type Bytes = string | Uint8Array;

/** Text as the bytes of its characters: `\xff` is one byte. */
export function bytesOf(bytes: Bytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
}

export interface FrameParts {
  /** The first byte: FIN, RSV1 to RSV3, opcode. */
  readonly first: number;
  readonly payload?: Bytes;
  /** As a client must; not, for a frame that is wrong. */
  readonly isMasked?: boolean;
  /** Bytes of the length beside the second byte; as few as can be, unless said. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** The length as it is written; that of the payload, unless said. */
  readonly length?: bigint;
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A WebSocket frame of a client, as right or wrong as asked for. Source: RFC 6455, section 5.2. */
export function rawFrame(parts: FrameParts): Buffer {
  const { first, isMasked = true } = parts;
  const payload = bytesOf(parts.payload ?? '');
  const length = parts.length ?? BigInt(payload.length);
  const lengthBytes = parts.lengthBytes ?? (length < 126n ? 0 : length < 65_536n ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = first;
  head[1] = lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) head.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(length, 2);
  if (!isMasked) return Buffer.concat([head, payload]);
  head[1] |= 0x80;
  return Buffer.concat([head, MASK, payload.map((byte, at) => byte ^ MASK[at % 4]!)]);
}

export const text = (payload: Bytes) => rawFrame({ first: 0x81, payload });
export const json = (message: object) => text(Buffer.from(JSON.stringify(message)));

/** An HTTP answer, as it stands in the bytes. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A frame of a server, as a test compares it: a message, or what it controls. */
export type Heard =
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  | { readonly message: any }
  | { readonly binary: Buffer }
  | { readonly close: readonly [code: number, reason: string] }
  | { readonly ping: string }
  | { readonly pong: string };

/** A TCP connection to a server, whose bytes the test writes itself. */
export class RawClient {
  /** Resolves when the connection is gone, with what ended it. */
  readonly closed: Promise<'end' | 'reset'>;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #heard: Heard[] = [];
  #bytes = Buffer.alloc(0);
  #isStream = false;
  #hasEnded = false;
  #changed = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      if (this.#isStream) this.#read();
      this.#changed();
    });
    let end: 'end' | 'reset' = 'end';
    this.#socket.on('error', () => {
      end = 'reset';
    });
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#hasEnded = true;
        this.#changed();
        resolve(end);
      });
      this.#socket.on('end', () => {
        this.#hasEnded = true;
        this.#socket.end();
        this.#changed();
      });
    });
  }

  /** Whether the server has hung up. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that came and are no frames. */
  get received(): number {
    return this.#bytes.length;
  }

  /** Writes each piece by itself, so that the server reads them one by one. */
  async write(...pieces: readonly Bytes[]): Promise<void> {
    for (const piece of pieces) {
      if (this.#socket.writable) this.#socket.write(bytesOf(piece));
      await nextTurn();
    }
  }

  /** Hangs up in order (FIN); what the server still says is read. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** All that came until the server hung up, as HTTP answers. */
  async answers(): Promise<RawAnswer[]> {
    await this.closed;
    return parseAnswers(this.#bytes);
  }

  /** The head of the answer to a handshake; what follows it are frames. */
  async shakeHands(handshake: Bytes): Promise<RawAnswer> {
    await this.write(handshake);
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      const isUpgraded = end >= 0 && this.#bytes.toString('latin1', 0, 13) === 'HTTP/1.1 101 ';
      if (isUpgraded) {
        const [answer] = parseAnswers(this.#bytes.subarray(0, end + 4));
        this.#bytes = this.#bytes.subarray(end + 4);
        this.#isStream = true;
        this.#read();
        return answer!;
      }
      if (this.#hasEnded) {
        const [answer] = await this.answers();
        if (answer === undefined) throw new Error('a handshake is answered; given: nothing');
        return answer;
      }
      await this.#change();
    }
  }

  /** The next frame; undefined when the server has hung up. */
  async next(): Promise<Heard | undefined> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard !== undefined || this.#hasEnded) return heard;
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #read(): void {
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    for (const { opcode, payload } of this.#frames.push(bytes)) {
      this.#heard.push(heardOf(opcode, payload));
    }
  }
}

function heardOf(opcode: number, payload: Buffer): Heard {
  switch (opcode) {
    case OPCODES.text:
      return { message: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) };
    case OPCODES.binary:
      return { binary: payload };
    case OPCODES.close:
      if (payload.length === 0) return { close: [1005, ''] };
      return { close: [payload.readUInt16BE(0), payload.toString('utf8', 2)] };
    case OPCODES.ping:
      return { ping: payload.toString('latin1') };
    case OPCODES.pong:
      return { pong: payload.toString('latin1') };
    default:
      throw new Error(`a server sends no opcode ${opcode}`);
  }
}

/** The HTTP answers in `bytes`, one after the other, each of its own stated length. */
export function parseAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`an answer has a head; given: ${bytes.subarray(at)}`);
    const [line = '', ...fields] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (!(status >= 100)) throw new Error(`an answer begins with its status; given: ${line}`);
    const headers: Record<string, string> = {};
    for (const field of fields) {
      const colon = field.indexOf(':');
      headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim();
    }
    at = end + 4;
    const length = headers['content-length'];
    const stop = length === undefined ? (status < 200 ? at : bytes.length) : at + Number(length);
    if (stop > bytes.length) throw new Error('an answer is as long as it says; given: less');
    answers.push({ status, headers, body: bytes.toString('utf8', at, stop) });
    at = stop;
  }
  return answers;
}
