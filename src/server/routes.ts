import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { timeOf } from '../core/market/grid.ts';
import { shown } from '../core/market/shown.ts';
import { TickwellError } from '../wire/errors.ts';
import {
  candleRangeOf,
  candlesAnswer,
  marketInfo,
  rowsAnswerJson,
  sparklinesAnswer,
} from './answers.ts';
import { candlesCost, pointsCost, rowsCost } from './cost.ts';
import {
  checkMarket,
  columnOf,
  columnsOf,
  cursorOf,
  endOf,
  resolutionOf,
  timeMsOf,
} from './requests.ts';
import {
  answers,
  CandlesAnswer,
  type CandlesQuery,
  MarketAnswer,
  queries,
  RowsAnswer,
  type RowsQuery,
  SparklinesAnswer,
  type SparklinesQuery,
} from './schemas.ts';
import type { Service } from './service.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
/** Rows that are over never change: whoever names the market may keep them. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The HTTP half of `/v1`, and whether the server is alive and ready. */
export function addRoutes(app: FastifyInstance, service: Service): void {
  const { feed, clock, limits, slicer, addresses, version, isReady } = service;
  const { market, history } = feed;
  const asked = queries(limits);

  app.get('/healthz', { schema: { tags: ['operation'], summary: 'Alive' } }, () => ({
    status: 'alive',
  }));

  app.get('/readyz', { schema: { tags: ['operation'], summary: 'Ready to serve' } }, () => {
    checkReady();
    return { status: 'ready' };
  });

  const marketSchema = {
    tags: ['market'],
    summary: 'The settings: what a client asks for first',
    response: answers(MarketAnswer),
  };
  app.get('/v1/market', { schema: marketSchema }, (_request, reply) => {
    checkReady();
    return sendJson(reply, JSON.stringify(marketInfo(history, version, clock.nowMs())), false);
  });

  const rowsSchema = {
    tags: ['market'],
    summary: 'The rows with since < time <= until',
    querystring: asked.rows,
    response: answers(RowsAnswer),
  };
  app.get<{ Querystring: RowsQuery }>(
    '/v1/rows',
    { schema: rowsSchema, preValidation: checkQuery },
    async (request, reply) => {
      checkReady();
      const query = request.query;
      checkMarket(market, query.market);
      const columns = columnsOf(market, query.symbols);
      const most = Math.max(1, Math.floor(limits.maxPricesPerAnswer / columns.length));
      const from =
        query.last === undefined
          ? cursorOf(market, limits, history.head, query.since)
          : lastRowsFrom(query, history.head, most);
      const end = endOf(market, history.head, from, query.until);
      const next = Math.max(from, Math.min(end, from + Math.min(query.limit ?? most, most)));
      const isOver = query.until !== undefined && timeMsOf('until', query.until) <= headMs();
      pay(request, rowsCost(history, columns, from, next));
      const json = await slicer.run(rowsAnswerJson(history, columns, from, next, isOver));
      return sendJson(reply, json, isOver && query.market !== undefined && query.since !== 'now');
    },
  );

  const candlesSchema = {
    tags: ['market'],
    summary: 'Every candle of a range',
    querystring: asked.candles,
    response: answers(CandlesAnswer),
  };
  app.get<{ Querystring: CandlesQuery }>(
    '/v1/candles',
    { schema: candlesSchema, preValidation: checkQuery },
    async (request, reply) => {
      checkReady();
      const query = request.query;
      checkMarket(market, query.market);
      const column = columnOf(market, 'symbol', query.symbol);
      const resolution = resolutionOf(market, query.resolution);
      const range = candleRangeOf(history, limits, resolution, candleRequestOf(query));
      // A range that ends in the future has more candles later, even if its last is final now.
      const hasEnded = query.to === undefined || timeMsOf('to', query.to) <= headMs();
      pay(request, candlesCost(history, column, range));
      const answer = await slicer.run(candlesAnswer(history, column, resolution, range));
      const isOver =
        query.market !== undefined &&
        query.from !== undefined &&
        answer.time.length > 0 &&
        hasEnded &&
        answer.closed === (query.count ?? answer.time.length) &&
        answer.closed === answer.time.length;
      return sendJson(reply, JSON.stringify(answer), isOver);
    },
  );

  const sparklinesSchema = {
    tags: ['market'],
    summary: 'One small series per instrument, for lists',
    querystring: asked.sparklines,
    response: answers(SparklinesAnswer),
  };
  app.get<{ Querystring: SparklinesQuery }>(
    '/v1/sparklines',
    { schema: sparklinesSchema, preValidation: checkQuery },
    async (request, reply) => {
      checkReady();
      const { symbols, points, span, market: id } = request.query;
      checkMarket(market, id);
      const columns = columnsOf(market, symbols);
      if (columns.length * points > limits.maxPricesPerAnswer) {
        throw new TickwellError(
          'range_too_large',
          `an answer holds at most ${limits.maxPricesPerAnswer} prices; asked for: ` +
            `${columns.length} symbols of ${points} points`,
          { limit: limits.maxPricesPerAnswer },
        );
      }
      pay(request, pointsCost(history, columns, points, span));
      const answer = await slicer.run(sparklinesAnswer(history, columns, points, span));
      return sendJson(reply, JSON.stringify(answer), false);
    },
  );

  /** What an answer costs is paid before it is computed. */
  function pay(request: FastifyRequest, cost: number): void {
    const retryAfterMs = addresses.of(request.ip).work.take(cost, clock.steadyMs());
    if (retryAfterMs === 0) return;
    throw new TickwellError(
      'rate_limited',
      `work for one address must stay below ${limits.workPerSecond} prices a second; given: ` +
        `${cost} at once`,
      { retryAfterMs },
    );
  }

  function checkReady(): void {
    if (isReady()) return;
    throw new TickwellError('not_ready', 'the market is still being filled; try again in a second');
  }

  function headMs(): number {
    return timeOf(market.grid, history.head - 1);
  }
}

/**
 * What the schema cannot say: it would take a space for 0, 0x10 for 16 and 1e400 for infinitely
 * many.
 */
async function checkQuery(request: FastifyRequest): Promise<void> {
  const query = request.query as Readonly<Record<string, unknown>>;
  for (const field of ['limit', 'last', 'count', 'points', 'span']) {
    const value = query[field];
    if (typeof value !== 'string' || /^-?\d{1,15}$/.test(value)) continue;
    throw new TickwellError(
      'bad_request',
      `${field} must be a whole number of at most 15 digits; given: ${shown(value)}`,
    );
  }
  if (query.format !== undefined && query.format !== 'json') {
    const given = shown(query.format);
    throw new TickwellError('bad_request', `format must be json; given: ${given}`);
  }
}

function lastRowsFrom(query: RowsQuery, head: number, most: number): number {
  const { last, since, until } = query;
  if (since !== undefined || until !== undefined) {
    throw new TickwellError(
      'bad_request',
      `last cannot stand beside since or until; given: ${shown(since ?? until)}`,
    );
  }
  if (last! > most) {
    throw new TickwellError(
      'range_too_large',
      `last must be at most ${most} rows of so many symbols; given: ${last}`,
      { limit: most },
    );
  }
  return Math.max(0, head - last!);
}

function candleRequestOf(query: CandlesQuery) {
  const { from, to, count, last } = query;
  const given = [from, to, count, last].map((value) => value !== undefined);
  const [hasFrom, hasTo, hasCount, hasLast] = given;
  const isRange = hasFrom && hasTo !== hasCount && !hasLast;
  const isLast = hasLast && !hasFrom && !hasTo && !hasCount;
  if (!isRange && !isLast) {
    throw new TickwellError(
      'bad_request',
      'candles need from and to, from and count, or last; given: ' +
        shown(['from', 'to', 'count', 'last'].filter((_, n) => given[n]).join(', ') || 'none'),
    );
  }
  const fromMs = hasFrom ? timeMsOf('from', from) : undefined;
  const toMs = hasTo ? timeMsOf('to', to) : undefined;
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) {
    throw new TickwellError('bad_request', `to must be after from; given: ${shown(to)}`);
  }
  return { fromMs, toMs, count: count ?? last };
}

function sendJson(reply: FastifyReply, json: string | Buffer, isForEver: boolean): FastifyReply {
  return reply
    .header('content-type', JSON_TYPE)
    .header('cache-control', isForEver ? FOR_EVER : 'no-cache')
    .send(json);
}
