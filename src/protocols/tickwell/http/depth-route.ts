import type { FastifyInstance } from 'fastify';
import type { History } from '../../../core/history/history.ts';
import { fillBooks, readQuotes } from '../../../core/history/read-books.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { timeOf } from '../../../core/market/grid.ts';
import { newDepth } from '../../../core/market/trading/book.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { notationCost, writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import type { Notation } from '../../../wire/notation.ts';
import { rowAt } from '../depth.ts';
import { depthText } from '../formats/depth.ts';
import { DEPTH_FORMATS, type DepthFormat } from '../formats/format.ts';
import { notationOf } from '../formats/notation.ts';
import type { TickwellService } from '../limits.ts';
import { checkSpeaks, saidId } from '../market-ids.ts';
import { extentOf } from '../ranges.ts';
import { columnOf } from '../symbols.ts';
import { begun } from './begun.ts';
import { checkQuery } from './checks.ts';
import { listsHarm } from './harm.ts';
import { DepthQuery } from './queries.ts';
import { DEPTH_HEADERS, DepthAnswer, taggedAnswers } from './schemas.ts';

const SCHEMA = {
  tags: ['market'],
  summary: 'The orders that wait at the best prices, as of a row',
  querystring: DepthQuery,
  response: taggedAnswers(DepthAnswer, 'The book', DEPTH_FORMATS, DEPTH_HEADERS),
};

/** `GET /v1/depth`. */
export function addDepth(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, version } = service;
  const { market, history } = feed;

  const config = { harm: listsHarm(feed.market) };
  app.get<{ Querystring: DepthQuery }>(
    '/v1/depth',
    { schema: SCHEMA, ...COMPRESSED, config, preValidation: checkQuery(DEPTH_FORMATS) },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay, named } = begun(service, responder, DEPTH_FORMATS, request);
      const notation = notationOf(format, query);
      const column = columnOf(market, 'symbol', query.symbol, pay);
      const index = rowAt(market, history.head, query.at);
      checkSpeaks(history, named, index + 1);
      const id = saidId(history, named, index + 1);
      const asked = { id, column, index, levels: query.levels, format, notation };
      const { prices, time } = notation;
      const decisive = [version, 'depth', mediaType, id, index, query.levels, prices, time];
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf(decisive, [column]),
        columns: 1,
        // A row never changes, whether it was named or the newest; that there is none does.
        isFinal: index >= 0,
        isImmutable: query.at !== undefined && named !== undefined,
        cost: costOf(history, asked),
        make: () => made(history, asked),
      });
    },
  );
}

interface Asked {
  /** The market id that the answer says. */
  readonly id: string;
  readonly column: number;
  /** -1 if there is no row yet. */
  readonly index: number;
  readonly levels: number;
  readonly format: DepthFormat;
  readonly notation: Notation;
}

function costOf(history: History, { column, index, levels, format, notation }: Asked): number {
  if (index < 0) return 0;
  const quotes = rowsCost(history, wantedOf(['bid', 'ask'], [column]), [index, index + 1], format);
  const lines = 2 * levels;
  const written = writingCost(format, lines, 2) + notationCost(notation, 1, lines);
  return quotes + booksCost(1, levels) + written;
}

function* made(
  history: History,
  { id, column, index, levels, format, notation }: Asked,
): Generator<unknown, Made, void> {
  const { market } = history;
  const depth = newDepth(levels);
  const extent = index < 0 ? extentOf(market, 0) : undefined;
  if (extent === undefined) {
    const quotes = yield* readQuotes(history, [column], index, index + 1);
    yield* fillBooks([depth], history, quotes, index, levels);
  }
  const instrument = market.instruments[column]!;
  const timeMs = timeOf(market.grid, index);
  const about = { marketId: id, instrument, timeMs, extent };
  const pieces = [Buffer.from(depthText(format, { ...about, depth, notation }))];
  if (format === 'json') return { pieces, headers: {} };
  const when: Record<string, string> =
    extent === undefined
      ? { 'tickwell-time': String(timeMs) }
      : { 'tickwell-earliest': String(extent.earliest), 'tickwell-head': String(extent.head) };
  return { pieces, headers: exposed({ 'tickwell-market': id, ...when }) };
}
