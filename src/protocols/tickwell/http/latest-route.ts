import type { FastifyInstance } from 'fastify';
import type { History } from '../../../core/history/history.ts';
import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { TradeSums } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import { rangesCost, rangesLookingCost, rowsCost, sumsCost } from '../../../host/budgets/cost.ts';
import { notationCost, writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Notation } from '../../../wire/notation.ts';
import { LATEST_FORMATS, type LatestFormat } from '../formats/format.ts';
import { csvLatest, jsonLatest, type Latest, type LatestField } from '../formats/latest.ts';
import { negotiate } from '../formats/negotiation.ts';
import type { TickwellService } from '../limits.ts';
import { checkSpeaks, namedId, saidId } from '../market-ids.ts';
import { latestFieldsOf } from '../requests.ts';
import { columnsOf } from '../symbols.ts';
import { checkQuery } from './checks.ts';
import { latestHarm } from './harm.ts';
import { LatestAnswer } from './latest-schema.ts';
import { NewestAnswers } from './newest-answers.ts';
import { LatestQuery } from './queries.ts';
import { LATEST_HEADERS, taggedAnswers } from './schemas.ts';

const SCHEMA = {
  tags: ['market'],
  summary: 'The newest price of each instrument and its last 24 hours, flat',
  querystring: LatestQuery,
  response: taggedAnswers(LatestAnswer, 'The latest', LATEST_FORMATS, LATEST_HEADERS),
};

/** `GET /v1/latest`. */
export function addLatest(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { history } = feed;
  const newest = new NewestAnswers(history);

  const config = { harm: latestHarm(feed.market) };
  app.get<{ Querystring: LatestQuery }>(
    '/v1/latest',
    { schema: SCHEMA, ...COMPRESSED, config, preValidation: checkQuery(LATEST_FORMATS) },
    (request, reply) => {
      checkReady(service);
      const { query, url } = request;
      const { accept } = request.headers;
      const said = JSON.stringify([url, accept]);
      const planned = newest.planOf(said);
      if (planned !== undefined) return responder.answer(request, reply, planned);
      const { format, mediaType } = negotiate(LATEST_FORMATS, query.format, accept);
      const named = namedId(history, query.market);
      checkSpeaks(history, named, history.head);
      const pay = responder.payerOf(request);
      const columns = columnsOf(feed.market, query.symbols, pay);
      const fields = latestFieldsOf(query.fields);
      const { prices = 'decimal', time = 'iso' } = query;
      const idAt = (head: number) => saidId(history, named, head);
      const etagAt = (head: number) => {
        const about = [mediaType, idAt(head), fields.join(), head, prices, time];
        return etagOf([version, 'latest', ...about], columns);
      };
      const etag = etagAt(history.head);
      const asked = { columns, fields, format, notation: { prices, time }, idAt, etagAt };
      const known = newest.get(etag);
      if (known === undefined) pay(rangesLookingCost(columns.length));
      const plan = newest.keepPlan(said, {
        mediaType,
        etag,
        columns: columns.length,
        isFinal: false,
        isImmutable: false,
        cost: known === undefined ? checkedCost(history, limits.workBurst, asked) : 0,
        made: known,
        make: () => made(history, asked, newest),
      });
      return responder.answer(request, reply, plan);
    },
  );
}

interface Asked {
  readonly columns: readonly number[];
  readonly fields: readonly LatestField[];
  readonly format: LatestFormat;
  readonly notation: Notation;
  /** The market id that is said of an answer as of a head. */
  readonly idAt: (head: number) => string;
  readonly etagAt: (head: number) => string;
}

const QUOTES = ['bid', 'ask'] as const;

function* made(
  history: History,
  { columns, fields, format, notation, idAt, etagAt }: Asked,
  newest: NewestAnswers,
): Generator<unknown, Made, void> {
  const { market, timeline, day } = history;
  yield* day.follow(columns);
  // From here to the next yield no row comes.
  const { head } = history;
  const shown = head === 0 ? [] : columns;
  const all: Latest[] = shown.map((column) => {
    return { instrument: market.instruments[column]!, ...day.read(column) };
  });
  const quotes = QUOTES.filter((quote) => fields.includes(quote));
  if (quotes.length > 0 && head > 0) {
    const read = yield* readRows(history, wantedOf(quotes, columns), head - 1, head);
    for (const [n, latest] of all.entries()) {
      const own = quotes.map((quote, q) => [quote, read.at(q * columns.length + n)![0]]);
      all[n] = { ...latest, ...Object.fromEntries(own) };
    }
  }
  if (fields.includes('status')) {
    const status = history.newValues('status', 1);
    for (const [n, latest] of all.entries()) {
      timeline.fillStatus(status, 0, columns[n]!, head - 1, head);
      all[n] = { ...latest, status: status[0]! };
    }
  }
  if (fields.includes('volume')) yield* addVolumes(all, history, shown, head);
  const headMs = sinceOf(market.grid, head);
  const write = format === 'json' ? jsonLatest : csvLatest;
  const pieces = yield* write(all, headMs, fields, notation);
  const etag = etagAt(head);
  const said = exposed({ 'tickwell-market': idAt(head), 'tickwell-head': String(headMs) });
  return newest.keep(head, etag, { pieces, headers: { etag, ...said } });
}

/** Columns whose volume is read between two yields. */
const VOLUMES_PER_STEP = 16;

/** Adds what was traded in the span of the ranges, as it was when the head was `head`. */
function* addVolumes(
  all: Latest[],
  { day, timeline }: History,
  columns: readonly number[],
  head: number,
): Generator<unknown, void, void> {
  const sums = new TradeSums();
  const from = day.from(head);
  for (const [n, column] of columns.entries()) {
    sums.clear();
    timeline.foldTrades(sums, column, from, head);
    all[n] = { ...all[n]!, volume: sums.volume };
    if (n % VOLUMES_PER_STEP === 0) yield;
  }
}

/** What an answer costs; throws if an address could never pay for the rows behind it. */
function checkedCost(
  history: History,
  limit: number,
  { columns, fields, format, notation }: Omit<Asked, 'idAt' | 'etagAt'>,
): number {
  const { head } = history;
  const quotes = wantedOf(
    QUOTES.filter((quote) => fields.includes(quote)),
    columns,
  );
  const quoted =
    quotes.fields.length === 0 || head === 0
      ? 0
      : rowsCost(history, quotes, [head - 1, head], format);
  const summed = fields.includes('volume')
    ? columns.reduce((sum, column) => sum + sumsCost(history.market, column), 0)
    : 0;
  const cost = rangesCost(history, columns) + quoted + summed;
  if (cost > limit) {
    throw new TickwellError(
      'range_too_large',
      `symbols must take at most ${limit} prices of work, for their last 24 hours; given: ` +
        `${cost}, for ${columns.length} symbols`,
      { limit },
    );
  }
  const values = columns.length * fields.length;
  return (
    cost + writingCost(format, columns.length, fields.length) + notationCost(notation, 0, values)
  );
}
