import type { ForeignStream, PlaceOfPrice, Told } from './foreign-readers.ts';

const SECOND = 1000;
const ORIGIN = Date.UTC(2026, 0, 5, 14, 50);
/** The columns of the market that these are of, by their names. */
const COLUMNS: Readonly<Record<string, number>> = { ACMEUSDT: 0, NIMBOUSDT: 1 };

type Path = readonly (string | number)[];

const columnOf = ({ s }: Told) => COLUMNS[s] ?? 0;
const last = (...at: Path): readonly PlaceOfPrice[] => [{ column: 0, field: 'last', at }];
const best = (bid: Path, ask: Path): readonly PlaceOfPrice[] => [
  { column: 0, field: 'bid', at: bid },
  { column: 0, field: 'ask', at: ask },
];

const plus = (time: Told, ms: number): Told => time + ms;

function binance(
  ending: string,
  stream: Partial<ForeignStream> & Pick<ForeignStream, 'placesOf'>,
): ForeignStream {
  return {
    name: `Binance ${ending}`,
    way: 'Binance, streams',
    path: `/ws/${ending.startsWith('!') ? ending : `acmeusdt${ending}`}`,
    asks: [],
    words: 0,
    isTold: () => true,
    timeOf: ({ E }) => E,
    later: plus,
    times: [['E'], ['T'], ['k', 't'], ['k', 'T']],
    ...stream,
  };
}

const ofTrade = ({ T }: Told) => Math.floor(T / SECOND) * SECOND;
const tradePrice = (_: Told, isLast: boolean) => (isLast ? last('p') : []);
const ticker = (message: Told): readonly PlaceOfPrice[] => [
  { column: columnOf(message), field: 'last', at: ['c'] },
];

const AUTH = { action: 'auth', key: 'any', secret: 'key' };

function alpaca(
  channel: string,
  isPacked: boolean,
  stream: Partial<ForeignStream> & Pick<ForeignStream, 'placesOf'>,
): ForeignStream {
  return {
    name: `Alpaca ${channel}, ${isPacked ? 'MessagePack' : 'JSON'}`,
    way: isPacked ? 'Alpaca, MessagePack' : 'Alpaca, JSON',
    path: '/v2/sip',
    isPacked,
    asks: [AUTH, { action: 'subscribe', [channel]: ['ACME'] }],
    // It is greeted, known, and told what it follows.
    words: 3,
    isTold: ({ T }) => T !== 'success' && T !== 'subscription' && T !== 'error',
    timeOf: ({ t }) => Math.floor(new Date(t).getTime() / SECOND) * SECOND,
    later: (time: Told, ms) => {
      if (time instanceof Date) return new Date(time.getTime() + ms);
      const moved = new Date(Date.parse(time) + ms).toISOString();
      const micros = /\.\d{3}(\d+)Z/.exec(time)?.[1] ?? '';
      const whole = moved.replace('Z', `${micros}Z`);
      return whole.replace(/0+Z$/, 'Z').replace('.Z', 'Z');
    },
    times: [['t']],
    ...stream,
  };
}

function deriv(name: string, ask: object, stream: Partial<ForeignStream>): ForeignStream {
  return {
    name: `Deriv ${name}`,
    way: 'Deriv',
    path: '/websockets/v3?app_id=1',
    asks: [ask],
    words: 0,
    isTold: ({ msg_type: type }) => type === 'tick' || type === 'ohlc',
    timeOf: ({ tick, ohlc }) => (tick ?? ohlc).epoch * SECOND,
    later: (epoch: Told, ms) => Math.floor((epoch * SECOND + ms) / SECOND),
    times: [
      ['tick', 'epoch'],
      ['ohlc', 'epoch'],
      ['ohlc', 'open_time'],
    ],
    placesOf: ({ tick }) => (tick === undefined ? last('ohlc', 'close') : last('tick', 'quote')),
    // Each connection has streams of its own.
    clean: ({ subscription: _, tick, ohlc, ...rest }) => {
      const value = { ...(tick ?? ohlc), id: undefined };
      return tick === undefined ? { ...rest, ohlc: value } : { ...rest, tick: value };
    },
    ...stream,
  };
}

/** Streams of other protocols, as a market of ACME and NIMBO has them that has a row a second. */
export const FOREIGN_STREAMS: readonly ForeignStream[] = [
  binance('@trade', { timeOf: ofTrade, isSparse: true, placesOf: tradePrice }),
  binance('@aggTrade', { timeOf: ofTrade, isSparse: true, placesOf: tradePrice }),
  binance('@kline_1m', { placesOf: () => last('k', 'c') }),
  binance('@bookTicker', {
    timeOf: ({ u }) => ORIGIN + u * SECOND,
    placesOf: () => best(['b'], ['a']),
  }),
  binance('@depth@100ms', { placesOf: () => best(['b', 0, 0], ['a', 0, 0]) }),
  binance('@depth5@100ms', {
    timeOf: ({ lastUpdateId: id }) => ORIGIN + id * SECOND,
    placesOf: () => best(['bids', 0, 0], ['asks', 0, 0]),
  }),
  binance('@miniTicker', { placesOf: ticker }),
  binance('@ticker', { placesOf: ticker }),
  binance('!miniTicker@arr', { placesOf: ticker }),
  ...[false, true].flatMap((isPacked) => [
    alpaca('trades', isPacked, { isSparse: true, placesOf: tradePrice }),
    alpaca('quotes', isPacked, { placesOf: () => best(['bp'], ['ap']) }),
  ]),
  deriv('ticks', { ticks: 'ACME', subscribe: 1 }, { words: 1 }),
  deriv(
    'candles',
    { ticks_history: 'ACME', style: 'candles', end: 'latest', count: 1, subscribe: 1 },
    { words: 1 },
  ),
];
