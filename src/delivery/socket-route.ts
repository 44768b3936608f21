import type { IncomingMessage } from 'node:http';
import type { Address } from '../host/budgets/addresses.ts';
import type { Guest } from './connection.ts';
import type { SocketOutlet } from './socket-outlet.ts';

/** What a route gets with each client that it is opened for. */
export interface Opened {
  /** The one way to the client: nothing is sent but through it, so all of it is counted. */
  readonly outlet: SocketOutlet;
  /** Calls `listener` with each message of the client. Pings and pongs are the house's. */
  readonly onMessage: (listener: (data: Buffer, isBinary: boolean) => void) => void;
  /** That of those of the route which the client chose; empty if it chose none. */
  readonly subprotocol: string;
  readonly address: Address;
  readonly request: IncomingMessage;
}

/** Who is told to go at once, and when to come back. */
export interface Bye {
  /** Of `CLOSE_CODES`. */
  readonly code: number;
  readonly reason: string;
  readonly retryAfterMs: number;
}

/**
 * Where a protocol takes WebSockets in. Who may come, what it pays, how many there may be, pings
 * and the end are the house's affair, as they are for all.
 */
export interface SocketRoute {
  readonly path: string;
  /** Of `Sec-WebSocket-Protocol`: a client gets its first choice of them. None by default. */
  readonly subprotocols?: readonly string[];
  /** Throws what is wrong with a request, beside what is for all: unknown parameters, say. */
  check?(request: IncomingMessage): void;
  /** What a client is told that cannot be taken in, before its socket is closed. */
  goodbye?(bye: Bye): string;
  /**
   * Begins to speak with a client. Gives its connection; without one it is counted, paid message by
   * message, kept alive and closed as every other, and no rows are sent to it by the hub.
   */
  open(opened: Opened): SocketConnection | undefined;
}

/** A connection by WebSocket that understands its client by itself. */
export interface SocketConnection extends Guest {
  /** A ping of the client, which nobody else answers. */
  pinged(payload: Uint8Array): void;
  /** A pong with the number of a ping, or -1. */
  ponged(number: number): void;
}
