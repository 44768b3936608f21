import type { FastifyInstance } from 'fastify';
import type { History } from '../../../core/history/history.ts';
import { readTrades } from '../../../core/history/read-trades.ts';
import { tradesCost } from '../../../host/budgets/trades-cost.ts';
import { notationCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { onceThere } from '../../../host/http/once-there.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import type { Notation } from '../../../wire/notation.ts';
import { ONE_PART } from '../formats/candles.ts';
import { TRADES_FORMATS, type TradesFormat } from '../formats/format.ts';
import { notationOf } from '../formats/notation.ts';
import { type TradesWriter, tradesHeaders } from '../formats/trades.ts';
import { tradesWriter } from '../formats/writers.ts';
import { limitsNow, type TickwellService } from '../limits.ts';
import { speaksFor } from '../market-ids.ts';
import { type TradesRange, tradesRangeOf } from '../trades.ts';
import { begun } from './begun.ts';
import { checkQuery } from './checks.ts';
import { listsHarm } from './harm.ts';
import { type TradesQuery, tradesQuery } from './queries.ts';
import { TRADES_HEADERS, TradesAnswer, taggedAnswers } from './schemas.ts';

/** `GET /v1/trades`. */
export function addTrades(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { history } = feed;
  const schema = {
    tags: ['market'],
    summary: 'Single trades of an instrument, by their numbers',
    querystring: tradesQuery(limits),
    response: taggedAnswers(TradesAnswer, 'The trades', TRADES_FORMATS, TRADES_HEADERS),
  };

  const config = { harm: listsHarm(feed.market) };
  app.get<{ Querystring: TradesQuery }>(
    '/v1/trades',
    { schema, ...COMPRESSED, config, preValidation: checkQuery(TRADES_FORMATS) },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay, named } = begun(service, responder, TRADES_FORMATS, request);
      const notation = notationOf(format, query);
      const range = tradesRangeOf(history, limitsNow(service), query, named, pay);
      const { column, from, next, fromRow, nextRow, head, id } = range;
      const trades = next - from;
      const about = [from, next, head ?? 'over', notation.prices, notation.time];
      const isNamed = query.fromId !== undefined || query.since !== undefined;
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf([version, 'trades', mediaType, id, ...about], [column]),
        columns: 1,
        isFinal: head === undefined,
        isImmutable:
          head === undefined &&
          isNamed &&
          query.since !== 'now' &&
          speaksFor(history, named, nextRow),
        cost:
          tradesCost(history, column, trades, [fromRow, nextRow], format) +
          notationCost(notation, trades, trades),
        make: () =>
          onceThere(tradesWriter(format), (write) =>
            madeTrades(history, range, { format, notation, write }),
          ),
      });
    },
  );
}

interface Writing {
  readonly format: TradesFormat;
  readonly notation: Notation;
  readonly write: TradesWriter;
}

function* madeTrades(
  history: History,
  { column, from, next, head, id }: TradesRange,
  { format, notation, write }: Writing,
): Generator<unknown, Made, void> {
  const { market } = history;
  const read = yield* readTrades(history, column, from, next);
  const isNamed = false;
  const pieces = yield* write({
    market,
    id,
    column,
    read,
    notation,
    head,
    isNamed,
    part: ONE_PART,
  });
  const headers = format === 'json' ? {} : exposed(tradesHeaders(market, id, read, head));
  return { pieces, headers };
}
