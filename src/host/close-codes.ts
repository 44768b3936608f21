import { CLOSE_CODES } from '../wire/errors.ts';

const { notReady, connectionLimit, rateLimited, badRequests, noPong, stalled, silent } =
  CLOSE_CODES;

/** Why a WebSocket is closed from here, whatever is spoken on it. */
export const HOST_CLOSES = {
  ...{ notReady, connectionLimit, rateLimited, badRequests, noPong, stalled, silent },
} as const;
