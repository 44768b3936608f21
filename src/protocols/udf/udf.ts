import type { FastifyInstance } from 'fastify';
import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import { Responder } from '../../host/http/responder.ts';
import { limitsIn } from '../../host/limits.ts';
import type { TickwellError } from '../../wire/errors.ts';
import { addHistory } from './history-route.ts';
import { UDF_LIMITS, type UdfService } from './limits.ts';
import { optionalText, type Parameters, textOf, wholeOf } from './parameters.ts';
import { addQuotes } from './quotes-route.ts';
import { UdfSymbols } from './symbols.ts';

/** A search that says nothing else finds so many. */
const SEARCH_LIMIT = 30;

/**
 * TradingView's Universal Data Feed, which its charting library asks over HTTP, below `/udf`.
 *
 * Source: tradingview.com/charting-library-docs, "UDF".
 */
export const udf: NewProtocol = Object.assign(
  (parts: ServerParts): Protocol => {
    limitsIn(parts.service.limits, UDF_LIMITS);
    const service = parts.service as UdfService;
    return {
      name: 'udf',
      title: 'TradingView UDF',
      bases: [{ over: 'http', path: '/udf' }],
      prefixes: ['/udf'],
      isForOtherOrigins: true,
      encodeError,
      addRoutes: (app) => addRoutes(app, service),
    };
  },
  { limits: UDF_LIMITS },
);

/** The client looks at bodies alone, and knows one sentence of them: `unknown_symbol`. */
function encodeError({ code, message }: TickwellError) {
  const errmsg = code === 'unknown_symbol' ? code : message;
  const body = JSON.stringify({ s: 'error', errmsg, ...(errmsg === message ? {} : { message }) });
  return { contentType: 'application/json; charset=utf-8', body };
}

function addRoutes(app: FastifyInstance, service: UdfService): void {
  const { clock, feed, limits } = service;
  const responder = new Responder(service);
  const symbols = new UdfSymbols(feed.market);
  const config = symbols.config();
  app.get('/udf/config', () => config);
  app.get('/udf/time', (_, reply) =>
    reply.type('text/plain; charset=utf-8').send(String(Math.floor(clock.marketMs() / 1000))),
  );
  app.get<{ Querystring: Parameters }>('/udf/symbols', (request) =>
    symbols.described(
      symbols.columnOf(textOf(request.query, 'symbol'), responder.payerOf(request)),
    ),
  );
  app.get<{ Querystring: Parameters }>('/udf/search', (request) => {
    const { query } = request;
    const text = (name: string) => optionalText(query, name) ?? '';
    const most = limits.maxUdfSymbols;
    const limit = Math.min(
      most,
      wholeOf(query, 'limit', [0, Number.MAX_SAFE_INTEGER], SEARCH_LIMIT),
    );
    responder.payerOf(request)(symbols.searchCost);
    return symbols.search(text('query'), text('type'), text('exchange'), limit);
  });
  // A market that does not exist has no news.
  app.get('/udf/marks', () => []);
  app.get('/udf/timescale_marks', () => []);
  addHistory(app, service, symbols, responder);
  addQuotes(app, service, symbols, responder);
}
