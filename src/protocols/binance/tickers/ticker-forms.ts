import type { Statistics } from '../../../core/history/rolling-state.ts';
import { type Numbers, percentText, quantityText } from '../numbers.ts';
import { type TimeUnit, timeIn } from '../time-unit.ts';

/** What tickers say of an instrument. */
export interface Ticker {
  readonly symbol: string;
  readonly numbers: Numbers;
  readonly statistics: Statistics;
  readonly openMs: number;
  readonly closeMs: number;
  /** Whether it ends right before `closeMs`. */
  readonly isOpenEnded?: boolean | undefined;
  readonly best?: Best | undefined;
}

/** What waits at the best prices of the newest row, and the lots of the newest trade. */
export interface Best {
  readonly bid: number;
  readonly ask: number;
  readonly bidLots: number;
  readonly askLots: number;
  readonly lastLots: number;
}

/** How it is told: in which unit, and of messages what they are called, and when that is. */
export interface Telling {
  readonly unit: TimeUnit;
  readonly event?: string;
  readonly eventMs?: number;
}

/** What can be said: each as text, in quotes where clients expect them. */
const VALUES = {
  symbol: ({ symbol }) => `"${symbol}"`,
  event: (_, { event }) => `"${event}"`,
  eventTime: (_, { unit, eventMs }) => `${timeIn(unit, eventMs!)}`,
  change: ({ numbers, statistics: { last, open } }) => quoted(numbers.price(last - open)),
  percent: ({ statistics: { last, open } }) => quoted(percentText(last - open, open)),
  average: ({ numbers, statistics: { notional, volume } }) =>
    quoted(numbers.average(notional, volume)),
  /** The newest price, where nothing was traded. */
  averageOrLast: ({ numbers, statistics: { notional, volume, last } }) =>
    quoted(volume === 0 ? numbers.price(last) : numbers.average(notional, volume)),
  minutes: () => '"5m"',
  before: ({ numbers, statistics }) => quoted(numbers.price(statistics.before)),
  last: ({ numbers, statistics }) => quoted(numbers.price(statistics.last)),
  lastLots: ({ best }) => quoted(quantityText(best!.lastLots)),
  bid: ({ numbers, best }) => quoted(numbers.price(best!.bid)),
  bidLots: ({ best }) => quoted(quantityText(best!.bidLots)),
  ask: ({ numbers, best }) => quoted(numbers.price(best!.ask)),
  askLots: ({ best }) => quoted(quantityText(best!.askLots)),
  open: ({ numbers, statistics }) => quoted(numbers.price(statistics.open)),
  high: ({ numbers, statistics }) => quoted(numbers.price(statistics.high)),
  low: ({ numbers, statistics }) => quoted(numbers.price(statistics.low)),
  volume: ({ statistics }) => quoted(quantityText(statistics.volume)),
  paid: ({ numbers, statistics }) => quoted(numbers.paid(statistics.notional)),
  openTime: ({ openMs }, { unit }) => `${timeIn(unit, openMs)}`,
  closeTime: ({ closeMs, isOpenEnded }, { unit }) =>
    `${timeIn(unit, closeMs) - (isOpenEnded === true ? 1 : 0)}`,
  firstId: ({ statistics }) => `${countOf(statistics) === 0 ? -1 : statistics.firstTrade}`,
  lastId: ({ statistics }) => `${countOf(statistics) === 0 ? -1 : statistics.nextTrade - 1}`,
  count: ({ statistics }) => `${countOf(statistics)}`,
} satisfies Record<string, (ticker: Ticker, telling: Telling) => string>;

type Value = keyof typeof VALUES;

/** What a ticker says, in this order: each by its name. */
export type TickerForm = readonly (readonly [name: string, value: Value])[];

const CHANGE = [
  ['priceChange', 'change'],
  ['priceChangePercent', 'percent'],
  ['weightedAvgPrice', 'average'],
] as const;
const TIMES = [
  ['openTime', 'openTime'],
  ['closeTime', 'closeTime'],
  ['firstId', 'firstId'],
  ['lastId', 'lastId'],
  ['count', 'count'],
] as const;
const SUMS = [
  ['volume', 'volume'],
  ['quoteVolume', 'paid'],
] as const;
const PRICES = [
  ['openPrice', 'open'],
  ['highPrice', 'high'],
  ['lowPrice', 'low'],
] as const;

/** `ticker/24hr`. */
export const FULL_DAY: TickerForm = [
  ['symbol', 'symbol'],
  ...CHANGE,
  ['prevClosePrice', 'before'],
  ['lastPrice', 'last'],
  ['lastQty', 'lastLots'],
  ['bidPrice', 'bid'],
  ['bidQty', 'bidLots'],
  ['askPrice', 'ask'],
  ['askQty', 'askLots'],
  ...PRICES,
  ...SUMS,
  ...TIMES,
];

/** `ticker` and `ticker/tradingDay`. */
export const FULL_SPAN: TickerForm = [
  ['symbol', 'symbol'],
  ...CHANGE,
  ...PRICES,
  ['lastPrice', 'last'],
  ...SUMS,
  ...TIMES,
];

/** All three with `type=MINI`. */
export const MINI: TickerForm = [
  ['symbol', 'symbol'],
  ...PRICES,
  ['lastPrice', 'last'],
  ...SUMS,
  ...TIMES,
];

const EVENT = [
  ['e', 'event'],
  ['E', 'eventTime'],
  ['s', 'symbol'],
] as const;
const EVENT_TIMES = [
  ['O', 'openTime'],
  ['C', 'closeTime'],
  ['F', 'firstId'],
  ['L', 'lastId'],
  ['n', 'count'],
] as const;

/** Messages of streams. */
export const MINI_EVENT: TickerForm = [
  ...EVENT,
  ['c', 'last'],
  ['o', 'open'],
  ['h', 'high'],
  ['l', 'low'],
  ['v', 'volume'],
  ['q', 'paid'],
];

export const DAY_EVENT: TickerForm = [
  ...EVENT,
  ['p', 'change'],
  ['P', 'percent'],
  ['w', 'average'],
  ['x', 'before'],
  ['c', 'last'],
  ['Q', 'lastLots'],
  ['b', 'bid'],
  ['B', 'bidLots'],
  ['a', 'ask'],
  ['A', 'askLots'],
  ['o', 'open'],
  ['h', 'high'],
  ['l', 'low'],
  ['v', 'volume'],
  ['q', 'paid'],
  ...EVENT_TIMES,
];

export const SPAN_EVENT: TickerForm = [
  ...EVENT,
  ['p', 'change'],
  ['P', 'percent'],
  ['o', 'open'],
  ['h', 'high'],
  ['l', 'low'],
  ['c', 'last'],
  ['w', 'average'],
  ['v', 'volume'],
  ['q', 'paid'],
  ...EVENT_TIMES,
];

export const AVERAGE_EVENT: TickerForm = [
  ...EVENT,
  ['i', 'minutes'],
  ['w', 'averageOrLast'],
  ['T', 'closeTime'],
];

/** Whether a form says what waits at the best prices. */
export function saysBest(form: TickerForm): boolean {
  return form.some(([, value]) => value === 'bidLots');
}

/** A ticker as JSON. */
export function tickerText(form: TickerForm, ticker: Ticker, telling: Telling): string {
  let text = '';
  for (const [name, value] of form) {
    text += `${text === '' ? '{' : ','}"${name}":${VALUES[value](ticker, telling)}`;
  }
  return `${text}}`;
}

function countOf({ firstTrade, nextTrade }: Statistics): number {
  return nextTrade - firstTrade;
}

function quoted(text: string): string {
  return `"${text}"`;
}
