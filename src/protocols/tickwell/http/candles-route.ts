import type { FastifyInstance } from 'fastify';
import type { CandleRange } from '../../../core/history/candle-cache.ts';
import { candlesIn } from '../../../core/history/candles.ts';
import type { History } from '../../../core/history/history.ts';
import type { CandleField } from '../../../core/market/fields.ts';
import { indexFrom, sinceOf } from '../../../core/market/grid.ts';
import { quoted } from '../../../core/market/quoted.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { candlesCost } from '../../../host/budgets/candles-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { onceThere } from '../../../host/http/once-there.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Notation } from '../../../wire/notation.ts';
import { type CandleRequest, candleRangeOf, candlesAnswer } from '../answers.ts';
import { cuttingOf } from '../cutting.ts';
import { type CandlesWriter, candlesHeaders, ONE_PART } from '../formats/candles.ts';
import { CANDLES_FORMATS, type CandlesFormat } from '../formats/format.ts';
import { negotiate } from '../formats/negotiation.ts';
import { notationOf } from '../formats/notation.ts';
import { candlesWriter } from '../formats/writers.ts';
import type { TickwellService } from '../limits.ts';
import { candleFieldsOf, checkMarket, columnOf, timeMsOf } from '../requests.ts';
import { checkQuery } from './checks.ts';
import { type CandlesQuery, candlesQuery } from './queries.ts';
import { CANDLES_HEADERS, CandlesAnswer, taggedAnswers } from './schemas.ts';

/** `GET /v1/candles`. */
export function addCandles(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { market, history } = feed;
  const schema = {
    tags: ['market'],
    summary: 'Every candle of a range',
    querystring: candlesQuery(limits),
    response: taggedAnswers(CandlesAnswer, 'The candles', CANDLES_FORMATS, CANDLES_HEADERS),
  };

  app.get<{ Querystring: CandlesQuery }>(
    '/v1/candles',
    { schema, ...COMPRESSED, preValidation: checkQuery(CANDLES_FORMATS) },
    (request, reply) => {
      checkReady(service);
      const { query } = request;
      const { accept } = request.headers;
      const { format, mediaType } = negotiate(CANDLES_FORMATS, query.format, accept);
      const notation = notationOf(format, query);
      checkMarket(market, query.market);
      const pay = responder.payerOf(request);
      const column = columnOf(market, 'symbol', query.symbol, pay);
      const resolution = cuttingOf(market, query, pay);
      const fields = candleFieldsOf(query.fields);
      const range = candleRangeOf(history, limits, resolution, requestOf(query));
      const { fromMs, toMs } = range;
      const etagNow = () => {
        const next = Math.min(history.head, indexFrom(market.grid, toMs));
        const how = [notation.prices, notation.time];
        const about = [resolution.text, resolution.zone, fields.join(), fromMs, toMs, next, ...how];
        return etagOf([version, 'candles', mediaType, market.id, ...about], [column]);
      };
      const isFinal = isFinalRange(history, resolution, range, query);
      return responder.answer(request, reply, {
        mediaType,
        etag: etagNow(),
        columns: 1,
        isFinal,
        // What a zone's clock will have shown may be decided otherwise.
        isImmutable: query.market !== undefined && isFinal && query.tz === undefined,
        cost: candlesCost(history, column, range, { resolution, fields, format, notation }),
        make: () =>
          onceThere(candlesWriter(format), (write) =>
            madeCandles(
              history,
              { column, resolution, range, fields },
              { format, notation, write, etagNow },
            ),
          ),
      });
    },
  );
}

interface Asked {
  readonly column: number;
  readonly resolution: Resolution;
  readonly range: CandleRange;
  readonly fields: readonly CandleField[];
}

interface Writing {
  readonly format: CandlesFormat;
  readonly notation: Notation;
  readonly write: CandlesWriter;
  readonly etagNow: () => string;
}

function* madeCandles(
  history: History,
  { column, resolution, range, fields }: Asked,
  { format, notation, write, etagNow }: Writing,
): Generator<unknown, Made, void> {
  // The head may have moved since; this is where the fold reads it.
  const etag = etagNow();
  const answer = yield* candlesAnswer(history, column, resolution, range, fields);
  const headers = format === 'json' ? {} : exposed(candlesHeaders(answer));
  const { market } = history;
  return {
    pieces: yield* write({ market, answer, notation, part: ONE_PART }),
    headers: { etag, ...headers },
  };
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

function requestOf(query: CandlesQuery): CandleRequest {
  const { from, to, count, last } = query;
  const given = [from, to, count, last].map((value) => value !== undefined);
  const [hasFrom, hasTo, hasCount, hasLast] = given;
  const isRange = hasFrom && hasTo !== hasCount && !hasLast;
  const isLast = hasLast && !hasFrom && !hasTo && !hasCount;
  if (!isRange && !isLast) {
    throw new TickwellError(
      'bad_request',
      'candles need from and to, from and count, or last; given: ' +
        quoted(['from', 'to', 'count', 'last'].filter((_, n) => given[n]).join(', ') || 'none'),
    );
  }
  return { from, to, count: count ?? last };
}
