import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import { encodeError } from './errors.ts';
import { addRoutes } from './http/routes.ts';
import { BINANCE_LIMITS } from './limits.ts';
import { binanceParts } from './parts.ts';

/**
 * Market data in Binance's form, for its clients: REST below `/api/v3`.
 *
 * Source: binance-spot-api-docs of 2026-07-21.
 */
export const binance: NewProtocol = Object.assign(
  (given: ServerParts): Protocol => {
    const parts = binanceParts(given);
    return {
      name: 'binance',
      prefixes: ['/api/v3', '/sapi/v1', '/fapi/v1', '/dapi/v1'],
      isForOtherOrigins: true,
      encodeError,
      addRoutes: (app) => addRoutes(app, parts),
    };
  },
  { limits: BINANCE_LIMITS },
);
