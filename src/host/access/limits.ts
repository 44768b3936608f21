import { A_SECOND, type LimitList } from '../limits.ts';

/** Of those who are let in: how many, and how long they may not move. */
export const ACCESS_LIMITS = {
  stallMs: {
    default: 30_000,
    least: A_SECOND,
    reason: 'A client that has rows to read and reads nothing for so long is stuck.',
    told: 'A client that reads nothing for so long, with something to read, is closed with 4001.',
  },
  maxConnections: {
    default: 10_000,
    reason:
      'WebSockets and event streams together; fewer where the system allows fewer ' +
      'descriptors.',
    told: 'Connections of the stream; more are closed with 4503.',
  },
  maxConnectionsPerAddress: {
    default: 1000,
    reason: 'A tenth of all; offices and proxies share an address.',
    told: 'The same from one address.',
  },
  spareConnections: {
    default: 256,
    reason: 'Sockets beyond those, so that pages, health checks and refusals are still served.',
    told: 'Sockets for HTTP beyond those.',
  },
  maxAnswersPerAddress: {
    default: 16,
    reason:
      'HTTP requests of one address that are being answered at once, but for event streams ' +
      'and files. Each holds an answer of up to 6 MB until its client has read it; browsers ' +
      'ask six at a time.',
    told: 'HTTP requests of one address that are answered at once.',
  },
} as const satisfies LimitList;
