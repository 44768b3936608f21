import type {} from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import type { CandleRange } from '../../core/history/candle-cache.ts';
import {
  type Candles,
  candleRange,
  candlesIn,
  foldCandles,
  newCandles,
} from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { withoutHeld } from '../../core/history/without-held.ts';
import { indexFrom, sinceOf, timeOf } from '../../core/market/grid.ts';
import { formatPrice, type Instrument } from '../../core/market/instrument.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { candlesCost, candlesLookingCost } from '../../host/budgets/candles-cost.ts';
import type { Making } from '../../host/http/body.ts';
import { etagOf } from '../../host/http/caching.ts';
import { COMPRESSED, type Made, type Responder } from '../../host/http/responder.ts';
import { checkReady } from '../../host/readiness.ts';
import { TickwellError } from '../../wire/errors.ts';
import { historyHarm } from './harm.ts';
import type { UdfService } from './limits.ts';
import { type Parameters, secondsOf, textOf, wholeOf } from './parameters.ts';
import { resolutionOf } from './resolutions.ts';
import type { UdfSymbols } from './symbols.ts';

const JSON_TYPE = 'application/json';
const FIELDS = ['volume'] as const;
/** Bars that are written between two yields. */
const BARS_PER_STEP = 512;

/** Bars of a chart, before `to`. */
interface Asked {
  readonly column: number;
  readonly resolution: Resolution;
  readonly range: CandleRange;
}

/** `GET /udf/history`: the bars of a range, the one that is being made too. */
export function addHistory(
  app: FastifyInstance,
  service: UdfService,
  symbols: UdfSymbols,
  responder: Responder,
): void {
  const { feed, version, limits } = service;
  const { market, history } = feed;
  const options = { ...COMPRESSED, config: { harm: historyHarm(market, symbols) } };
  app.get<{ Querystring: Parameters }>('/udf/history', options, (request, reply) => {
    checkReady(service);
    const { query } = request;
    const pay = responder.payerOf(request);
    const column = symbols.columnOf(textOf(query, 'symbol'), pay);
    const resolution = resolutionOf(textOf(query, 'resolution'), market.grid.intervalMs);
    const toMs = secondsOf(query, 'to');
    const count = wholeOf(query, 'countback', [0, Number.MAX_SAFE_INTEGER], 0);
    const fromMs = count > 0 ? undefined : secondsOf(query, 'from');
    const wanted = barsOf(history, resolution, { fromMs, toMs, count });
    const bars = candlesIn(resolution, wanted);
    if (bars > limits.maxUdfBars) {
      const rule = `${count > 0 ? 'countback' : 'from and to'} must make at most`;
      throw new TickwellError(
        'range_too_large',
        `${rule} ${limits.maxUdfBars} bars; given: ${bars}`,
        { limit: limits.maxUdfBars },
      );
    }
    if (bars === 0) return reply.send(nothing(history, resolution, toMs));
    pay(candlesLookingCost(history, [column], wanted, { resolution, fields: FIELDS }));
    const range = affordable(service, column, resolution, wanted);
    const asked = { column, resolution, range };
    const etagNow = () => {
      const next = Math.min(history.head, indexFrom(market.grid, range.toMs));
      const about = [resolution.key, range.fromMs, range.toMs, next];
      return etagOf([version, 'udf', history.timeline.idAt(next - 1), ...about], [column]);
    };
    return responder.answer(request, reply, {
      mediaType: JSON_TYPE,
      etag: etagNow(),
      isImmutable: false,
      isFinal: indexFrom(market.grid, range.toMs) <= history.head,
      columns: 1,
      cost: costOf(history, asked),
      make: () => made(history, asked, etagNow),
    });
  });
}

function costOf(history: History, { column, resolution, range }: Asked): number {
  return candlesCost(history, column, range, { resolution, fields: FIELDS, format: 'json' });
}

/**
 * The newest of these bars, as many as an address can pay for at once: a chart that is given fewer
 * than it asked for asks for those before. Throws a `TickwellError` if one of them is too much.
 */
function affordable(
  { feed: { history }, limits: { workBurst, maxUdfRows } }: UdfService,
  column: number,
  resolution: Resolution,
  wanted: CandleRange,
): CandleRange {
  let range = wanted;
  let bars = candlesIn(resolution, range);
  while (bars > 1 && costOf(history, { column, resolution, range }) > workBurst) {
    bars = Math.ceil(bars / 2);
    const first = resolution.numberOf(range.toMs - 1) - (bars - 1);
    range = { fromMs: resolution.startOf(first), toMs: range.toMs };
  }
  const { grid } = history.market;
  const rows =
    Math.min(history.head, indexFrom(grid, range.toMs)) -
    Math.max(0, indexFrom(grid, range.fromMs));
  if (bars > 1 || rows <= maxUdfRows) return range;
  const rule = `resolution must make bars of at most ${maxUdfRows} rows`;
  throw new TickwellError('range_too_large', `${rule}; given: ${rows}`, { limit: maxUdfRows });
}

/**
 * The bars that are wanted and there: so many before `toMs`, which is not of them, or those that
 * begin from `fromMs` on.
 */
function barsOf(
  history: History,
  resolution: Resolution,
  { fromMs, toMs, count }: { fromMs: number | undefined; toMs: number; count: number },
): CandleRange {
  const { grid } = history.market;
  const newestMs = sinceOf(grid, history.head);
  const end = Math.min(toMs, newestMs + 1);
  // The market's first bar may begin before its first row.
  const first = resolution.numberOf(grid.originMs);
  const last = resolution.numberOf(end - 1);
  const wanted = fromMs === undefined ? last - count + 1 : resolution.numberOf(fromMs - 1) + 1;
  const from = Math.max(first, wanted);
  if (history.head === 0 || last < from) return { fromMs: end, toMs: end };
  return candleRange(history, resolution, resolution.startOf(from), end);
}

/** What is said where there is no bar: when the one before begins, if there is one. */
function nothing(history: History, resolution: Resolution, toMs: number) {
  const { grid } = history.market;
  const before = Math.min(toMs, timeOf(grid, history.head)) - 1;
  if (history.head === 0 || before < grid.originMs) return { s: 'no_data' };
  const startMs = resolution.startOf(resolution.numberOf(before));
  return { s: 'no_data', nextTime: Math.floor(startMs / 1000) };
}

/** The same where all bars are of held rows alone: when the last that is not begins before them. */
function nothingOpen(
  { timeline }: History,
  column: number,
  resolution: Resolution,
  fromMs: number,
) {
  const { grid } = timeline;
  const before = indexFrom(grid, fromMs) - 1;
  if (before < 0) return { s: 'no_data' };
  const row = timeline.openRowsOf(column)?.shownAt(before) ?? before;
  const startMs = resolution.startOf(resolution.numberOf(timeOf(grid, row)));
  return { s: 'no_data', nextTime: Math.floor(startMs / 1000) };
}

function* made(
  history: History,
  { column, resolution, range }: Asked,
  etagNow: () => string,
): Generator<unknown, Made, void> {
  // The head may have moved since; this is where the fold reads it.
  const etag = etagNow();
  const candles = newCandles(FIELDS);
  yield* foldCandles(candles, history, column, resolution, range);
  // A chart leaves out what is outside of the session that it was told.
  const shown = withoutHeld(candles, history, column, resolution);
  if (shown.time.length === 0) {
    const none = JSON.stringify(nothingOpen(history, column, resolution, range.fromMs));
    return { pieces: [Buffer.from(none)], headers: { etag } };
  }
  const pieces = yield* bars(shown, history.market.instruments[column]!);
  return { pieces, headers: { etag } };
}

/** The bars in columns, as a chart reads them. */
function* bars(candles: Candles, instrument: Instrument): Making {
  const price = (ticks: number) => Number(formatPrice(instrument, ticks));
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const columns: readonly (readonly [string, readonly number[], (value: number) => number])[] = [
    ['t', candles.time, seconds],
    ['o', candles.open, price],
    ['h', candles.high, price],
    ['l', candles.low, price],
    ['c', candles.close, price],
    ['v', candles.volume!, (lots) => lots],
  ];
  const pieces: Uint8Array[] = [Buffer.from('{"s":"ok"')];
  for (const [name, values, told] of columns) {
    for (let from = 0; from < values.length; from += BARS_PER_STEP) {
      const some = values
        .slice(from, from + BARS_PER_STEP)
        .map(told)
        .join();
      pieces.push(Buffer.from(from === 0 ? `,"${name}":[${some}` : `,${some}`));
      yield;
    }
    pieces.push(Buffer.from(']'));
  }
  pieces.push(Buffer.from('}'));
  return pieces;
}
