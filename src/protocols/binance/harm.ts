import type { AnswerHarm } from '../../delivery/faulty/answer-harm.ts';
import type { HarmForm, PriceChange, PriceField } from '../../delivery/faulty/harm-form.ts';
import {
  harmPrice,
  type Place,
  shift,
  withEachMessage,
} from '../../delivery/faulty/price-place.ts';
import type { BinanceSymbols } from './symbols.ts';
import { type TimeUnit, timeIn } from './time-unit.ts';

/** Times of a message: those of an event, of a trade, and of what the newest row has changed. */
const EVENT_TIMES = ['E', 'T'] as const;
/** Of a candle: when it begins, and its last moment. */
const CANDLE_TIMES = ['t', 'T'] as const;
/** Where the newest price stands, by the name that it has in one kind of messages or another. */
const LAST_OF_EVENT: Readonly<Record<string, string>> = {
  trade: 'p',
  aggTrade: 'p',
  '24hrMiniTicker': 'c',
  avgPrice: 'w',
};
/** All other tickers, of a day or of less. */
const LAST_OF_TICKERS = 'c';

/** How messages of streams say what is not so: of several in one frame, the last has the price. */
export function messageHarm(symbols: BinanceSymbols, unit: TimeUnit): HarmForm {
  return {
    alter: (frame, { subscription }, { skewMs, prices }) =>
      withEachMessage(frame, (message, isLast) => {
        const data = message.data ?? message;
        for (const event of Array.isArray(data) ? data : [data]) {
          harmTimes(event, timeIn(unit, skewMs));
          const column = columnOf(symbols, event) ?? subscription.columns[0]!;
          const change = prices.get(column);
          if (change !== undefined && isLast) harmEvent(symbols, event, change);
        }
      }),
  };
}

function columnOf({ names }: BinanceSymbols, { s }: Place): number | undefined {
  return typeof s === 'string' ? names.columnOf(s) : undefined;
}

function harmTimes(event: Place, by: number): void {
  if (by === 0) return;
  for (const key of EVENT_TIMES) shift(event, key, by);
  for (const key of CANDLE_TIMES) shift(event.k, key, by);
}

function harmEvent(symbols: BinanceSymbols, event: Place, change: PriceChange): void {
  const set = setter(symbols, change);
  const { e, k } = event;
  if (k !== undefined) set(k, 'c', 'last');
  else if (e === 'depthUpdate') setBest(set, event.b, event.a);
  else if (event.bids !== undefined) setBest(set, event.bids, event.asks);
  else if (e === undefined) {
    set(event, 'b', 'bid');
    set(event, 'a', 'ask');
  } else set(event, LAST_OF_EVENT[e] ?? LAST_OF_TICKERS, 'last');
}

type Set = (place: Place, key: string | number, field: PriceField) => void;

function setter(symbols: BinanceSymbols, change: PriceChange): Set {
  const { column } = change;
  const instrument = symbols.market.instruments[column]!;
  const text = (ticks: number) => symbols.numbersOf(column).price(ticks);
  return (place, key, field) => harmPrice(place, key, change, { instrument, field, text });
}

/** Of levels, the best come first. */
function setBest(set: Set, bids: Place, asks: Place): void {
  set(bids?.[0], 0, 'bid');
  set(asks?.[0], 0, 'ask');
}

/** Where candles of REST have their times and their close. */
const KLINE_OPEN_TIME = 0;
const KLINE_CLOSE = 4;
const KLINE_CLOSE_TIME = 6;
const TIMES = ['T', 'time', 'closeTime', 'serverTime'] as const;
const PRICES: readonly (readonly [string, PriceField])[] = [
  ['price', 'last'],
  ['p', 'last'],
  ['lastPrice', 'last'],
  ['bidPrice', 'bid'],
  ['askPrice', 'ask'],
];

/** How answers of REST say what is not so: in each list of one symbol the last entry does. */
export function answerHarm(symbols: BinanceSymbols): AnswerHarm {
  return (json, { skewMs, of }, request) => {
    const { symbol } = request.query as Readonly<Record<string, unknown>>;
    const isMicro = /^microsecond$/i.test(String(request.headers['x-mbx-time-unit']));
    const by = timeIn(isMicro ? 'us' : 'ms', skewMs);
    for (const entry of newestOf(json)) {
      for (const key of TIMES) shift(entry, key, by);
      if (Array.isArray(entry))
        for (const key of [KLINE_OPEN_TIME, KLINE_CLOSE_TIME]) shift(entry, key, by);
      const name: unknown = entry.symbol ?? symbol;
      const column = typeof name === 'string' ? symbols.names.columnOf(name) : undefined;
      const change = column === undefined ? undefined : of(column);
      if (change === undefined) continue;
      const set = setter(symbols, change);
      if (Array.isArray(entry)) set(entry, KLINE_CLOSE, 'last');
      for (const [key, field] of PRICES) set(entry, key, field);
      setBest(set, entry.bids, entry.asks);
    }
  };
}

/** Of a list of one symbol the last; of one of symbols, all. */
function newestOf(json: Place): readonly Place[] {
  if (!Array.isArray(json)) return [json];
  if (json.length > 0 && typeof json[0]?.symbol === 'string') return json;
  return json.slice(-1);
}
