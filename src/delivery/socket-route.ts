import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Address } from '../host/budgets/addresses.ts';
import type { Guest } from './connection.ts';
import type { Socket } from './socket.ts';

/** What a route gets with each client that it is opened for. */
export interface Opened {
  /** For messages: those of the client come out of it. Pings and pongs are the house's. */
  readonly webSocket: WebSocket;
  /** For whole frames, past `webSocket`. */
  readonly socket: Socket;
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
  /** Says goodbye to a client that cannot be taken in; its socket is then closed. */
  turnAway?(webSocket: WebSocket, bye: Bye): void;
  /**
   * Begins to speak with a client. Gives its connection; without one it is counted, paid message by
   * message, kept alive and closed as every other, and no rows are sent to it by the hub.
   */
  open(opened: Opened): SocketConnection | undefined;
}

/** A connection by WebSocket that understands its client by itself. */
export interface SocketConnection extends Guest {
  /** For the log. */
  readonly sentRows: number;
  /** With which code it was closed from here; undefined if it was not. */
  readonly closeCode: number | undefined;
  /** A ping of the client, which nobody else answers. */
  pinged(payload: Uint8Array): void;
  /** A pong with the number of a ping, or -1. */
  ponged(number: number): void;
}
