import type { IncomingMessage } from 'node:http';
import type { Address } from '../host/budgets/addresses.ts';
import type { Guest } from './connection.ts';
import type { SocketOutlet } from './socket-outlet.ts';

/** What a route gets with each client. */
export interface Opened {
  /** The one way to the client: nothing is sent but through it, so all of it is counted. */
  readonly outlet: SocketOutlet;
  /** Calls `listener` with each message of the client. Pings and pongs are the house's. */
  readonly onMessage: (listener: (data: Buffer, isBinary: boolean) => void) => void;
  /** The subprotocol that the client chose; empty if it chose none. */
  readonly subprotocol: string;
  readonly address: Address;
  readonly request: IncomingMessage;
}

/** Why a client is turned away at once, and when to come back. */
export interface Bye {
  /** Of `CLOSE_CODES`. */
  readonly code: number;
  readonly reason: string;
  readonly retryAfterMs: number;
}

/**
 * Where a protocol takes WebSockets in. Access, costs, limits, pings and the end are seen to for
 * it, as for every other protocol.
 */
export interface SocketRoute {
  readonly path: string;
  /** Of `Sec-WebSocket-Protocol`: a client gets its first choice of them. None by default. */
  readonly subprotocols?: readonly string[];
  /** Throws what is wrong with a request in this protocol alone, such as unknown parameters. */
  check?(request: IncomingMessage): void;
  /** What is said to a client that is turned away, before its socket is closed. */
  goodbye?(bye: Bye): string;
  /**
   * Begins to speak with a client. Gives its connection. Without one, each message is charged for,
   * and it is counted, kept alive and closed as every other; but the hub sends it no rows.
   */
  open(opened: Opened): SocketConnection | undefined;
}

/** A connection by WebSocket that reads the messages of its client itself. */
export interface SocketConnection extends Guest {
  /** A ping of the client, which nobody else answers. */
  pinged(payload: Uint8Array): void;
  /** A pong with the number of a ping, or -1. */
  ponged(number: number): void;
}
