import type { History } from '../../../core/history/history.ts';
import { readTrades } from '../../../core/history/read-trades.ts';
import { timeOf } from '../../../core/market/grid.ts';
import { TRADE_LOOK_COST, tradesCost } from '../../../host/budgets/trades-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { BinanceError } from '../errors.ts';
import { type Numbers, quantityText } from '../numbers.ts';
import { limitOf, momentOf, wholeOf } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import type { TimeUnit } from '../time-unit.ts';
import { type AskedTrades, type TradesRange, tradesRange } from '../trades-range.ts';
import type { Asked, Endpoint, SizedPlan } from './endpoint.ts';

const DEFAULT_TRADES = 500;
/** Trades that are written between two yields. */
const TRADES_PER_STEP = 256;
/** The shortest text of one. */
const LEAST_BYTES = 80;

type TradeText = (trade: Trade) => string;

/** How trades are written, under a name of its own. */
interface Written {
  readonly form: string;
  readonly text: TradeText;
}

interface Trade {
  readonly id: number;
  readonly time: number;
  readonly price: string;
  readonly quantity: string;
  /** Price times quantity. */
  readonly paid: () => string;
  readonly isSeller: boolean;
}

const SINGLE: Written = { form: 'single', text: tradeText };
const AGGREGATE: Written = { form: 'aggregate', text: aggregateText };

/** The newest trades; those from a number on; and those of a time. */
export function tradesEndpoints(parts: BinanceParts): readonly Endpoint[] {
  const { symbols, service } = parts;
  const limit = ({ parameters }: Asked) =>
    limitOf(parameters, DEFAULT_TRADES, service.limits.maxBinanceTrades);
  return [
    {
      path: 'trades',
      method: 'trades.recent',
      weight: () => 25,
      answer: (asked) => {
        const column = symbols.columnOf(asked.parameters);
        return planOf(parts, asked, { column, limit: limit(asked) }, SINGLE);
      },
    },
    {
      path: 'historicalTrades',
      method: 'trades.historical',
      weight: () => 25,
      answer: (asked) => {
        const column = symbols.columnOf(asked.parameters);
        const fromId = wholeOf(asked.parameters, 'fromId');
        return planOf(parts, asked, { column, fromId, limit: limit(asked) }, SINGLE);
      },
    },
    {
      path: 'aggTrades',
      method: 'trades.aggregate',
      weight: () => 4,
      answer: (asked) => {
        const { parameters } = asked;
        const column = symbols.columnOf(parameters);
        const fromId = wholeOf(parameters, 'fromId');
        const [start, end] = ['startTime', 'endTime'].map((name) => momentOf(parameters, name));
        if (fromId !== undefined && (start !== undefined || end !== undefined)) {
          throw new BinanceError('badCombination', 'Combination of optional parameters invalid.');
        }
        const range = { column, fromId, start, end, limit: limit(asked) };
        return planOf(parts, asked, range, AGGREGATE);
      },
    },
  ];
}

function planOf(
  { service, symbols }: BinanceParts,
  { unit, pay }: Asked,
  asked: AskedTrades,
  { form, text }: Written,
): SizedPlan {
  checkReady(service);
  const { feed, version } = service;
  const { timeline, history } = feed;
  // Each time that is given is sought among the trades of its row.
  const times = [asked.start, asked.end].filter((time) => time !== undefined);
  pay(TRADE_LOOK_COST * (1 + times.length));
  const range = tradesRange(timeline, history.head, asked);
  const { column, from, next, isFinal } = range;
  const rowOf = (number: number) => (next > from ? timeline.rowOfTrade(column, number)! : 0);
  const [row, endRow] = [rowOf(from), rowOf(next - 1) + 1];
  const id = timeline.idAt(endRow - 1);
  return {
    mediaType: 'application/json',
    etag: etagOf([version, 'binance trades', form, id, from, next, unit], [column]),
    isImmutable: false,
    isFinal,
    columns: 1,
    leastBytes: (next - from) * LEAST_BYTES,
    cost: tradesCost(history, column, next - from, [row, endRow], 'json'),
    make: () => made(history, symbols.numbersOf(column), range, row, unit, text),
  };
}

function* made(
  history: History,
  numbers: Numbers,
  { column, from, next }: TradesRange,
  near: number,
  unit: TimeUnit,
  textOf: TradeText,
): Generator<unknown, Made, void> {
  const read = yield* readTrades(history, column, from, next, { near });
  const { rows, micros, prices, lots, sides } = read;
  const { grid } = history.market;
  const pieces: Uint8Array[] = [];
  let text = '[';
  for (let n = 0; n < next - from; n++) {
    const trade = {
      id: from + n,
      time: timeOfTrade(unit, timeOf(grid, rows[n]!), micros[n]!),
      price: numbers.price(prices[n]!),
      quantity: quantityText(lots[n]!),
      paid: () => numbers.paid(BigInt(prices[n]!) * BigInt(lots[n]!)),
      isSeller: sides[n] === 2,
    };
    text += (n === 0 ? '' : ',') + textOf(trade);
    if ((n + 1) % TRADES_PER_STEP !== 0) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(`${text}]`));
  return { pieces, headers: {} };
}

/** A time `micros` microseconds after that of a row. */
function timeOfTrade(unit: TimeUnit, rowMs: number, micros: number): number {
  return unit === 'us' ? rowMs * 1000 + micros : rowMs + Math.floor(micros / 1000);
}

function tradeText({ id, price, quantity, paid, time, isSeller }: Trade): string {
  return (
    `{"id":${id},"price":"${price}","qty":"${quantity}","quoteQty":"${paid()}","time":${time},` +
    `"isBuyerMaker":${isSeller},"isBestMatch":true}`
  );
}

/** Each trade is its own aggregate. */
function aggregateText({ id, price, quantity, time, isSeller }: Trade): string {
  return (
    `{"a":${id},"p":"${price}","q":"${quantity}","f":${id},"l":${id},"T":${time},` +
    `"m":${isSeller},"M":true}`
  );
}
