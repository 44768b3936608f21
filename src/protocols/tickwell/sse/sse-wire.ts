import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from '../../../delivery/encoder.ts';
import type { Transport, Wire } from '../../../delivery/socket.ts';

/** What stands around each chunk of an answer. */
const LINE_END = '\r\n';

/** Frames as chunks of HTTP, each made once for all who are sent the same one after the other. */
export class Chunks {
  #frame: Frame = '';
  #chunk: Frame = '';

  /** Source: RFC 9112, section 7.1. */
  of(frame: Frame): Frame {
    if (frame === this.#frame) return this.#chunk;
    const head = frame.length.toString(16) + LINE_END;
    this.#frame = frame;
    this.#chunk =
      typeof frame === 'string'
        ? head + frame + LINE_END
        : Buffer.concat([Buffer.from(head), frame, Buffer.from(LINE_END)]);
    return this.#chunk;
  }
}

/**
 * Frames to the socket of an answer, past the layers of HTTP that would put each together anew for
 * each reader: four small writes for every chunk.
 */
export class SseWire implements Wire {
  readonly #response: ServerResponse;
  readonly #chunks: Chunks;
  /** Whether its head is on the way. */
  #isBegun = false;

  constructor(response: ServerResponse, chunks: Chunks) {
    this.#response = response;
    this.#chunks = chunks;
  }

  get writableLength(): number {
    return this.#response.writableLength;
  }

  write(frame: Frame, encoding: 'latin1'): void {
    const response = this.#response;
    const { socket } = response;
    // It has none while answers before it are being sent. HTTP/1.0 knows no chunks.
    if (this.#isBegun && socket?.writable && response.chunkedEncoding) {
      socket.write(this.#chunks.of(frame), encoding);
    } else {
      response.write(frame, encoding);
    }
    this.#isBegun = true;
  }
}

/** An answer that does not end, as an outlet takes it. */
export class SseTransport implements Transport {
  readonly wire: SseWire;
  readonly #response: ServerResponse;
  /** An answer that ends has no socket any more, which goes on with the next. */
  #corked: Socket | null = null;

  constructor(response: ServerResponse, chunks: Chunks) {
    this.wire = new SseWire(response, chunks);
    this.#response = response;
  }

  write(frames: Frame): void {
    this.wire.write(frames, 'latin1');
  }

  cork(): void {
    this.#corked = this.#response.socket;
    this.#corked?.cork();
  }

  uncork(): void {
    this.#corked?.uncork();
    this.#corked = null;
  }

  /** Why has been said: HTTP has no word for it. */
  close(): void {
    this.#response.end();
  }

  cut(): void {
    const { socket } = this.#response;
    // Answers before it are still being sent.
    if (socket === null) this.#response.destroy();
    else socket.resetAndDestroy();
  }
}
