import type { FastifyInstance } from 'fastify';
import { DAY_MS } from '../../../core/market/time.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, type Made } from '../../../host/http/responder.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { Sessions } from '../sessions.ts';
import { checkKey, type Routes } from './begun.ts';
import { type Parameters, rangeOf, textOf } from './parameters.ts';

/** Days of one answer: a hundred years. */
const MOST_DAYS = 36_525;
const YEAR_DAYS = 366;
const DAYS_PER_STEP = 512;
/** Finding the hours of a day, and writing them, in the units of `cost.ts`. */
const DAY_COST = 4000;

/** `/v2/clock` and `/v2/calendar`: when the market is open. */
export function addClock(app: FastifyInstance, { service, symbols, responder }: Routes): void {
  const { clock, feed, version } = service;
  const { market } = feed;
  const sessions = new Sessions(market, symbols.all('stock'));

  app.get('/v2/clock', (request) => {
    checkKey(request);
    const nowMs = Math.floor(clock.marketMs());
    const hours = sessions.from(nowMs);
    const isOpen = nowMs >= hours.openMs;
    const next = isOpen ? sessions.from(hours.closeMs) : hours;
    return {
      timestamp: sessions.timeText(nowMs),
      is_open: isOpen,
      next_open: sessions.timeText(next.openMs),
      next_close: sessions.timeText(hours.closeMs),
    };
  });

  app.get<{ Querystring: Parameters }>('/v2/calendar', COMPRESSED, (request, reply) => {
    checkKey(request);
    const { first, end } = daysOf(request.query, market.grid.originMs, clock.marketMs());
    if (end - first > MOST_DAYS) {
      const rule = `start and end must be at most ${MOST_DAYS} days apart`;
      throw new TickwellError('range_too_large', `${rule}; given: ${end - first}`);
    }
    return responder.answer(request, reply, {
      mediaType: 'application/json',
      etag: etagOf([version, 'alpaca calendar', market.id, first, end], []),
      isImmutable: false,
      isFinal: true,
      columns: 0,
      cost: DAY_COST * Math.max(0, end - first),
      make: () => calendar(sessions, first, end),
    });
  });
}

/** Days since 1970: by default all of the market and a year more, but not too many. */
function daysOf(query: Parameters, originMs: number, nowMs: number) {
  const lastMs = Math.max(originMs, nowMs) + YEAR_DAYS * DAY_MS;
  const { startMicros, endMicros } = rangeOf(query, lastMs, originMs);
  const first = Math.floor(startMicros / 1000 / DAY_MS);
  const end = Math.floor(endMicros / 1000 / DAY_MS) + 1;
  if (textOf(query, 'start') === undefined) return { first: Math.max(first, end - MOST_DAYS), end };
  if (textOf(query, 'end') === undefined) return { first, end: Math.min(end, first + MOST_DAYS) };
  return { first, end };
}

function* calendar(sessions: Sessions, first: number, end: number): Generator<unknown, Made, void> {
  const days: string[] = [];
  for (let day = first; day < end; day++) {
    if (sessions.isOpenOn(day)) days.push(JSON.stringify(sessions.described(day)));
    if ((day - first) % DAYS_PER_STEP === DAYS_PER_STEP - 1) yield;
  }
  return { pieces: [Buffer.from(`[${days.join()}]`)], headers: {} };
}
