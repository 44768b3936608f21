import type { FastifyInstance } from 'fastify';
import { timeOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import { DAY_MS } from '../../../core/market/time.ts';
import { factOf } from '../../../core/realism/facts.ts';
import { readColumn } from '../../../core/realism/reading.ts';
import { marketRealism, type RealismInput, realismOf } from '../../../core/realism/report.ts';
import type { Steps } from '../../../core/realism/steps.ts';
import { DayReader, yearsMs } from '../../../core/realism/years.ts';
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
        etag: etagOf([version, 'realism', mediaType, market.id, from, next, query.years], [column]),
        columns: 1,
        isFinal: false,
        isImmutable: false,
        cost: realismCost(history, column, next - from, daysBehind(market, next, query.years)),
        make: () => made(format, market, read(market, column, from, next, query.years)),
      });
    },
  );
}

/** How many days of years there are before a row. */
function daysBehind({ grid }: Market, next: number, years: number): number {
  return years === 0 ? 0 : Math.min(yearsMs(years), next * grid.intervalMs) / DAY_MS;
}

/** The rows `[from, next)`, and the days of years that end with them. */
function* read(
  market: Market,
  column: number,
  from: number,
  next: number,
  years: number,
): Steps<RealismInput> {
  const input = yield* readColumn(market, column, from, next);
  if (years === 0 || next === 0) return input;
  const untilMs = timeOf(market.grid, next - 1);
  const reader = new DayReader(market, [column]);
  return { ...input, days: yield* reader.read(column, untilMs - yearsMs(years), untilMs) };
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
  // What is reported comes with it: who shows it needs to know nothing.
  const facts = realism.facts.map((fact) => ({ ...factOf(fact.id), ...fact }));
  // Only before its first row has a market none of the newest.
  const extent = realism.rows === 0 ? extentOf(market, 0) : {};
  return JSON.stringify({ market: market.id, ...realism, facts, ...extent });
}
