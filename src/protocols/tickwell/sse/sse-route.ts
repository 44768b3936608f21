import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { WHATS } from '../../../core/history/wanted.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { faultyWay } from '../../../delivery/faulty/faulty-transport.ts';
import { EVENT_FRAMING } from '../../../delivery/faulty/framing.ts';
import { Outlet } from '../../../delivery/outlet.ts';
import { namingCost } from '../../../host/budgets/cost.ts';
import { type Pay, payerOf } from '../../../host/budgets/work.ts';
import { pathOf } from '../../../host/client-log.ts';
import { faultsOf } from '../../../host/faults/asked-faults.ts';
import { FAULTS_HEADER, faultsText } from '../../../host/faults/fates.ts';
import type {} from '../../../host/http/entry.ts';
import { ErrorAnswer } from '../../../host/http/schemas.ts';
import { checkReady } from '../../../host/readiness.ts';
import { clientErrorOf, noteRefused } from '../../../host/refused.ts';
import { CLOSE_CODES, ERRORS, type ErrorCode, TickwellError } from '../../../wire/errors.ts';
import { encodersOf } from '../encoders.ts';
import { FIELDS_TEXT } from '../http/queries.ts';
import { limitsNow, type TickwellHub } from '../limits.ts';
import { checkSpeaks, hadRows, namedId } from '../market-ids.ts';
import { cursorOf } from '../requests.ts';
import { deliveryOf, followedOf, hasBook, streamOf } from '../streams.ts';
import { columnsOf } from '../symbols.ts';
import { byeEvent, SseStream } from './sse-stream.ts';
import { Chunks, SseTransport } from './sse-wire.ts';

const optional = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));

const EventsQuery = Type.Object({
  what: optional(
    `What is followed: one of ${WHATS.join(', ')}; absent for rows, or candles with resolution.`,
    'candles',
  ),
  symbols: optional('Symbols with commas between; absent or * for all.', 'ticker_00,ticker_07'),
  fields: optional(`${FIELDS_TEXT} Of candles: volume, trades.`, 'last,bid,ask'),
  since: optional('Time of the last row you have, or now. Last-Event-ID goes before it.', 'now'),
  resolution: optional('For candles instead of rows: how wide they are.', '1m'),
  tz: optional('Of candles: the zone whose wall clock cuts; absent for UTC.', 'America/New_York'),
  offset: optional('Of candles, instead of tz: how far ahead of UTC a clock is.', '-5h'),
  every: optional('Of candles: how often the one that forms comes at most, in ms.', '5000'),
  held: optional('Of candles: false leaves out those of closed or halted rows alone.', 'false'),
  levels: optional('Of books: the most levels a side.', '20'),
  delivery: optional('all (default), or latest: of rows that wait, the newest alone.', 'latest'),
  market: optional('The market id the request is meant for.', 'bec35eb549b8a95b'),
  lastEventId: optional(
    'The same as Last-Event-ID, from clients that cannot set it; that goes before it.',
    'bec35eb549b8a95b.1769860802000',
  ),
});
type EventsQuery = Static<typeof EventsQuery>;

const SCHEMA = {
  tags: ['market'],
  summary: 'Rows as server-sent events, without end',
  description:
    'The first event is `subscribed`; rows are events without a name, candles are called ' +
    '`candles`, trades `trades`, books `depth`. The id of an event is `<market>.<until>`: a ' +
    'browser sends it back as Last-Event-ID, and goes on from there.',
  querystring: EventsQuery,
  response: {
    200: {
      description: 'Events',
      content: { 'text/event-stream': { schema: Type.String() } },
    },
    '4xx': ErrorAnswer,
  },
};

/** Serves rows to whoever has HTTP and no WebSocket. */
export function addSse(app: FastifyInstance, hub: TickwellHub): void {
  const { limits, clock, addresses, log, failures } = hub.service;
  const chunks = new Chunks();
  const encoder = encodersOf(hub).events;

  app.get<{ Querystring: EventsQuery }>(
    '/v1/events',
    { schema: SCHEMA, errorHandler: sendAway, config: { isUncounted: true } },
    (request, reply) => {
      // Its `bye` says when to come back.
      checkReady(hub.service, '');
      const address = addresses.of(request.ip);
      const pay = payerOf(hub.service)(request);
      const asked = askedOf(hub, resumed(request), pay);
      const reached = hub.limitReached(address);
      if (reached !== undefined) {
        const limit = limits[reached];
        const whose = reached === 'maxConnections' ? 'the server' : 'an address';
        throw new TickwellError(
          'too_many',
          `${whose} holds at most ${limit} connections; given: one more`,
          { limit },
        );
      }
      pay(namingCost(asked.wanted.columns.length));
      const faults = faultsOf(request.raw);
      if (faults !== undefined) void reply.header(FAULTS_HEADER, faultsText(faults));
      const response = open(reply);
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      const transport = new SseTransport(response, chunks);
      const way = { hub, faults, framing: EVENT_FRAMING, address };
      const outlet = new Outlet(hub, faultyWay(transport, way));
      const stream = new SseStream(hub, { outlet, encoder, address, ...asked });
      hub.add(stream);
      const openedMs = clock.steadyMs();
      log.tell('connected', { address: address.name, encoding: encoder.name });
      const drained = () => hub.drained(stream);
      response.on('drain', drained);
      // What was written past the answer: it knows nothing of that.
      request.raw.socket.on('drain', drained);
      response.on('close', () => {
        const { sentRows, sentBytes } = outlet;
        request.raw.socket.off('drain', drained);
        hub.remove(stream);
        log.tell('disconnected', {
          address: address.name,
          seconds: Math.round(clock.steadyMs() - openedMs) / 1000,
          rows: sentRows,
          bytes: sentBytes,
        });
      });
      try {
        hub.drained(stream);
      } catch (error) {
        // It has begun: nothing can be answered any more.
        failures.tell(error, pathOf(request.url));
        response.destroy();
      }
    },
  );

  /**
   * Says goodbye instead of what may pass: an EventSource gives up for ever on every status but
   * 200, and comes back after an answer that has ended. Other errors are answered as everywhere.
   */
  function sendAway(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = requestErrorOf(error);
    const { code, message, details } = refusal;
    if (!ERRORS[code].retry) throw error;
    noteRefused(hub.service, refusal, { path: pathOf(request.url), address: request.ip });
    const closeCode = CLOSES[code] ?? CLOSE_CODES.refusedForNow;
    const response = open(reply);
    const outlet = new Outlet(hub, new SseTransport(response, chunks));
    const bye = byeEvent(hub, closeCode, message, { error: code, ...details });
    if (request.method !== 'HEAD') outlet.send(bye);
    outlet.close(closeCode, message);
    outlet.end();
  }
}

/** What a client of the WebSocket would be closed with. */
const CLOSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  not_ready: CLOSE_CODES.notReady,
  rate_limited: CLOSE_CODES.rateLimited,
  too_many: CLOSE_CODES.connectionLimit,
};

/** As `clientErrorOf`, but a request that Fastify refuses is wrong, and no failure of ours. */
function requestErrorOf(error: FastifyError | TickwellError): TickwellError {
  if (error instanceof TickwellError) return error;
  // Which code it has does not matter here: all of them are answered as everywhere.
  if ((error.statusCode ?? 500) < 500) return new TickwellError('bad_request', error.message);
  return clientErrorOf(error);
}

/** Takes the answer out of Fastify's hands, with the headers that were set so far. */
function open(reply: FastifyReply) {
  const headers = reply.getHeaders() as Record<string, string>;
  reply.hijack();
  const { raw } = reply;
  raw.shouldKeepAlive = false;
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Nginx would wait for more.
    'x-accel-buffering': 'no',
  });
  return raw;
}

/** What a query means. Throws what is wrong with it. */
export function askedOf(hub: TickwellHub, asked: EventsQuery, pay: Pay) {
  const { market, history, service } = hub;
  const named = namedId(history, asked.market);
  // Before what is wrong with one of its values.
  followedOf(asked);
  const columns = columnsOf(market, asked.symbols, pay);
  const cursor = cursorOf(market, limitsNow(service), history.head, asked.since);
  checkSpeaks(history, named, hadRows(asked.since, cursor));
  const delivery = deliveryOf(asked.delivery);
  const every = wholeIn(asked.every);
  const numbers = { every, levels: wholeIn(asked.levels) };
  const held = truthIn(asked.held);
  const wanted = streamOf(history, service.limits, { ...asked, ...numbers, held }, columns, pay);
  const told = typeof every === 'number' ? { every } : {};
  return { wanted, named, cursor, delivery, hasBook: hasBook(wanted, asked.since), ...told };
}

/** A whole number of a query as such; what is none stays as it is. */
function wholeIn(text: string | undefined): unknown {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The same of what is true or false. */
function truthIn(text: string | undefined): unknown {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** What was asked, going on from where a lost connection ended. */
function resumed(request: FastifyRequest<{ Querystring: EventsQuery }>): EventsQuery {
  const last = request.headers['last-event-id'] || request.query.lastEventId;
  if (last === undefined || last === '') return request.query;
  const [, market, since] = /^([0-9a-f]+)\.(-?\d{1,15})$/.exec(String(last)) ?? [];
  if (market === undefined || since === undefined) {
    throw new TickwellError(
      'bad_request',
      `Last-Event-ID must be the id of an event of this stream; given: ${quoted(last)}`,
    );
  }
  return { ...request.query, since, market };
}
