import { CLOSE_CODES } from '../wire/errors.ts';

const { notReady, connectionLimit, rateLimited, badRequests, noPong, stalled, silent } =
  CLOSE_CODES;
const { changedAhead } = CLOSE_CODES;

/** Whoever met a fault of ours is told so. Source: RFC 6455, section 7.4.1. */
export const FAILED = { code: 1011, reason: 'the server failed' } as const;

/** Why a WebSocket is closed from here, whatever is spoken on it. */
export const HOST_CLOSES = {
  ...{ notReady, connectionLimit, rateLimited, badRequests, noPong, stalled, silent },
  changedAhead,
} as const;
