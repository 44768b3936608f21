import type { FastifyInstance } from 'fastify';
import { BinanceError } from '../errors.ts';
import type { BinanceParts } from '../parts.ts';

/** Of what clients ask for before they begin, though it has no part in spot data: there is none. */
const NOTHING = [
  'capital/config/getall',
  'margin/allPairs',
  'margin/allAssets',
  'margin/isolated/allPairs',
];
/** Lists of markets of other kinds: there are none. */
const OTHER_MARKETS = ['/fapi/v1/exchangeInfo', '/dapi/v1/exchangeInfo'];

/** What only whoever has an account may do: here nobody has. */
const OF_ACCOUNTS = [
  'account',
  'account/*',
  'allOrderList',
  'allOrders',
  'myAllocations',
  'myFilters',
  'myPreventedMatches',
  'myTrades',
  'openOrderList',
  'openOrders',
  'order',
  'order/*',
  'orderList',
  'orderList/*',
  'rateLimit/order',
  'sor/*',
  'userDataStream',
];
/** Of margin and futures: beside what is above there is nothing but accounts. */
const ELSEWHERE = ['/sapi/*', '/fapi/*', '/dapi/*'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Adds what clients ask for beside market data. */
export function addStubs(app: FastifyInstance, { service }: BinanceParts): void {
  for (const path of NOTHING) app.get(`/sapi/v1/${path}`, () => []);
  app.get('/sapi/v1/system/status', () => ({ status: 0, msg: 'normal' }));
  for (const path of OTHER_MARKETS) {
    app.get(path, () => ({
      timezone: 'UTC',
      serverTime: service.clock.marketMs(),
      rateLimits: [],
      exchangeFilters: [],
      symbols: [],
    }));
  }
  for (const path of [...OF_ACCOUNTS.map((own) => `/api/v3/${own}`), ...ELSEWHERE]) {
    app.route({
      method: METHODS,
      url: path,
      handler: () => {
        throw notAuthorised();
      },
    });
  }
}

/** What is said to whoever would trade. */
export function notAuthorised(): BinanceError {
  const message = 'You are not authorized to execute this request.';
  return new BinanceError('unauthorised', message);
}
