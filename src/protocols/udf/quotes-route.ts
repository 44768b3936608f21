import type {} from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import type { History } from '../../core/history/history.ts';
import { readRows } from '../../core/history/read-rows.ts';
import { wantedOf } from '../../core/history/wanted.ts';
import { TradeSums } from '../../core/market/fields.ts';
import { formatPrice } from '../../core/market/instrument.ts';
import { DAY_MS } from '../../core/market/time.ts';
import { rangesCost, rangesLookingCost, rowsCost } from '../../host/budgets/cost.ts';
import { writingCost } from '../../host/budgets/writing-cost.ts';
import { etagOf } from '../../host/http/caching.ts';
import { COMPRESSED, type Made, type Responder } from '../../host/http/responder.ts';
import { checkReady } from '../../host/readiness.ts';
import { TickwellError } from '../../wire/errors.ts';
import { quotesHarm } from './harm.ts';
import type { UdfService } from './limits.ts';
import { type Parameters, textOf } from './parameters.ts';
import { EXCHANGE, type UdfSymbols } from './symbols.ts';

const QUOTES = ['bid', 'ask'] as const;
/** Values of one symbol. */
const VALUES = 12;

/** What was asked for by a name, and the column that it means, if there is one. */
interface Named {
  readonly name: string;
  readonly column: number | undefined;
}

/** `GET /udf/quotes`: the newest price of each symbol, and its last 24 hours. */
export function addQuotes(
  app: FastifyInstance,
  service: UdfService,
  symbols: UdfSymbols,
  responder: Responder,
): void {
  const { feed, version, limits } = service;
  const { history } = feed;
  const options = { ...COMPRESSED, config: { harm: quotesHarm(feed.market, symbols) } };
  app.get<{ Querystring: Parameters }>('/udf/quotes', options, (request, reply) => {
    checkReady(service);
    const names = textOf(request.query, 'symbols').split(',');
    if (names.length > limits.maxUdfSymbols) {
      const rule = `symbols must be at most ${limits.maxUdfSymbols}`;
      throw new TickwellError('range_too_large', `${rule}; given: ${names.length}`, {
        limit: limits.maxUdfSymbols,
      });
    }
    const named = names.map((name) => ({ name, column: columnOf(symbols, name) }));
    const columns = [...new Set(named.flatMap(({ column }) => column ?? []))];
    const pay = responder.payerOf(request);
    pay(rangesLookingCost(columns.length));
    const etagAt = (head: number) =>
      etagOf([version, 'udf quotes', history.timeline.idAt(head - 1), head, names.join()], columns);
    const { head } = history;
    const bid = wantedOf(QUOTES, columns);
    const quoted = head === 0 ? 0 : rowsCost(history, bid, [head - 1, head], 'json');
    return responder.answer(request, reply, {
      mediaType: 'application/json',
      etag: etagAt(head),
      isImmutable: false,
      isFinal: false,
      columns: columns.length,
      cost: rangesCost(history, columns) + quoted + writingCost('json', names.length, VALUES),
      make: () => made(history, named, columns, etagAt),
    });
  });
}

function columnOf({ names }: UdfSymbols, name: string): number | undefined {
  return names.columnOf(name.startsWith(`${EXCHANGE}:`) ? name.slice(EXCHANGE.length + 1) : name);
}

function* made(
  history: History,
  named: readonly Named[],
  columns: readonly number[],
  etagAt: (head: number) => string,
): Generator<unknown, Made, void> {
  const { market, day } = history;
  yield* day.follow(columns);
  // From here to the next yield no row comes.
  const { head } = history;
  const ranges = head === 0 ? [] : columns.map((column) => day.read(column));
  const sums = head === 0 ? [] : columns.map((column) => sumsOf(history, column, head));
  const quotes =
    head === 0 ? undefined : yield* readRows(history, wantedOf(QUOTES, columns), head - 1, head);
  const told = named.map(({ name, column }) => {
    const n = column === undefined ? -1 : columns.indexOf(column);
    const range = ranges[n];
    if (column === undefined) return { s: 'error', n: name, errmsg: 'unknown_symbol', v: {} };
    if (range === undefined || quotes === undefined) {
      return { s: 'error', n: name, errmsg: 'the market has not begun', v: {} };
    }
    const instrument = market.instruments[column]!;
    const price = (ticks: number) => Number(formatPrice(instrument, ticks));
    const { open, high, low, last } = range;
    const [bid, ask] = [quotes.at(n)[0]!, quotes.at(columns.length + n)[0]!];
    const v = {
      ch: price(last - open),
      chp: open === 0 ? 0 : Number(((100 * (last - open)) / open).toFixed(2)),
      short_name: name,
      exchange: EXCHANGE,
      original_name: `${EXCHANGE}:${name}`,
      description: instrument.name,
      ...{ lp: price(last), bid: price(bid), ask: price(ask), spread: price(ask - bid) },
      ...{ open_price: price(open), high_price: price(high), low_price: price(low) },
      ...{ prev_close_price: price(open), volume: sums[n]!.volume },
    };
    return { s: 'ok', n: name, v };
  });
  const pieces = [Buffer.from(JSON.stringify({ s: 'ok', d: told }))];
  return { pieces, headers: { etag: etagAt(head) } };
}

/** What was traded in the last 24 hours. */
function sumsOf({ market, timeline }: History, column: number, head: number): TradeSums {
  const sums = new TradeSums();
  const rows = Math.ceil(DAY_MS / market.grid.intervalMs);
  timeline.foldTrades(sums, column, Math.max(0, head - rows), head);
  return sums;
}
