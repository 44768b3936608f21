import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CandleRange } from '../../../core/history/candle-cache.ts';
import { candlesIn } from '../../../core/history/candles.ts';
import type { History } from '../../../core/history/history.ts';
import type { CandleField } from '../../../core/market/fields.ts';
import { indexFrom, sinceOf } from '../../../core/market/grid.ts';
import { inQuotes } from '../../../core/market/quoted.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import {
  candlesCost,
  candlesLookingCost,
  manyCandlesCost,
} from '../../../host/budgets/candles-cost.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { onceThere } from '../../../host/http/once-there.ts';
import {
  COMPRESSED,
  exposed,
  type Made,
  type Plan,
  type Responder,
} from '../../../host/http/responder.ts';
import type { Notation } from '../../../wire/notation.ts';
import { candleRangeOf, candlesAnswer, cuttingSaid } from '../answers.ts';
import { cuttingOf } from '../cutting.ts';
import { candlesHeaders, ONE_PART } from '../formats/candles.ts';
import { CANDLES_FORMATS, type CandlesFormat } from '../formats/format.ts';
import { notationOf } from '../formats/notation.ts';
import { checkIndex, GROUP_ROWS, MAX_ANSWER_CHUNKS } from '../formats/parquet.ts';
import { candlesWriter } from '../formats/writers.ts';
import { limitsNow, type TickwellService } from '../limits.ts';
import {
  joinedParts,
  type ManyCandles,
  type ManyWriting,
  manyCandlesFacts,
  manyCandlesParts,
} from '../many-candles.ts';
import { checkSpeaks, saidId } from '../market-ids.ts';
import { checkWidth } from '../ranges.ts';
import { candleFieldsOf, timeMsOf } from '../requests.ts';
import { columnOf, columnsOf } from '../symbols.ts';
import { begun } from './begun.ts';
import { checkSubject, manyBounds, requestOf, valuesOf } from './candles-query.ts';
import { checkQuery } from './checks.ts';
import { listsHarm } from './harm.ts';
import { type CandlesQuery, candlesQuery } from './queries.ts';
import { CANDLES_HEADERS, CandlesAnswers, taggedAnswers } from './schemas.ts';

/** `GET /v1/candles`. */
export function addCandles(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits } = service;
  const { market } = feed;
  const schema = {
    tags: ['market'],
    summary: 'Every candle of a range',
    querystring: candlesQuery(limits),
    response: taggedAnswers(CandlesAnswers, 'The candles', CANDLES_FORMATS, CANDLES_HEADERS),
  };
  const preValidation = [checkQuery(CANDLES_FORMATS), checkSubject(limits)];

  const config = { harm: listsHarm(feed.market) };
  app.get<{ Querystring: CandlesQuery }>(
    '/v1/candles',
    { schema, ...COMPRESSED, config, preValidation },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay, named } = begun(service, responder, CANDLES_FORMATS, request);
      const notation = notationOf(format, query);
      const columns =
        query.symbols === undefined
          ? [columnOf(market, 'symbol', query.symbol, pay, severalAs)]
          : columnsOf(market, query.symbols, pay);
      const resolution = cuttingOf(feed.history, query, pay);
      const fields = candleFieldsOf(query.fields);
      const form = { format, mediaType, notation };
      const asked = { query, named, columns, resolution, fields, pay };
      if (query.symbols === undefined) {
        return responder.answer(request, reply, planOfOne(service, asked, form));
      }
      const many = manyOf(service, asked, format);
      if (query.whole) return streamMany(responder, service, request, reply, many, form);
      pay(candlesLookingCost(feed.history, columns, many.range, asked));
      return responder.answer(request, reply, planOfMany(service, asked, many, form));
    },
  );
}

/** How several symbols are asked for. */
function severalAs(symbols: string): string {
  return `did you mean ${inQuotes(`symbols=${symbols}`)}?`;
}

interface Asked {
  readonly query: CandlesQuery;
  /** The market id that it names. */
  readonly named: string | undefined;
  readonly columns: readonly number[];
  readonly resolution: Resolution;
  readonly fields: readonly CandleField[];
  readonly pay: Pay;
}

interface Form {
  readonly format: CandlesFormat;
  readonly mediaType: string;
  readonly notation: Notation;
}

/** Candles of one symbol: flat. */
function planOfOne(service: TickwellService, asked: Asked, form: Form): Plan {
  const { feed, version } = service;
  const { market, history } = feed;
  const { query, named, columns, resolution, fields, pay } = asked;
  const { format, mediaType, notation } = form;
  const column = columns[0]!;
  const range = candleRangeOf(history, limitsNow(service), resolution, requestOf(query), pay);
  const { fromMs, toMs } = range;
  pay(candlesLookingCost(history, columns, range, asked));
  const idNow = () => idOf(history, named, range, history.head);
  const etagNow = () => {
    const next = Math.min(history.head, indexFrom(market.grid, toMs));
    const how = [notation.prices, notation.time];
    const cutting = JSON.stringify(cuttingSaid(resolution));
    const about = [cutting, fields.join(), fromMs, toMs, next, ...how, `${query.held ?? true}`];
    return etagOf([version, 'candles', mediaType, idNow(), ...about], columns);
  };
  return {
    mediaType,
    etag: etagNow(),
    columns: 1,
    ...lastingOf(history, asked, range),
    cost: candlesCost(history, column, range, { resolution, fields, format, notation }),
    make: () =>
      onceThere(candlesWriter(format), (write) =>
        madeOfOne(
          history,
          { column, resolution, range, fields, isHeldToo: query.held ?? true },
          { format, notation, write },
          { idNow, etagNow },
        ),
      ),
  };
}

interface One extends Omit<Asked, 'query' | 'named' | 'columns' | 'pay'> {
  readonly column: number;
  /** Whether candles of held rows alone are answered. */
  readonly isHeldToo: boolean;
  readonly range: CandleRange;
}

function* madeOfOne(
  history: History,
  { column, resolution, range, fields, isHeldToo }: One,
  { format, notation, write }: ManyWriting,
  { idNow, etagNow }: { readonly idNow: () => string; readonly etagNow: () => string },
): Generator<unknown, Made, void> {
  const { market } = history;
  // The head may have moved since; this is where the fold reads it.
  const etag = etagNow();
  const answer = yield* candlesAnswer(
    ...([history, idNow(), column, resolution, range, fields, isHeldToo] as const),
  );
  const headers = format === 'json' ? {} : exposed(candlesHeaders(answer));
  const pieces = yield* write({ market, answer, notation, part: ONE_PART });
  return { pieces, headers: { etag, ...headers } };
}

/** Candles of several symbols, as far as they may be asked for at once. */
function manyOf(
  service: TickwellService,
  { query, named, columns, resolution, fields, pay }: Asked,
  format: CandlesFormat,
): ManyCandles {
  const { history } = service.feed;
  const { limits } = service;
  const isWhole = query.whole === true;
  const { dtype } = history.market.spec;
  const asked = { columns: columns.length, fields, dtype };
  const bounds = manyBounds(limits, asked, format, isWhole);
  if (isWhole) checkWidth(history, resolution, limits);
  const now = limitsNow(service);
  const range = candleRangeOf(history, now, resolution, requestOf(query), pay, bounds);
  if (format === 'parquet') {
    const rows = candlesIn(resolution, range);
    // Symbol and time stand before the values.
    const width = { columns: 2 + valuesOf(fields), tables: columns.length };
    checkIndex({
      what: 'candles',
      rows,
      partRows: GROUP_ROWS,
      ...width,
      maxChunks: MAX_ANSWER_CHUNKS,
    });
  }
  const { head } = history;
  const id = idOf(history, named, range, head);
  const isHeldToo = query.held ?? true;
  return { id, columns, resolution, range, fields, isHeldToo, head };
}

function planOfMany(
  { feed, version }: TickwellService,
  asked: Asked,
  many: ManyCandles,
  form: Form,
): Plan {
  const { market, history } = feed;
  const { id, columns, resolution, range, fields, isHeldToo, head } = many;
  const { format, mediaType, notation } = form;
  const next = Math.min(head, indexFrom(market.grid, range.toMs));
  const how = [fields.join(), range.fromMs, range.toMs, next, notation.prices, notation.time];
  const cutting = JSON.stringify(cuttingSaid(resolution));
  const about = [mediaType, id, cutting, ...how, `${isHeldToo}`];
  return {
    mediaType,
    etag: etagOf([version, 'candles of several', ...about], columns),
    columns: columns.length,
    ...lastingOf(history, asked, range),
    cost: manyCandlesCost(history, columns, range, { resolution, fields, format, notation }),
    make: () =>
      onceThere(candlesWriter(format), (write) =>
        madeOfMany(history, many, { format, notation, write }),
      ),
  };
}

function* madeOfMany(
  history: History,
  many: ManyCandles,
  writing: ManyWriting,
): Generator<unknown, Made, void> {
  const pieces = yield* joinedParts(manyCandlesParts(history, many, writing));
  return { pieces, headers: writing.format === 'json' ? {} : manyHeaders(history, many) };
}

function streamMany(
  responder: Responder,
  { feed: { history } }: TickwellService,
  request: FastifyRequest,
  reply: FastifyReply,
  many: ManyCandles,
  { format, mediaType, notation }: Form,
) {
  const headers = format === 'json' ? {} : manyHeaders(history, many);
  return onceThere(candlesWriter(format), (write) => {
    const parts = manyCandlesParts(history, many, { format, notation, write });
    return responder.stream(request, reply, { mediaType, headers, parts });
  });
}

/** Whether an answer can be kept, and by whom. */
function lastingOf(history: History, { query, named, resolution }: Asked, range: CandleRange) {
  const isFinal = isFinalRange(history, resolution, range, query);
  // What a zone's clock will have shown may be decided otherwise.
  const isImmutable = named !== undefined && isFinal && query.tz === undefined;
  return { isFinal, isImmutable };
}

/**
 * The market id of an answer as of a head. Throws if the one that was named does not speak for all
 * of it: candles do not say which rows their reader has.
 */
function idOf(
  history: History,
  named: string | undefined,
  { toMs }: CandleRange,
  head: number,
): string {
  const next = Math.min(head, indexFrom(history.market.grid, toMs));
  checkSpeaks(history, named, next);
  return saidId(history, named, next);
}

/** Whether all that was asked for is there and final. */
function isFinalRange(
  { market, head }: History,
  resolution: Resolution,
  range: CandleRange,
  { from, to, count }: CandlesQuery,
): boolean {
  const candles = candlesIn(resolution, range);
  // A range that ends in the future has more candles later, even if its last is final now.
  const hasEnded = to === undefined || timeMsOf('to', to) <= sinceOf(market.grid, head);
  const isWhole = candles > 0 && candles === (count ?? candles);
  return from !== undefined && hasEnded && isWhole && indexFrom(market.grid, range.toMs) <= head;
}

function manyHeaders(history: History, many: ManyCandles): Record<string, string> {
  const facts = Object.entries(manyCandlesFacts(history, many));
  const headers = facts.map(([name, value]) => [`tickwell-${name}`, String(value)]);
  return exposed({ 'tickwell-market': many.id, ...Object.fromEntries(headers) });
}
