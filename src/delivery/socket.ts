import type { Faults } from '../core/faults/profile.ts';
import type { Frame } from './encoder.ts';
import type { Told } from './faulty/told.ts';

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
  /** Hands over whole frames; they are sent as they are, but on a faulty way, by what they tell. */
  write(frames: Frame, told?: Told): void;
  /** Everything written until `uncork` goes out in one system call. */
  cork(): void;
  uncork(): void;
  close(code: number, reason: string): void;
  /** Resets the connection, without a word. */
  cut(): void;
  /** What is done to what goes this way; undefined on one without faults. */
  readonly faulty?: FaultyWay;
}

/** A way to a client on which rows and the connection are struck. */
export interface FaultyWay {
  readonly faults: Faults;
  /** Whether no byte goes any more: what comes is not heard either. */
  readonly isDead: boolean;
  /** Whether bytes wait by a fault, and not because the client does not read. */
  readonly isHolding: boolean;
  /** Has `hasRoom` called when so much has been sent that there is room again. */
  onRoom(hasRoom: () => void): void;
  /** It has come to row `next`: those before strike it, although no message may tell of them. */
  rowsCame(next: number): void;
  /** The kernel has taken bytes. */
  drained(): void;
  /** The connection is gone. */
  ended(): void;
}

/** The same of a WebSocket: `ws` has it, and so has a plain object in a test. */
export interface Socket extends Transport {
  /** Sends a ping whose pong will carry `number`. */
  ping(number: number): void;
  /** Does both, in one write: a ping by itself costs as much as the frame before it. */
  writeAndPing(frames: Frame, number: number, told?: Told): void;
  /** Sends a control frame that waits for nothing: a pong. */
  control(frame: Frame): void;
}
