import type { FastifyInstance } from 'fastify';
import type { History } from '../../core/history/history.ts';
import { timeOf } from '../../core/market/grid.ts';
import { shown } from '../../core/market/shown.ts';
import { TickwellError } from '../../wire/errors.ts';
import { rowsCost } from '../guards/cost.ts';
import type { Limits } from '../limits.ts';
import { checkMarket, columnsOf, cursorOf, endOf, fieldsOf, timeMsOf } from '../requests.ts';
import type { Service } from '../service.ts';
import { etagOf } from './caching.ts';
import { checkQuery } from './checks.ts';
import { ROWS_FORMATS } from './formats/format.ts';
import { negotiate } from './formats/negotiation.ts';
import { checkColumns, type RowsRange, rowsHeaders, rowsWriter } from './formats/rows.ts';
import { RowsQuery } from './queries.ts';
import { COMPRESSED, exposed, type Responder } from './responder.ts';
import { ROWS_HEADERS, RowsAnswer, taggedAnswers } from './schemas.ts';

const SCHEMA = {
  tags: ['market'],
  summary: 'The rows with since < time <= until',
  querystring: RowsQuery,
  response: taggedAnswers(RowsAnswer, 'The rows', ROWS_FORMATS, ROWS_HEADERS),
};

/** `GET /v1/rows`. */
export function addRows(app: FastifyInstance, service: Service, responder: Responder): void {
  const { feed, limits, version } = service;
  const { market, history } = feed;

  app.get<{ Querystring: RowsQuery }>(
    '/v1/rows',
    { schema: SCHEMA, compress: COMPRESSED, preValidation: checkQuery(ROWS_FORMATS) },
    async (request, reply) => {
      responder.checkReady();
      const { query } = request;
      const { format, mediaType } = negotiate(ROWS_FORMATS, query.format, request.headers.accept);
      checkMarket(market, query.market);
      const range = rangeOf(history, limits, query);
      const { fields, columns, from, next, head } = range;
      checkColumns(service, format, range);
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf(
          [version, 'rows', mediaType, market.id, fields.join(), from, next, head ?? 'over'],
          columns,
        ),
        isOver: head === undefined,
        isForEver: head === undefined && query.market !== undefined && query.since !== 'now',
        cost: rowsCost(history, range, from, next, format),
        async make() {
          const write = await rowsWriter(format);
          const headers = format === 'json' ? {} : exposed(rowsHeaders(history, range));
          return (function* () {
            return { pieces: yield* write(history, range), headers };
          })();
        },
      });
    },
  );
}

/** The rows that are asked for, cut to what one answer may hold. */
function rangeOf(history: History, limits: Limits, query: RowsQuery): RowsRange {
  const { market, head } = history;
  const { since, until, limit, last } = query;
  const columns = columnsOf(market, query.symbols);
  const fields = fieldsOf(query.fields);
  const values = columns.length * fields.length;
  const most = Math.max(1, Math.floor(limits.maxPricesPerAnswer / values));
  const from =
    last === undefined
      ? cursorOf(market, limits, head, since)
      : lastRowsFrom(query, last, head, most);
  const end = endOf(market, head, from, until);
  const next = Math.max(from, Math.min(end, from + Math.min(limit ?? most, most)));
  const isOver = until !== undefined && timeMsOf('until', until) <= timeOf(market.grid, head - 1);
  return { fields, columns, from, next, head: isOver ? undefined : head };
}

function lastRowsFrom(query: RowsQuery, last: number, head: number, most: number): number {
  const other = query.since ?? query.until ?? query.limit;
  if (other !== undefined) {
    throw new TickwellError(
      'bad_request',
      `last cannot stand beside since, until or limit; given: ${shown(other)}`,
    );
  }
  if (last > most) {
    throw new TickwellError(
      'range_too_large',
      `last must be at most ${most} rows of so many symbols; given: ${last}`,
      { limit: most },
    );
  }
  return Math.max(0, head - last);
}
