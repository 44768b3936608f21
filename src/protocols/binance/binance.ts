import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import { apiRoute } from './api/api-route.ts';
import { encodeError } from './errors.ts';
import { endpointsOf } from './http/endpoints.ts';
import { addRoutes } from './http/routes.ts';
import { BINANCE_LIMITS } from './limits.ts';
import { binanceParts } from './parts.ts';
import { streamRoutes } from './stream/socket-routes.ts';

/**
 * Market data in Binance's form, for its clients: REST below `/api/v3`, and the same by
 * WebSocket; streams at `/ws` and `/stream`.
 *
 * Source: binance-spot-api-docs of 2026-07-21.
 */
export const binance: NewProtocol = Object.assign(
  (given: ServerParts): Protocol => {
    const parts = binanceParts(given);
    const endpoints = endpointsOf(parts);
    return {
      name: 'binance',
      title: 'Binance-style',
      bases: [
        { over: 'http', path: '' },
        { over: 'http', path: '/api/v3' },
        { over: 'ws', path: '' },
        { over: 'ws', path: '/ws' },
        { over: 'ws', path: '/ws-api/v3' },
      ],
      prefixes: ['/api', '/sapi', '/fapi', '/dapi', '/ws', '/stream'],
      isForOtherOrigins: true,
      encodeError: (error, ip) => ({
        ...encodeError(error),
        headers: parts.used.headers(parts.service.addresses.of(ip)),
      }),
      sockets: [apiRoute(parts, endpoints), ...streamRoutes(parts)],
      addRoutes: (app) => addRoutes(app, parts, endpoints),
      advanced: () => {
        parts.tickers.advanced();
        parts.tickerStreams.advanced();
      },
      stop: () => parts.tickers.stop(),
    };
  },
  { limits: BINANCE_LIMITS },
);
