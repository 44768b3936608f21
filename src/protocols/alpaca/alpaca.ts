import type { FastifyInstance } from 'fastify';
import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import { Responder } from '../../host/http/responder.ts';
import { limitsIn } from '../../host/limits.ts';
import { encodeError } from './errors.ts';
import { answerHarm } from './harm.ts';
import type { Routes } from './http/begun.ts';
import { addClock } from './http/clock-route.ts';
import { addLatest } from './http/latest-route.ts';
import { addMeta } from './http/meta-route.ts';
import { addPages } from './http/pages-route.ts';
import { ALPACA_LIMITS, type AlpacaService } from './limits.ts';
import { streamRoutes } from './stream/stream-routes.ts';
import { AlpacaSymbols } from './symbols.ts';

const BASE_URLS = [
  { over: 'http', path: '' },
  { over: 'ws', path: '/v2/iex' },
  { over: 'ws', path: '/v1beta3/crypto/us' },
] as const;

/**
 * Market data as Alpaca's clients ask for it: stocks below `/v2`, all else below `/v1beta3/crypto`.
 *
 * Source: docs.alpaca.markets, "Market Data API", as `@alpacahq/alpaca-trade-api` 3 and 4 use it.
 */
export const alpaca: NewProtocol = Object.assign(
  (parts: ServerParts): Protocol => {
    limitsIn(parts.service.limits, ALPACA_LIMITS);
    const service = parts.service as AlpacaService;
    const symbols = new AlpacaSymbols(service.feed.market);
    const harm = answerHarm(service.feed.market, symbols);
    const routes = { service, symbols, harm, responder: new Responder(service) };
    return {
      name: 'alpaca',
      title: 'Alpaca-style',
      bases: BASE_URLS,
      encodings: ['alpaca', 'alpaca-msgpack'],
      sockets: streamRoutes(parts.hub, service, symbols),
      prefixes: ['/v2', '/v1beta3'],
      isForOtherOrigins: true,
      encodeError,
      addRoutes: (app) => addRoutes(app, routes),
    };
  },
  { limits: ALPACA_LIMITS },
);

function addRoutes(app: FastifyInstance, routes: Routes): void {
  addPages(app, routes);
  addLatest(app, routes);
  addClock(app, routes);
  addMeta(app);
}
