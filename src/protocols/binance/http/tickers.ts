import { wantedOf } from '../../../core/history/wanted.ts';
import { UNIT_MS } from '../../../core/market/resolution.ts';
import { DAY_MS } from '../../../core/market/time.ts';
import { checkWork } from '../../../host/budgets/bounds.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import {
  followingCost,
  spanCost,
  statisticsLookingCost,
} from '../../../host/budgets/statistics-cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { checkBegun } from '../begun.ts';
import { BinanceError, invalid } from '../errors.ts';
import { offsetOf } from '../intervals.ts';
import { optionalText, type Parameters } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import type { AskedSymbols } from '../symbols.ts';
import {
  FULL_DAY,
  FULL_SPAN,
  MINI,
  saysBest,
  type Ticker,
  type TickerForm,
  tickerText,
} from '../tickers/ticker-forms.ts';
import type { Stretch, Tickers } from '../tickers/tickers.ts';
import type { TimeUnit } from '../time-unit.ts';
import type { Asked, Endpoint, SizedPlan } from './endpoint.ts';

/** Tickers that are written between two yields. */
const TICKERS_PER_STEP = 64;
/** Symbols that `ticker` and `ticker/tradingDay` may be of at once. */
const MOST_SYMBOLS = 100;
const WINDOW = /^([1-9]\d?)([mhd])$/;
/** The most of each unit that a window may have. */
const MOST_OF = { m: 59, h: 23, d: 7 } as const;

/** What instruments came to over some time: the last 24 hours, a window, a day by a clock. */
export function tickers(parts: BinanceParts): readonly Endpoint[] {
  return [
    {
      path: 'ticker/24hr',
      method: 'ticker.24hr',
      weight: dayWeight,
      answer: (asked) => dayPlan(parts, asked),
    },
    {
      path: 'ticker',
      weight: spanWeight,
      answer: (asked) =>
        spanPlan(parts, asked, windowOf(asked.parameters), 'symbols and windowSize'),
    },
    {
      path: 'ticker/tradingDay',
      method: 'ticker.tradingDay',
      weight: spanWeight,
      answer: (asked) => spanPlan(parts, asked, tradingDayOf(asked.parameters), 'symbols'),
    },
  ];
}

/** Where the stretch begins that ends with a row of `newestMs`, or how it ends. */
type StretchOf = (newestMs: number) => Stretch;

function windowOf(parameters: Parameters): StretchOf {
  const text = optionalText(parameters, 'windowSize') ?? '1d';
  const [, count = '', unit = 'm'] = WINDOW.exec(text) ?? [];
  const most = MOST_OF[unit as keyof typeof MOST_OF];
  if (count === '' || Number(count) > most) throw invalid('windowSize');
  const ms = Number(count) * UNIT_MS[unit as keyof typeof MOST_OF];
  return (newestMs) => ({
    openMs: Math.floor((newestMs - ms) / UNIT_MS.m) * UNIT_MS.m,
    closeMs: newestMs,
  });
}

function tradingDayOf(parameters: Parameters): StretchOf {
  const offsetMs = offsetOf(optionalText(parameters, 'timeZone'));
  return (newestMs) => {
    const openMs = Math.floor((newestMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
    return { openMs, closeMs: openMs + DAY_MS, isOpenEnded: true };
  };
}

function dayPlan({ service, symbols, tickers: known }: BinanceParts, asked: Asked): SizedPlan {
  checkReady(service);
  const { parameters, unit, pay } = asked;
  const isMini = isMiniOf(parameters);
  const named = symbols.asked(parameters);
  const { columns, isOne, isAll } = named;
  if (!isAll) checkBegun(service);
  const form = isMini ? MINI : FULL_DAY;
  const { feed, version } = service;
  const { history } = feed;
  pay(statisticsLookingCost(columns.length));
  const rolling = known.rolling('day');
  const there = isAll ? columns.filter((column) => rolling.has(column)) : columns;
  const etagAt = (head: number) => {
    const id = history.timeline.idAt(head - 1);
    const about = ['binance ticker/24hr', id, head, isMini, isOne, isAll, unit];
    return etagOf([version, ...about.map(String)], there);
  };
  const { head } = history;
  const cost =
    head === 0
      ? 0
      : followingCost(rolling, history, there) +
        (saysBest(form) ? bestCost(history, there) : 0) +
        writingCost('json', there.length, form.length);
  checkWork('symbols', cost, service.limits);
  return {
    ...planned(etagAt(head), there),
    leastBytes: head === 0 ? 0 : there.length * leastBytesOf(form),
    cost,
    make: () =>
      head === 0
        ? finished({ pieces: [Buffer.from('[]')], headers: {} })
        : dayMade(known.newest('day', there, isAll, saysBest(form)), form, unit, named, etagAt),
  };
}

function* dayMade(
  read: ReturnType<Tickers['newest']>,
  form: TickerForm,
  unit: TimeUnit,
  named: AskedSymbols,
  etagAt: (head: number) => string,
): Generator<unknown, Made, void> {
  const all = yield* read;
  // The head may have moved since it was asked.
  const [first] = all;
  const etag = first === undefined ? {} : { etag: etagAt(first.statistics.next) };
  return yield* written(all, form, unit, named, etag);
}

function spanPlan(
  { service, symbols, tickers: known }: BinanceParts,
  { parameters, unit, pay }: Asked,
  stretchOf: StretchOf,
  said: string,
): SizedPlan {
  checkReady(service);
  const form = isMiniOf(parameters) ? MINI : FULL_SPAN;
  const named = symbols.named(parameters);
  const { columns, isOne } = named;
  if (columns.length > MOST_SYMBOLS) throw invalid('symbols');
  checkBegun(service);
  const { feed, version } = service;
  const { history } = feed;
  const { head } = history;
  pay(statisticsLookingCost(columns.length));
  const stretch = stretchOf(known.newestMs);
  const rows = known.rowsOf(stretch);
  const { openMs, closeMs } = stretch;
  const id = history.timeline.idAt(head - 1);
  const about = ['binance ticker', id, head, openMs, closeMs, isOne, form.length, unit];
  const etag = etagOf([version, ...about.map(String)], columns);
  const folding = columns.reduce((sum, column) => sum + spanCost(history, column, ...rows), 0);
  const cost = folding + writingCost('json', columns.length, form.length);
  checkWork(said, cost, service.limits);
  return {
    ...planned(etag, columns),
    leastBytes: columns.length * leastBytesOf(form),
    cost,
    make: () => spanMade(known.ofStretch(columns, stretch, rows), form, unit, named),
  };
}

function* spanMade(
  read: ReturnType<Tickers['ofStretch']>,
  form: TickerForm,
  unit: TimeUnit,
  named: AskedSymbols,
): Generator<unknown, Made, void> {
  return yield* written(yield* read, form, unit, named, {});
}

function planned(etag: string, columns: readonly number[]) {
  const mediaType = 'application/json';
  return { mediaType, etag, isImmutable: false, isFinal: false, columns: columns.length };
}

/** The shortest text of a ticker: a name, a colon, a value and a comma for each field. */
function leastBytesOf(form: TickerForm): number {
  return form.length * 8;
}

/** Of what waits at the best prices of the newest row. */
function bestCost(history: BinanceParts['service']['feed']['history'], columns: readonly number[]) {
  const { head } = history;
  const quoted = wantedOf(['bid', 'ask'], columns);
  return rowsCost(history, quoted, [head - 1, head], 'json') + booksCost(columns.length, 1);
}

function* written(
  all: readonly Ticker[],
  form: TickerForm,
  unit: TimeUnit,
  { isOne }: AskedSymbols,
  headers: Made['headers'],
): Generator<unknown, Made, void> {
  const pieces: Uint8Array[] = [];
  let text = isOne ? '' : '[';
  for (const [n, ticker] of all.entries()) {
    text += (n === 0 ? '' : ',') + tickerText(form, ticker, { unit });
    if ((n + 1) % TICKERS_PER_STEP !== 0) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(isOne ? text : `${text}]`));
  return { pieces, headers };
}

// biome-ignore lint/correctness/useYield: there is nothing to wait for.
function* finished(made: Made): Generator<unknown, Made, void> {
  return made;
}

function isMiniOf(parameters: Parameters): boolean {
  const type = optionalText(parameters, 'type') ?? 'FULL';
  if (type !== 'FULL' && type !== 'MINI') {
    throw new BinanceError('badTickerType', 'Invalid ticker type.');
  }
  return type === 'MINI';
}

/** How many symbols are named; undefined if it is all. */
function namedCount({ symbol, symbols }: Parameters): number | undefined {
  if (symbol !== undefined) return 1;
  return typeof symbols === 'string' ? symbols.split(',').length : undefined;
}

function dayWeight(parameters: Parameters): number {
  const count = namedCount(parameters) ?? Number.POSITIVE_INFINITY;
  return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

function spanWeight(parameters: Parameters): number {
  return Math.min(200, 4 * (namedCount(parameters) ?? 1));
}
