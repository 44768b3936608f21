import type { HostLimits } from '../host/host-limits.ts';
import { A_SECOND, type LimitList, type LimitsOf } from '../host/limits.ts';

/** Of what is sent to a connection, and of what it has to answer. */
export const DELIVERY_LIMITS = {
  frameBytes: {
    default: 16_384,
    most: 2 ** 24,
    // One frame would be more than may be in flight.
    atMost: 'maxUnreadBytes',
    reason:
      'Frames of at most this size: a heartbeat does not wait behind data, and a client that ' +
      'reads but 1 kB a second is seen to move, by the pong behind each, before it would be ' +
      'taken for stuck.',
    told: 'Of a message of rows, streamed candles or trades, in bytes; but always one whole.',
  },
  maxUnreadBytes: {
    default: 262_144,
    reason:
      'Sent to a client and not yet read by it: above it, rows and answers wait until it ' +
      'reads.',
    told: 'Above it, rows and what is asked wait until the client reads.',
  },
  heartbeatMs: {
    default: 15_000,
    least: A_SECOND,
    reason: 'A stream is never silent for longer.',
    told: 'The stream is never silent for longer.',
  },
  pingBytes: {
    default: 12_288,
    // A full connection would have no ping on its way whose pong tells that it has room again.
    atMost: 'maxUnreadBytes',
    reason:
      'Their pongs tell what has been read. With a frame behind that, who reads 1 kB a second ' +
      'still answers within `stallMs`.',
    told: 'The server sends a WebSocket ping behind this much data.',
  },
  pingMs: {
    default: 20_000,
    least: A_SECOND,
    reason: 'The same where little is sent.',
    told: 'The server sends a WebSocket ping after this long.',
  },
  pongMs: {
    default: 20_000,
    least: A_SECOND,
    reason: 'A client that owes a pong for longer is gone. Any round trip is shorter.',
    told: 'A client that owes a pong for longer is closed with 4002.',
  },
  retryAfterMs: {
    default: 2000,
    reason: 'A client that got `bye` comes back within this time, each at its own moment.',
    told: 'The most that bye asks to wait.',
  },
  maxPendingRequests: {
    default: 16,
    reason:
      'Of one connection: fetches, candles, and what else waits for room. More would wait ' +
      'longer.',
    told: 'fetch and candles of one connection that wait for their answers.',
  },
  halfOpenMs: {
    default: 600_000,
    least: A_SECOND,
    reason:
      'A fault leaves a connection half open for longer than any client should wait for a word, ' +
      'and not until there is no place for others.',
    told: 'A connection that a fault has left half open is cut after so long.',
  },
  firstRequestMs: {
    default: 10_000,
    least: A_SECOND,
    reason:
      'Who connects wants something; an open socket that asks for nothing only takes a place.',
    told: 'A client that has asked for nothing by then is closed with 4504.',
  },
} as const satisfies LimitList;

/** Those that rows are sent by: its own, and the host's. */
export type DeliveryLimits = HostLimits & LimitsOf<typeof DELIVERY_LIMITS>;
