import type { IncomingMessage } from 'node:http';
import type { Address } from '../host/budgets/addresses.ts';
import type { Message, SocketConnection } from './socket-connection.ts';
import type { SocketOutlet } from './socket-outlet.ts';
import type { PathParameters } from './socket-paths.ts';

/** What a route gets with each client. */
export interface Opened {
  /** The one way to the client: nothing is sent but through it, so all of it is counted. */
  readonly outlet: SocketOutlet;
  /** The subprotocol that the client chose; empty if it chose none. */
  readonly subprotocol: string;
  /** What stands in the path at the names of the route. */
  readonly parameters: PathParameters;
  readonly address: Address;
  readonly request: IncomingMessage;
}

/**
 * Does what a message asks for, once it is paid for and the client has room for the answer. If it
 * throws, or a promise that it gives is broken, the client is closed.
 */
export type MessageHandler = (message: Message) => void | Promise<void>;

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
  /** Of texts, `:name` for any text, and `*` at the end for all that follows. */
  readonly path: string;
  /** Whether the path says all that is wanted. Otherwise a client must ask in `firstRequestMs`. */
  readonly isAskedByPath?: boolean;
  /** How long a message of a client may be. Default, and at least: the limit `maxPayloadBytes`. */
  readonly maxMessageBytes?: number;
  /** Of `Sec-WebSocket-Protocol`: a client gets its first choice of them. None by default. */
  readonly subprotocols?: readonly string[];
  /** Throws what is wrong with a request in this protocol alone, such as unknown parameters. */
  check?(request: IncomingMessage): void;
  /** What is said to a client that is turned away, before its socket is closed: text or bytes. */
  goodbye?(bye: Bye, request: IncomingMessage): string | Uint8Array;
  /**
   * Begins to speak with a client. Gives its connection, or only what handles its messages. To the
   * latter the hub sends no rows.
   */
  open(opened: Opened): SocketConnection | MessageHandler;
}
