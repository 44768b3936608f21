import type { Frame } from './encoder.ts';

/** Where bytes are written: a TCP socket is one. */
export interface Wire {
  /** Bytes handed over that the kernel has not taken yet. */
  readonly writableLength: number;
  write(frame: Frame, encoding: 'latin1'): unknown;
}

/** What an outlet needs of the way to a client: an answer of HTTP that does not end has it. */
export interface Transport {
  /** For frames of rows, until the connection is told that its socket is closing. */
  readonly wire: Wire;
  /** Hands over whole frames; they are sent as they are. */
  write(frames: Frame): void;
  /** Everything written until `uncork` goes out in one system call. */
  cork(): void;
  uncork(): void;
  close(code: number, reason: string): void;
}

/** The same of a WebSocket: `ws` has it, and so has a plain object in a test. */
export interface Socket extends Transport {
  /** Sends a ping whose pong will carry `number`. */
  ping(number: number): void;
  /** Does both, in one write: a ping by itself costs as much as the frame before it. */
  writeAndPing(frames: Frame, number: number): void;
}
