import type { FastifyInstance } from 'fastify';
import type { Market } from '../../../core/market/market.ts';
import { readColumn } from '../../../core/realism/reading.ts';
import { marketRealism, type RealismInput, realismOf } from '../../../core/realism/report.ts';
import { realismCost } from '../../../host/budgets/cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, type Made, type Responder } from '../../../host/http/responder.ts';
import { realismHtml } from '../../../realism/html.ts';
import { REALISM_FORMATS, type RealismFormat } from '../formats/format.ts';
import type { TickwellService } from '../limits.ts';
import { extentOf } from '../ranges.ts';
import { columnOf } from '../symbols.ts';
import { begun } from './begun.ts';
import { checkQuery } from './checks.ts';
import { type RealismQuery, realismQuery } from './queries.ts';
import { RealismAnswer, taggedAnswers } from './schemas.ts';

/** It has its styles within, and nothing else. */
const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** `GET /v1/realism`. */
export function addRealism(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { market, history } = feed;
  const schema = {
    tags: ['market'],
    summary: "What an instrument's returns look like, beside what is reported of real markets",
    querystring: realismQuery(limits),
    response: taggedAnswers(RealismAnswer, 'The report', REALISM_FORMATS),
  };

  app.get<{ Querystring: RealismQuery }>(
    '/v1/realism',
    { schema, ...COMPRESSED, preValidation: checkQuery(REALISM_FORMATS) },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay } = begun(service, responder, REALISM_FORMATS, request);
      const column = columnOf(market, 'symbol', query.symbol, pay);
      const next = history.head;
      const from = Math.max(0, next - query.rows);
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf([version, 'realism', mediaType, market.id, from, next], [column]),
        columns: 1,
        isFinal: false,
        isImmutable: false,
        cost: realismCost(history, column, next - from),
        make: () => made(format, market, readColumn(market, column, from, next)),
      });
    },
  );
}

function* made(
  format: RealismFormat,
  market: Market,
  reading: Generator<unknown, RealismInput, void>,
): Generator<unknown, Made, void> {
  const body = yield* written(format, market, yield* reading);
  const headers = format === 'html' ? { 'content-security-policy': REPORT_POLICY } : {};
  return { pieces: [Buffer.from(body)], headers };
}

function* written(format: RealismFormat, market: Market, input: RealismInput) {
  if (format === 'html') return realismHtml(yield* marketRealism(market.id, [input]));
  const realism = yield* realismOf(input);
  // Only before its first row has a market none of the newest.
  const extent = realism.rows === 0 ? extentOf(market, 0) : {};
  return JSON.stringify({ market: market.id, ...realism, ...extent });
}
