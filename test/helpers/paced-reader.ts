import { connect, type Socket } from 'node:net';
import { type Ending, FrameReader, maskedFrame, OPCODES } from './frames.ts';

/** Read at once: little, so that a slow reader is slow, and not a fast one in steps. */
const READ_BYTES = 1024;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export interface PacedReaderOptions {
  readonly port: number;
  /** As in `readAt`, which changes it. */
  readonly bytesPerSecond: number;
  /** Sent as soon as the server has let it in. */
  readonly request: object;
  readonly subprotocol?: 'tickwell.v1.json' | 'tickwell.v1.bin';
  /** Called with each message, as it is read: text, or the bytes of a binary one. */
  readonly onMessage: (message: string | Buffer) => void;
}

/**
 * A client of the stream that reads its socket as slowly as it is told, or not at all.
 *
 * It answers pings when it comes to them, as every WebSocket does: behind all that came before.
 */
export class PacedReader {
  /** How it ended: as the server's close frame said; 1006 and why, if there was none. */
  readonly ended: Promise<Ending>;
  readonly #options: PacedReaderOptions;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #bytesPerSecond: number;
  #head: Buffer | undefined = Buffer.alloc(0);
  #next: NodeJS.Timeout | undefined;
  #end: (ending: Ending) => void = () => {};
  #readBytes = 0;
  #isMute = false;

  constructor(options: PacedReaderOptions) {
    this.#options = options;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const onread = {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (length: number, bytes: Uint8Array) => this.#read(Buffer.from(bytes), length),
    };
    this.#socket = connect({ port: options.port, host: '127.0.0.1', onread });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', ({ message }) => this.#end({ code: 1006, reason: message }));
    this.#socket.on('end', () => this.#end({ code: 1006, reason: 'end' }));
    this.#socket.on('close', () => clearTimeout(this.#next));
    this.#socket.write(handshake(options));
    this.readAt(options.bytesPerSecond);
  }

  get readBytes(): number {
    return this.#readBytes;
  }

  /** From now on so many bytes a second: 0 for none, Infinity for all there are. */
  readAt(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    clearTimeout(this.#next);
    if (bytesPerSecond > 0) this.#socket.resume();
    else this.#socket.pause();
  }

  /** From now on it only listens: to write to a connection that broke would end its reading, too. */
  mute(): void {
    this.#isMute = true;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#end({ code: 1006, reason: 'destroyed' });
  }

  /** Takes what was read; false if that is all for now. */
  #read(buffer: Buffer, length: number): boolean {
    const bytes = Buffer.from(buffer.subarray(0, length));
    this.#readBytes += length;
    if (this.#head === undefined) this.#take(bytes);
    else this.#takeHead(bytes);
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return true;
    if (this.#bytesPerSecond > 0) {
      const waitMs = (length / this.#bytesPerSecond) * 1000;
      this.#next = setTimeout(() => this.#socket.resume(), waitMs);
    }
    return false;
  }

  /** The answer to the handshake, and what may come behind it. */
  #takeHead(bytes: Buffer): void {
    const head = Buffer.concat([this.#head!, bytes]);
    const end = head.indexOf('\r\n\r\n');
    this.#head = end < 0 ? head : undefined;
    if (end < 0) return;
    const [status] = head.toString('latin1').split('\r\n');
    if (!status.startsWith('HTTP/1.1 101 ')) {
      this.#end({ code: 1006, reason: status });
      this.#socket.destroy();
      return;
    }
    this.#send(OPCODES.text, Buffer.from(JSON.stringify(this.#options.request)));
    this.#take(head.subarray(end + 4));
  }

  #take(bytes: Buffer): void {
    for (const { opcode, payload } of this.#frames.push(bytes)) {
      switch (opcode) {
        case OPCODES.text:
          this.#options.onMessage(payload.toString());
          break;
        case OPCODES.binary:
          this.#options.onMessage(payload);
          break;
        case OPCODES.ping:
          this.#send(OPCODES.pong, payload);
          break;
        case OPCODES.close:
          this.#end({
            code: payload.length < 2 ? 1005 : payload.readUInt16BE(),
            reason: payload.toString('utf8', 2),
          });
          this.#send(OPCODES.close, payload);
          this.#isMute = true;
          this.#socket.end();
          break;
        default:
      }
    }
  }

  #send(opcode: number, payload: Buffer): void {
    if (!this.#isMute) this.#socket.write(maskedFrame(opcode, payload));
  }
}

function handshake({ port, subprotocol }: PacedReaderOptions): string {
  return [
    'GET /v1/stream HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${KEY}`,
    `sec-websocket-protocol: ${subprotocol ?? 'tickwell.v1.json'}`,
    '\r\n',
  ].join('\r\n');
}
