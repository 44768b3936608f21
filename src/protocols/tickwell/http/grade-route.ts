import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Grade } from '../../../core/grading/grade.ts';
import { headAt, MAX_ROWS } from '../../../core/market/grid.ts';
import { quoted } from '../../../core/market/quoted.ts';
import {
  DRAW_COST,
  RECORDED_BYTE_COST,
  REREAD_BYTE_COST,
  truthCost,
} from '../../../host/budgets/grading-cost.ts';
import { contentTypeOf, type Making } from '../../../host/http/body.ts';
import type { Responder } from '../../../host/http/responder.ts';
import { answers } from '../../../host/http/schemas.ts';
import { answerUpload, type Upload } from '../../../host/http/uploads.ts';
import { checkReady } from '../../../host/readiness.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { GRADED_FORMATS, type GradedFormat, MEDIA_TYPES } from '../formats/format.ts';
import { TextWriter } from '../formats/text.ts';
import { type GradeRequest, Grading } from '../grading/grading.ts';
import { Recording } from '../grading/recording.ts';
import { gradeRequestOf } from '../grading/request.ts';
import type { TickwellService } from '../limits.ts';
import { namedId } from '../market-ids.ts';
import { columnsOf } from '../symbols.ts';
import { checkGradeQuery } from './checks.ts';
import { GradeAnswer, GradeQuery, uploadIn } from './grade-schemas.ts';

/** The longest that rows are waited for which are due. */
const MOST_WAIT_MS = 2000;

/** `POST /v1/grade`. */
export function addGrade(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { history } = service.feed;
  const { maxGradings } = service.limits;
  let gradings = 0;
  const schema = {
    tags: ['market'],
    summary: 'What is missing, there twice, out of order or wrong of what was recorded',
    querystring: GradeQuery,
    body: uploadIn(GRADED_FORMATS),
    response: answers(GradeAnswer, 'The grade'),
  };
  app.post<{ Querystring: GradeQuery }>(
    '/v1/grade',
    { schema, config: { takesUpload: true }, preValidation: checkGradeQuery },
    async (request, reply) => {
      checkReady(service);
      const { query } = request;
      namedId(history, query.market);
      const pay = responder.payerOf(request as FastifyRequest);
      const columns =
        query.symbols === undefined ? undefined : columnsOf(history.market, query.symbols, pay);
      const { names } = service.faults;
      const asked = gradeRequestOf(history, query, columns, pay, names);
      const format = query.format ?? formatOf(request.headers['content-type']);
      if (gradings >= maxGradings) {
        const rule = `gradings at a time must be at most ${maxGradings}`;
        const { retryAfterMs } = service.limits;
        throw new TickwellError('too_many', `${rule}; given: 1 more`, { retryAfterMs });
      }
      gradings += 1;
      try {
        await dueRows(service);
        const upload = uploadOf(service, asked, format);
        const headers = {
          'content-type': contentTypeOf('application/json'),
          'cache-control': 'no-store',
        };
        return await answerUpload(service, request as FastifyRequest, reply, upload, headers);
      } finally {
        gradings -= 1;
      }
    },
  );
}

/** Comes back when the rows that are due can be read: another worker may have told of them. */
async function dueRows({ feed, clock, awaited }: TickwellService): Promise<void> {
  const head = Math.min(MAX_ROWS, headAt(feed.market.grid, clock.nowMs()));
  const enough = new AbortController();
  const longest = sleep(MOST_WAIT_MS, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([awaited.until(head), longest]);
  enough.abort();
}

/** How a body is written, as its type says; undefined if it says nothing. */
function formatOf(contentType: string | undefined): GradedFormat | undefined {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType === undefined || mediaType === 'application/octet-stream') return undefined;
  const format = GRADED_FORMATS.find((name) => MEDIA_TYPES[name].includes(mediaType));
  if (format !== undefined) return format;
  const known = GRADED_FORMATS.map((name) => MEDIA_TYPES[name][0]).join(', ');
  const rule = `Content-Type of the body must be one of ${known}, or none`;
  throw new TickwellError('unsupported_media_type', `${rule}; given: ${quoted(contentType)}`);
}

function uploadOf(
  { feed }: TickwellService,
  request: GradeRequest,
  format: GradedFormat | undefined,
): Upload {
  const { history } = feed;
  const { timeline, market } = history;
  let spent = 0;
  const made = (column: number, rows: number) => {
    spent += truthCost(market, column, rows);
  };
  const drawn = (draws: number) => {
    spent += draws * DRAW_COST;
  };
  const reread = (bytes: number) => {
    spent += bytes * REREAD_BYTE_COST;
  };
  const source = { timeline, head: () => history.head, made, drawn, reread };
  const recording = new Recording(new Grading(source, request), format);
  return {
    byteCost: RECORDED_BYTE_COST,
    take: (bytes) => recording.take(bytes),
    spent() {
      const due = spent;
      spent = 0;
      return due;
    },
    finish: () => gradeJson(recording.finish()),
  };
}

/** A grade as JSON, a symbol at a time. */
function* gradeJson(grading: Generator<void, Grade, void>): Making {
  const { symbols, ...about } = yield* grading;
  const writer = new TextWriter(`${JSON.stringify(about).slice(0, -1)},"symbols":{`);
  let before = '';
  for (const [symbol, own] of Object.entries(symbols)) {
    if (writer.add(`${before}${JSON.stringify(symbol)}:${JSON.stringify(own)}`)) yield;
    before = ',';
  }
  writer.add('}}');
  return writer.end();
}
