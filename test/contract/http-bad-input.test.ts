import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/wire/errors.ts';
import { pricesOf } from '../helpers/market.ts';
import { dereferenced } from '../helpers/openapi.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  UNHURRIED,
} from '../helpers/server.ts';
import type { TestSocket } from '../helpers/socket.ts';

/** The rows that the server of these tests has. */
const ROWS = 1000;
const HEAD = ORIGIN + (ROWS - 1) * INTERVAL;
const BEFORE = ORIGIN - INTERVAL;

/** A query, the code of its error, the field its sentence begins with, the value it ends with. */
type Case = readonly [
  query: string,
  code: ErrorCode,
  field: string,
  given: string,
  details?: object,
  beginning?: string,
];

/** Stands for `{market: the id of the market served}`, which the table cannot know. */
const OWN_MARKET = {};

const HUGE = '99999999999999999999';
const LONG = 'x'.repeat(5000);
const cut = (text: string) => `${text.slice(0, 57)}...`;

/** What no time may look like, whatever field it is given for. */
const NO_TIMES = [
  '',
  'yesterday',
  'NOW',
  'null',
  'true',
  'NaN',
  'Infinity',
  '1e3',
  '0x10',
  '1.5',
  '-',
  HUGE,
  `-${HUGE}`,
  '999999999999999',
  '2026-13-01',
  '2026-02-29',
  '2026-01-05T24:00:00Z',
  '2026-01-05T00:00:00',
  '2026-01-05T00:00:00 02:00',
  '10000-01-01',
  LONG,
];

/** What no whole number from 1 up may look like. */
const NO_COUNTS = [
  '',
  ' ',
  'abc',
  'true',
  'null',
  'NaN',
  'Infinity',
  '1e400',
  '1e3',
  '0x10',
].concat(['1.5', '-1', '0', '--1', HUGE, '1,2', LONG]);

const shownText = (text: string) => (text.length > 60 ? cut(text) : text);
const encoded = encodeURIComponent;

function noTimes(field: string, query: (value: string) => string): Case[] {
  return NO_TIMES.map((value) => [query(encoded(value)), 'bad_request', field, shownText(value)]);
}

function noCounts(field: string, most: number, query: (value: string) => string): Case[] {
  return [...NO_COUNTS, String(most + 1)].map((value) => [
    query(encoded(value)),
    'bad_request',
    field,
    shownText(value),
  ]);
}

const ON_GRID = { origin: ORIGIN, interval: INTERVAL };
const AHEAD = HEAD + 2000 + INTERVAL;

const ROWS_CASES: Case[] = [
  ['', 'bad_request', 'since', 'nothing'],
  ['limit=5', 'bad_request', 'since', 'nothing'],
  ['until=2026-01-05', 'bad_request', 'since', 'nothing'],
  ...noTimes('since', (value) => `since=${value}`),
  ...noTimes('until', (value) => `since=${BEFORE}&until=${value}`),
  ['since=now&since=now', 'bad_request', 'since', '["now","now"]'],
  [`since=${BEFORE}&until=1&until=2`, 'bad_request', 'until', '["1","2"]'],
  [`since=${ORIGIN + 1}`, 'bad_cursor', 'since', `${ORIGIN + 1}`, ON_GRID],
  [`since=${ORIGIN - 1}`, 'bad_cursor', 'since', `${ORIGIN - 1}`, ON_GRID],
  ['since=2026-01-05T00:00:00.005Z', 'bad_cursor', 'since', `${ORIGIN + 5}`, ON_GRID],
  [`since=${BEFORE}&until=${ORIGIN + 1}`, 'bad_cursor', 'until', `${ORIGIN + 1}`, ON_GRID],
  [
    `since=${BEFORE - INTERVAL}`,
    'before_start',
    'since',
    `${BEFORE - INTERVAL}`,
    { earliest: ORIGIN },
  ],
  ['since=0', 'before_start', 'since', '0', { earliest: ORIGIN }],
  ['since=-10', 'before_start', 'since', '-10', { earliest: ORIGIN }],
  ['since=1970-01-01', 'before_start', 'since', '1970-01-01', { earliest: ORIGIN }],
  [`since=${AHEAD}`, 'cursor_ahead', 'since', `${AHEAD}`, { head: HEAD }],
  ['since=9999-01-01', 'cursor_ahead', 'since', '9999-01-01', { head: HEAD }],
  [`since=${ORIGIN}&until=${BEFORE}`, 'bad_request', 'until', `${BEFORE}`],
  // Whether it is the time of a row is not asked of what is nowhere near.
  ...inSeconds('since', 'before_start', (value) => `since=${value}`, { earliest: ORIGIN }),
  ...inSeconds('until', 'bad_request', (value) => `since=${ORIGIN}&until=${value}`),
  ['since=1767571201', 'before_start', 'since', '1767571201', { earliest: ORIGIN }],
  [`since=${AHEAD + 1}`, 'cursor_ahead', 'since', `${AHEAD + 1}`, { head: HEAD }],
  [`since=now&until=${ORIGIN}`, 'bad_request', 'until', `${ORIGIN}`],
  ...noCounts('limit', 999_999_999_999_999, (value) => `since=now&limit=${value}`),
  ['since=now&limit=1&limit=2', 'bad_request', 'limit', '["1","2"]'],
  ...noCounts('last', 999_999_999_999_999, (value) => `last=${value}`),
  ['last=1&last=2', 'bad_request', 'last', '["1","2"]'],
  ['last=1&since=now', 'bad_request', 'last', 'now'],
  [`last=1&until=${ORIGIN}`, 'bad_request', 'last', `${ORIGIN}`],
  ['last=1&limit=5', 'bad_request', 'last', '5'],
  ...badFormats((value) => `last=1&format=${value}`),
  ['last=333334', 'range_too_large', 'last', '333334', { limit: 333_333 }],
  ['symbols=ticker_0&last=1000001', 'range_too_large', 'last', '1000001', { limit: 1_000_000 }],
  ...badSymbols((value) => `since=now&symbols=${value}`),
  ...badMarkets((value) => `since=now&market=${value}`),
];

const CANDLE = 'symbol=ticker_0&resolution=1s';

const CANDLES_CASES: Case[] = [
  ['', 'bad_request', 'symbol', 'nothing'],
  ['symbol=ticker_0&last=1', 'bad_request', 'resolution', 'nothing'],
  ['resolution=1s&last=1', 'bad_request', 'symbol', 'nothing'],
  ...['nope', 'TICKER_0', 'ticker_0,ticker_1', '*', 'constructor', '__proto__', '0'].map(
    (value): Case => [
      `symbol=${value}&resolution=1s&last=1`,
      'unknown_symbol',
      'unknown symbol',
      shownText(value),
    ],
  ),
  ['symbol=&resolution=1s&last=1', 'bad_request', 'symbol', ''],
  [
    'symbol=ticker_0&symbol=ticker_1&resolution=1s&last=1',
    'bad_request',
    'symbol',
    '["ticker_0","ticker_1"]',
  ],
  ...[
    ['ticker_0,ticker_1', 'did you mean "symbols=ticker_0,ticker_1"?'],
    ['*', 'did you mean "symbols=*"?'],
    ['all', 'did you mean "symbols=*"?'],
  ].map(
    ([symbol, told]): Case => [
      `symbol=${symbol}&resolution=1s&last=1`,
      'unknown_symbol',
      'unknown symbol',
      `${symbol}`,
      {},
      `unknown symbol "${symbol}"; ${told}`,
    ],
  ),
  ...['', '1', 's', '1M', '1Y', '1S', ' 1s', '-1s', '0s', '1.5s', '1e3s', 'NaNs', `${HUGE}s`].map(
    badResolution,
  ),
  ...['5ms', '9ms', '0y', '0mo', '11y', '121mo', '521w', '3641d', '999999999999w', LONG].map(
    badResolution,
  ),
  [
    'symbol=ticker_0&resolution=1s&resolution=1m&last=1',
    'bad_request',
    'resolution',
    '["1s","1m"]',
  ],
  ...['Mars/Olympus', 'New York', 'EDT5', 'America', '__proto__', LONG].map(
    (tz): Case => [
      `${CANDLE}&last=1&tz=${encoded(tz)}`,
      'bad_request',
      'unknown tz',
      shownText(tz),
    ],
  ),
  ...['', '+05:00', '-5', '5h', 'UTC+5', 'GMT-3'].map(
    (tz): Case => [`${CANDLE}&last=1&tz=${encoded(tz)}`, 'bad_request', 'tz', tz],
  ),
  ...['', '5', '-05:00', '24h', '1440m', '-99h', '5d', '1.5h', 'h', '5h30', 'UTC', LONG].map(
    (offset): Case => [
      `${CANDLE}&last=1&offset=${encoded(offset)}`,
      'bad_request',
      'offset',
      shownText(offset),
    ],
  ),
  [`${CANDLE}&last=1&tz=UTC&offset=5h`, 'bad_request', 'tz', 'UTC and 5h'],
  [`${CANDLE}&last=1&tz=UTC&tz=UTC`, 'bad_request', 'tz', '["UTC","UTC"]'],
  [`${CANDLE}&last=1&offset=1h&offset=1h`, 'bad_request', 'offset', '["1h","1h"]'],
  ...badSymbols((value) => `resolution=1s&last=1&symbols=${value}`),
  [CANDLE, 'bad_request', 'candles', 'none'],
  [`${CANDLE}&from=${ORIGIN}`, 'bad_request', 'candles', 'from'],
  [`${CANDLE}&to=${HEAD}`, 'bad_request', 'candles', 'to'],
  [`${CANDLE}&count=3`, 'bad_request', 'candles', 'count'],
  [`${CANDLE}&to=${HEAD}&count=3`, 'bad_request', 'candles', 'to, count'],
  [`${CANDLE}&last=3&count=3`, 'bad_request', 'candles', 'count, last'],
  [`${CANDLE}&from=${ORIGIN}&to=${HEAD}&count=3`, 'bad_request', 'candles', 'from, to, count'],
  [`${CANDLE}&from=${ORIGIN}&last=3`, 'bad_request', 'candles', 'from, last'],
  ...noTimes('from', (value) => `${CANDLE}&count=1&from=${value}`),
  ...noTimes('to', (value) => `${CANDLE}&from=${ORIGIN}&to=${value}`),
  [`${CANDLE}&count=1&from=1&from=2`, 'bad_request', 'from', '["1","2"]'],
  [`${CANDLE}&from=${ORIGIN}&to=1&to=2`, 'bad_request', 'to', '["1","2"]'],
  [`${CANDLE}&from=${HEAD}&to=${ORIGIN}`, 'bad_request', 'to', `${ORIGIN}`],
  [`${CANDLE}&from=${ORIGIN}&to=${ORIGIN}`, 'bad_request', 'to', `${ORIGIN}`],
  ...inSeconds('from', 'before_start', (value) => `${CANDLE}&from=${value}&count=2`, {
    earliest: ORIGIN,
  }),
  ...inSeconds('from', 'before_start', (value) => `${CANDLE}&from=${value}&to=${value + 5}`, {
    earliest: ORIGIN,
  }),
  ...inSeconds('to', 'bad_request', (value) => `${CANDLE}&from=${ORIGIN}&to=${value}`),
  ...['0', '1970-01-01', `${ORIGIN - 2000}`].map(
    (from): Case => [
      `${CANDLE}&from=${from}&count=2`,
      'before_start',
      'from',
      from,
      { earliest: ORIGIN },
    ],
  ),
  [
    `${CANDLE}&from=0&to=${ORIGIN}`,
    'before_start',
    'to',
    `${ORIGIN}`,
    { earliest: ORIGIN },
    `to must be after the first row, at ${ORIGIN}; given: `,
  ],
  ...[`${HEAD + 2001}`, '2030-01-01'].flatMap((from): Case[] => [
    [`${CANDLE}&from=${from}&count=2`, 'cursor_ahead', 'from', from, { head: HEAD }],
    [`${CANDLE}&from=${from}&to=9999-01-01`, 'cursor_ahead', 'from', from, { head: HEAD }],
  ]),
  ...noCounts('count', 10_000, (value) => `${CANDLE}&from=${ORIGIN}&count=${value}`),
  ...noCounts('last', 10_000, (value) => `${CANDLE}&last=${value}`),
  [`${CANDLE}&last=1&last=2`, 'bad_request', 'last', '["1","2"]'],
  [`${CANDLE}&from=${ORIGIN}&count=1&count=2`, 'bad_request', 'count', '["1","2"]'],
  ...badMarkets((value) => `${CANDLE}&last=1&market=${value}`),
  ...badFormats((value) => `${CANDLE}&last=1&format=${value}`),
  [`${CANDLE}&last=1&format=bin`, 'bad_request', 'unknown format', 'bin'],
];

const LATEST_CASES: Case[] = [
  ...badSymbols((value) => `symbols=${value}`),
  ...badMarkets((value) => `market=${value}`),
  ...badFormats((value) => `format=${value}`),
  ...['last,last', '', ',', 'symbol,'].map(
    (fields): Case => [`fields=${fields}`, 'bad_request', 'fields', fields],
  ),
  ...['volumes', 'Last', 'price', '__proto__', LONG].map(
    (fields): Case => [`fields=${fields}`, 'bad_request', 'unknown field', shownText(fields)],
  ),
];

const TRADE = 'symbol=ticker_0';
const MOST_TRADES = 999_999_999_999_999;

const TRADES_CASES: Case[] = [
  ['', 'bad_request', 'symbol', 'nothing'],
  ['fromId=0', 'bad_request', 'symbol', 'nothing'],
  [TRADE, 'bad_request', 'fromId', 'nothing'],
  [`${TRADE}&limit=5`, 'bad_request', 'fromId', 'nothing'],
  ...['nope', 'TICKER_0', 'ticker_0,ticker_1', '*', 'constructor', '__proto__', '0', LONG].map(
    (value): Case => [
      `symbol=${value}&fromId=0`,
      'unknown_symbol',
      'unknown symbol',
      shownText(value),
    ],
  ),
  ['symbol=&fromId=0', 'bad_request', 'symbol', ''],
  ['symbol=ticker_0&symbol=ticker_1&fromId=0', 'bad_request', 'symbol', '["ticker_0","ticker_1"]'],
  [`${TRADE}&fromId=0&since=now`, 'bad_request', 'fromId', 'now'],
  [`${TRADE}&fromId=0&last=1`, 'bad_request', 'fromId', '1'],
  [`${TRADE}&since=now&last=1`, 'bad_request', 'since', '1'],
  [`${TRADE}&last=1&until=${HEAD}`, 'bad_request', 'last', `${HEAD}`],
  [`${TRADE}&last=1&limit=5`, 'bad_request', 'last', '5'],
  ...NO_COUNTS.filter((value) => value !== '0').map(
    (value): Case => [
      `${TRADE}&fromId=${encoded(value)}`,
      'bad_request',
      'fromId',
      shownText(value),
    ],
  ),
  [`${TRADE}&fromId=0&fromId=1`, 'bad_request', 'fromId', '["0","1"]'],
  [`${TRADE}&fromId=${MOST_TRADES}`, 'cursor_ahead', 'fromId', `${MOST_TRADES}`, { head: HEAD }],
  ...noTimes('since', (value) => `${TRADE}&since=${value}`),
  [`${TRADE}&since=now&since=now`, 'bad_request', 'since', '["now","now"]'],
  [`${TRADE}&since=${ORIGIN + 1}`, 'bad_cursor', 'since', `${ORIGIN + 1}`, ON_GRID],
  [`${TRADE}&since=0`, 'before_start', 'since', '0', { earliest: ORIGIN }],
  [`${TRADE}&since=${AHEAD}`, 'cursor_ahead', 'since', `${AHEAD}`, { head: HEAD }],
  ...noTimes('until', (value) => `${TRADE}&fromId=0&until=${value}`),
  [`${TRADE}&fromId=0&until=1&until=2`, 'bad_request', 'until', '["1","2"]'],
  [`${TRADE}&fromId=0&until=${ORIGIN + 1}`, 'bad_cursor', 'until', `${ORIGIN + 1}`, ON_GRID],
  [`${TRADE}&fromId=0&until=0`, 'before_start', 'until', '0', { earliest: ORIGIN }],
  [`${TRADE}&since=${ORIGIN}&until=${BEFORE}`, 'bad_request', 'until', `${BEFORE}`],
  ...noCounts('limit', MOST_TRADES, (value) => `${TRADE}&fromId=0&limit=${value}`),
  [`${TRADE}&fromId=0&limit=1&limit=2`, 'bad_request', 'limit', '["1","2"]'],
  ...noCounts('last', MOST_TRADES, (value) => `${TRADE}&last=${value}`),
  [`${TRADE}&last=1&last=2`, 'bad_request', 'last', '["1","2"]'],
  [`${TRADE}&last=100001`, 'range_too_large', 'last', '100001', { limit: 100_000 }],
  ...badMarkets((value) => `${TRADE}&fromId=0&market=${value}`),
  ...badFormats((value) => `${TRADE}&fromId=0&format=${value}`),
  [`${TRADE}&fromId=0&format=bin`, 'bad_request', 'unknown format', 'bin'],
];

const DEPTH = 'symbol=ticker_0';
const FIRST = `at must be at least ${ORIGIN}, the first row; given: `;
const NEWEST = `at must be at most ${HEAD}, the newest row; given: `;

const DEPTH_CASES: Case[] = [
  ['', 'bad_request', 'symbol', 'nothing'],
  ['levels=5', 'bad_request', 'symbol', 'nothing'],
  ['symbol=', 'bad_request', 'symbol', ''],
  ...['nope', 'TICKER_0', 'ticker_0,ticker_1', '*', 'constructor', '__proto__', '0', LONG].map(
    (value): Case => [`symbol=${value}`, 'unknown_symbol', 'unknown symbol', shownText(value)],
  ),
  ['symbol=ticker_0&symbol=ticker_1', 'bad_request', 'symbol', '["ticker_0","ticker_1"]'],
  ...[...NO_TIMES, 'now'].map(
    (at): Case => [`${DEPTH}&at=${encoded(at)}`, 'bad_request', 'at', shownText(at)],
  ),
  [`${DEPTH}&at=1&at=2`, 'bad_request', 'at', '["1","2"]'],
  [`${DEPTH}&at=${ORIGIN + 1}`, 'bad_cursor', 'at', `${ORIGIN + 1}`, ON_GRID],
  ...[`${BEFORE}`, `${ORIGIN - 1}`, '0', '-10', '1970-01-01', '0001-01-01'].map(
    (at): Case => [`${DEPTH}&at=${at}`, 'before_start', 'at', at, { earliest: ORIGIN }, FIRST],
  ),
  ...[`${HEAD + INTERVAL}`, `${HEAD + 1}`, '2030-01-01', '9999-12-31'].map(
    (at): Case => [`${DEPTH}&at=${at}`, 'cursor_ahead', 'at', at, { head: HEAD }, NEWEST],
  ),
  ...inSeconds('at', 'before_start', (value) => `${DEPTH}&at=${value}`, { earliest: ORIGIN }),
  ...noCounts('levels', 100, (value) => `${DEPTH}&levels=${value}`),
  [`${DEPTH}&levels=2&levels=3`, 'bad_request', 'levels', '["2","3"]'],
  ...badMarkets((value) => `${DEPTH}&market=${value}`),
  ...badFormats((value) => `${DEPTH}&format=${value}`),
  ...['arrow', 'parquet', 'bin'].map(
    (format): Case => [`${DEPTH}&format=${format}`, 'bad_request', 'unknown format', format],
  ),
];

const LEDGER = 'faults=drop@1%25';

const FAULTS_CASES: Case[] = [
  ['', 'bad_request', 'faults', 'nothing'],
  ['since=now', 'bad_request', 'faults', 'nothing'],
  [`${LEDGER}&faults=off`, 'bad_request', 'faults', '["drop@1%","off"]'],
  ...['dorp', 'DROP', 'constructor', '__proto__', '*', LONG.slice(0, 50)].map(
    (value): Case => [`faults=${value}@1%25&since=now`, 'bad_request', 'unknown fault', value],
  ),
  ['faults=drop&since=now', 'bad_request', 'clause 1 of faults', 'drop'],
  ['faults=drop@0%25&since=now', 'bad_request', 'when of drop in clause 1 of faults', '0%'],
  ['faults=cut@1s,delay@1s', 'bad_request', 'how of delay in clause 2 of faults', ''],
  [`faults=${LONG}&since=now`, 'bad_request', 'faults', '5000 letters'],
  ...['', '-1', '1.5', '1e3', '0x10', 'abc', HUGE, '9007199254740992'].map(
    (seed): Case => [`${LEDGER}&faultSeed=${seed}&since=now`, 'bad_request', 'faultSeed', seed],
  ),
  [`${LEDGER}&faultSeed=1&faultSeed=2`, 'bad_request', 'faultSeed', '["1","2"]'],
  [LEDGER, 'bad_request', 'since', 'nothing'],
  ...noTimes('since', (value) => `${LEDGER}&since=${value}`),
  [`${LEDGER}&since=now&since=now`, 'bad_request', 'since', '["now","now"]'],
  [`${LEDGER}&since=${ORIGIN + 1}`, 'bad_cursor', 'since', `${ORIGIN + 1}`, ON_GRID],
  [`${LEDGER}&since=0`, 'before_start', 'since', '0', { earliest: ORIGIN }],
  ...noTimes('until', (value) => `${LEDGER}&since=now&until=${value}`),
  [`${LEDGER}&since=now&until=1&until=2`, 'bad_request', 'until', '["1","2"]'],
  [`${LEDGER}&since=now&until=${HEAD + 1}`, 'bad_cursor', 'until', `${HEAD + 1}`, ON_GRID],
  [`${LEDGER}&since=${ORIGIN}&until=${BEFORE}`, 'bad_request', 'until', `${BEFORE}`],
  ...noCounts('limit', MOST_TRADES, (value) => `${LEDGER}&since=now&limit=${value}`),
  [`${LEDGER}&since=now&limit=1&limit=2`, 'bad_request', 'limit', '["1","2"]'],
  ...badSymbols((value) => `${LEDGER}&since=now&symbols=${value}`),
  ...badMarkets((value) => `${LEDGER}&since=now&market=${value}`),
  ...badFormats((value) => `${LEDGER}&since=now&format=${value}`),
  ...['arrow', 'parquet', 'bin'].map(
    (format): Case => [
      `${LEDGER}&since=now&format=${format}`,
      'bad_request',
      'unknown format',
      format,
    ],
  ),
  [`${LEDGER}&since=now&time=micros`, 'bad_request', 'unknown notation of time', 'micros'],
];

const SPARKLINES_CASES: Case[] = [
  ...noCounts('points', 500, (value) => `points=${value}`),
  ...['0', '1', '501'].map(
    (points): Case => [
      `points=${points}`,
      'bad_request',
      'points',
      points,
      {},
      'points must be a whole number from 2 to 500; given: ',
    ],
  ),
  ['points=2&points=3', 'bad_request', 'points', '["2","3"]'],
  ...noCounts('span', 366 * 86_400_000, (value) => `span=${value}`),
  ['span=2&span=3', 'bad_request', 'span', '["2","3"]'],
  ...badSymbols((value) => `symbols=${value}`),
  ...badMarkets((value) => `market=${value}`),
];

/** A time of the market, in seconds. */
function inSeconds(
  field: string,
  code: ErrorCode,
  query: (value: number) => string,
  details: object = {},
): Case[] {
  const seconds = ORIGIN / 1000;
  const told = `${field} must be in milliseconds, not in seconds, such as ${ORIGIN}; given: `;
  return [[query(seconds), code, field, `${seconds}`, details, told]];
}

function badSymbols(query: (value: string) => string): Case[] {
  const unknown = ['nope', 'TICKER_0', 'ticker_0;ticker_1', ' ticker_0', '0', '[]', 'toString'];
  return [
    [query(''), 'bad_request', 'symbols', '', {}, 'symbols must be "*" or some symbols; '],
    ...[',', 'ticker_0,', ',ticker_0', 'ticker_0,,ticker_1'].map(
      (value): Case => [
        query(value),
        'bad_request',
        'symbols',
        value,
        {},
        'symbols must have a symbol on each side of a comma; given: ',
      ],
    ),
    ...unknown.map(
      (value): Case => [
        query(encoded(value)),
        'unknown_symbol',
        'unknown symbol',
        shownText(value),
      ],
    ),
    [query('ticker_0,nope'), 'unknown_symbol', 'unknown symbol', 'nope'],
    [query('ticker_0,*'), 'unknown_symbol', 'unknown symbol', '*'],
    [query(LONG), 'unknown_symbol', 'unknown symbol', cut(LONG)],
    [query('%00'), 'unknown_symbol', 'unknown symbol', '\0'],
    [query('%FF'), 'unknown_symbol', 'unknown symbol', '%FF'],
    [query('%ZZ'), 'unknown_symbol', 'unknown symbol', '%ZZ'],
    [query('ticker_0,ticker_1,ticker_0'), 'bad_request', 'symbols', 'ticker_0'],
    [`${query('ticker_0')}&symbols=ticker_1`, 'bad_request', 'symbols', '["ticker_0","ticker_1"]'],
  ];
}

function badMarkets(query: (value: string) => string): Case[] {
  return [
    ...['', 'nope', '0000000000000000', '0', LONG].map(
      (value): Case => [query(value), 'market_changed', 'market', shownText(value), OWN_MARKET],
    ),
    [`${query('a')}&market=b`, 'bad_request', 'market', '["a","b"]'],
  ];
}

function badFormats(query: (value: string) => string): Case[] {
  const values = ['', 'xml', 'CSV', 'text/csv', 'json,csv', 'constructor', ' csv', LONG];
  return [
    ...values.map(
      (value): Case => [
        query(encoded(value)),
        'bad_request',
        'unknown format',
        value === LONG ? cut(value) : value,
      ],
    ),
    [`${query('csv')}&format=json`, 'bad_request', 'format', '["csv","json"]'],
  ];
}

function badResolution(value: string): Case {
  const query = `symbol=ticker_0&last=1&resolution=${encoded(value)}`;
  const [, unit] = /^\d+([A-Za-z]+)$/.exec(value) ?? [];
  const isUnit = unit === undefined || /^(ms|mo|[smhdwy])$/.test(unit);
  const [field, given] = isUnit ? ['resolution', shownText(value)] : ['unknown unit', unit];
  return [query, 'bad_request', field, given, { interval: INTERVAL }];
}

describe('a wrong request over HTTP', () => {
  let server: TestServer;
  let neighbour: TestSocket;
  let good: string;

  beforeAll(async () => {
    server = await startTestServer({ rows: ROWS });
    neighbour = await server.connect();
    await neighbour.ask({ type: 'subscribe', id: 1, symbols: '*', since: HEAD }, 'subscribed');
    const prices = [0, 1, 2].map((column) => pricesOf(server.market, column, 0, 3));
    const symbols = ['ticker_0', 'ticker_1', 'ticker_2'];
    const range = { since: BEFORE, until: BEFORE + 3 * INTERVAL };
    good = JSON.stringify({
      market: server.market.id,
      interval: INTERVAL,
      ...range,
      symbols,
      prices,
    });
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  async function expectHealth(): Promise<void> {
    const answer = await server.get(`/v1/rows?since=${BEFORE}&until=${BEFORE + 3 * INTERVAL}`);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(good);
  }

  const routes = {
    ...{ rows: ROWS_CASES, candles: CANDLES_CASES },
    ...{ latest: LATEST_CASES, sparklines: SPARKLINES_CASES },
    ...{ depth: DEPTH_CASES, trades: TRADES_CASES, faults: FAULTS_CASES },
  };
  for (const [route, cases] of Object.entries(routes)) {
    describe(`to /v1/${route} gets the error that names its field and value`, () => {
      for (const [query, code, field, given, details = {}, beginning = field] of cases) {
        it(`?${shownText(query)} is ${code}`, async () => {
          const answer = await server.get(`/v1/${route}?${query}`);
          const more = details === OWN_MARKET ? { market: server.market.id } : details;

          expectSentence(answer.json?.error?.message, field, given);
          if (given.startsWith('["')) {
            const twice = `${field} must be given once; given: ${given}`;
            expect(answer.json.error.message).toBe(twice);
          }
          expect(answer.json.error.message.slice(0, beginning.length)).toBe(beginning);
          expectError(answer, code, more);
          expect(answer.headers.get('cache-control') ?? '').not.toContain('immutable');
          await expectHealth();
        });
      }
    });
  }

  it.each<[string, string]>([
    ['/v1/rows?symbol=ticker_0', 'symbol" of /v1/rows; did you mean "symbols"?'],
    ['/v1/rows?last=1&form=csv', 'form" of /v1/rows; did you mean "format"?'],
    ['/v1/rows?last=1&zone=UTC', 'zone" of /v1/rows; there are symbols, fields, since, '],
    ['/v1/rows?last=1&tz=UTC', 'tz" of /v1/rows; it is one of /v1/candles'],
    ['/v1/rows?last=1&resolution=1m', 'resolution" of /v1/rows; it is one of /v1/candles'],
    [`/v1/candles?${CANDLE}&last=1&timezone=UTC`, 'timezone" of /v1/candles; did you mean "tz"?'],
    [`/v1/candles?${CANDLE}&last=1&timeZone=UTC`, 'timeZone" of /v1/candles; did you mean "tz"?'],
    [`/v1/candles?${CANDLE}&last=1&start=5`, 'start" of /v1/candles; did you mean "from"?'],
    ['/v1/candles?ticker=ticker_0&symbol=a', 'ticker" of /v1/candles; did you mean "symbol"?'],
    ['/v1/depth?symbol=a&level=5', 'level" of /v1/depth; did you mean "levels"?'],
    ['/v1/depth?symbols=a', 'symbols" of /v1/depth; did you mean "symbol"?'],
    ['/v1/depth?symbol=a&limit=5', 'limit" of /v1/depth; it is one of /v1/rows'],
    ['/v1/latest?tickers=ticker_0', 'tickers" of /v1/latest; did you mean "symbols"?'],
    ['/v1/events?since=now&interval=1m', 'interval" of /v1/events; did you mean "resolution"?'],
    ['/v1/rows?start=5', 'start" of /v1/rows; did you mean "since"?'],
    ['/v1/rows?last=1&=5', '" of /v1/rows; there are '],
    ['/v1/rows?last=1&constructor=2', 'constructor" of /v1/rows; '],
    [`/v1/rows?last=1&${LONG}=2`, `${cut(LONG)}" of /v1/rows; `],
    [`/v1/candles?${CANDLE}&last=1&until=5`, 'until" of /v1/candles; it is one of /v1/rows'],
    [`/v1/candles?${CANDLE}&last=1&shift=5`, 'shift" of /v1/candles; there are '],
    ['/v1/sparklines?points=2&point=3', 'point" of /v1/sparklines; did you mean "points"?'],
    ['/v1/trades?symbol=ticker_0&from=5', 'from" of /v1/trades; did you mean "fromId"?'],
    ['/v1/realism?symbol=ticker_0&row=5', 'row" of /v1/realism; did you mean "rows"?'],
    ['/v1/faults?profile=drop@1%25', 'profile" of /v1/faults; did you mean "faults"?'],
    ['/v1/faults?faults=off&seed=5', 'seed" of /v1/faults; did you mean "faultSeed"?'],
    ['/v1/faults/profiles?name=5', 'name" of /v1/faults/profiles, which takes none'],
    ['/v1/market?markets=5', 'markets" of /v1/market; did you mean "market"?'],
    ['/v1/events?since=now&speed=5', 'speed" of /v1/events; there are '],
    ['/v1/stream?symbols=5', 'symbols" of /v1/stream; it is one of /v1/rows, '],
    ['/metrics?name=5', 'name" of /metrics, which takes none'],
    ['/openapi.json?v=5', 'v" of /openapi.json, which takes none'],
    ['/asyncapi.json?v=5', 'v" of /asyncapi.json, which takes none'],
  ])('to %s with a parameter that it does not know is told what it has', async (path, told) => {
    const answer = await server.get(path);

    expectError(answer, 'bad_request');
    expect(answer.json.error.message.slice(0, `unknown parameter "${told}`.length)).toBe(
      `unknown parameter "${told}`,
    );
    await expectHealth();
  });

  it.each([
    '/v1/market',
    '/v1/rows?last=1',
    `/v1/candles?${CANDLE}&last=1`,
    '/v1/trades?symbol=ticker_0&last=1',
    '/v1/sparklines?points=2',
    '/v1/depth?symbol=ticker_0',
    '/v1/faults?faults=drop@1%25&since=now',
    '/v1/faults/profiles',
    '/v1/realism?symbol=ticker_0&rows=1000',
    '/openapi.json',
    '/asyncapi.json',
  ])('is not %s with names that begin with _: they are free', async (path) => {
    const query = `_=1&_=2&_cache=x&__proto__=3&_${LONG}=`;
    const answer = await server.get(`${path}${path.includes('?') ? '&' : '?'}${query}`);

    expect(answer.status).toBe(200);
    const plain = await server.get(path);
    expect(answer.text).toBe(plain.text);
  });

  it.each(['/healthz', '/readyz', '/docs'])(
    'is not %s with anything: whoever watches a server may call it as they like',
    async (path) => {
      const answer = await server.get(`${path}?colour=red&__proto__=2&a[b]=3&%=4&=5&&`);

      expect(answer.status).toBe(200);
      expect(answer.text).toBe((await server.get(path)).text);
    },
  );

  it.each([
    ['GET', '/nothing', 'see /docs'],
    ['GET', '/v1', 'see /docs'],
    ['GET', '/v1/', 'see /docs'],
    ['GET', '/v9/rows', 'did you mean "/v1/rows"?'],
    ['GET', '/rows?last=1', 'did you mean "/v1/rows"?'],
    ['HEAD', '/v1/row', undefined],
    ['POST', '/v1/row', 'did you mean "/v1/rows"?'],
    ['GET', '/v1/rows/', 'did you mean "/v1/rows"?'],
    ['GET', '/v1/rows/ticker_0', 'did you mean "/v1/rows"?'],
    ['GET', '/V1/market', 'did you mean "/v1/market"?'],
    ['GET', '/v1/marke', 'did you mean "/v1/market"?'],
    ['GET', '/v1/candle?symbol=ticker_0', 'did you mean "/v1/candles"?'],
    ['GET', '/healthz/', 'did you mean "/healthz"?'],
    ['GET', '/openapi', 'did you mean "/openapi.json"?'],
    ['GET', '/docs/nothing', 'did you mean "/docs/"?'],
    ['GET', '/%00', 'see /docs'],
    ['GET', '/v1/..%2f..%2fpackage.json', 'see /docs'],
  ])('to %s %s is not_found, and names the nearest path', async (method, path, says) => {
    const answer = await server.get(path, { method });

    if (says === undefined) expect(answer.status).toBe(404);
    else {
      expectError(answer, 'not_found');
      const [name] = path.split('?');
      expect(answer.json.error.message).toBe(`no such path "${name}"; ${says}`);
    }
    await expectHealth();
  });

  it.each([
    ['POST', '/v1/rows'],
    ['POST', '/v1/market'],
    ['PUT', '/v1/candles'],
    ['DELETE', '/v1/market'],
    ['PATCH', '/v1/sparklines'],
    ['POST', '/healthz'],
    ['DELETE', '/readyz'],
    ['POST', '/openapi.json'],
    ['PUT', '/docs'],
    ['PROPFIND', '/v1/rows'],
  ])('by %s to %s is not_found, and names the methods that there are', async (method, path) => {
    const answer = await server.get(path, { method });

    expectError(answer, 'not_found');
    expect(answer.json.error.message).toBe(`${path} takes GET and HEAD alone; given: ${method}`);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    await expectHealth();
  });

  it.each([
    ['JSON that is broken', 'application/json', '{bad'],
    ['JSON that is right', 'application/json', '{"since":"now"}'],
    ['a form', 'application/x-www-form-urlencoded', 'since=now'],
    ['a type nobody knows', 'text/nothing', 'x'],
    ['two megabytes', 'application/json', 'x'.repeat(2_000_000)],
  ])('with %s as its body is answered as if there were none', async (_, type, body) => {
    const headers = { 'content-type': type };
    const answer = await server.get('/v1/rows', { method: 'POST', body, headers });

    expectError(answer, 'not_found');
    expect(answer.json.error.message).toBe('/v1/rows takes GET and HEAD alone; given: POST');
    await expectHealth();
  });

  it('of an unknown symbol is told the nearest without a look at all names: they are laid out', async () => {
    const named = await startTestServer({ spec: { count: 200, capacity: 1 } });
    let looks = 0;
    Object.defineProperty(named.market.symbols, 3, {
      get: () => {
        looks += 1;
        return 'ticker_003';
      },
    });
    const answer = await named.get('/v1/rows?last=1&symbols=ticker_199x');
    await named.stop();

    expectError(answer, 'unknown_symbol');
    expect(answer.json.error.message).toMatch(/did you mean "ticker_199"/);
    expect(looks).toBe(0);
  });

  it('that asks for too many prices at once is range_too_large before anything is read', async () => {
    const wide = await startTestServer({ spec: { count: 2001, capacity: 1 }, rows: -1e6 });
    const answer = await wide.get('/v1/sparklines?points=500');
    const rows = await wide.get('/v1/rows?last=500');
    await wide.stop();

    expectError(answer, 'range_too_large', { limit: 1_000_000 });
    expect(answer.json.error.message).toMatch(
      /^symbols and points must make at most 1000000 prices; given: 2001 symbols of 500 points/,
    );
    expectError(rows, 'range_too_large', { limit: 499 });
  });

  it('for lines that cost more than an address may have computed at once is range_too_large', async () => {
    const rows = 100_000;
    const limits = { ...UNHURRIED, workBurst: 1_000_000 };
    const costly = await startTestServer({ spec: { count: 30, capacity: 10 }, rows, limits });
    const span = `span=${rows * 10}`;
    const answer = await costly.get(`/v1/sparklines?${span}`);
    const some = await costly.get(`/v1/sparklines?${span}&symbols=ticker_00,ticker_01`);
    await costly.stop();

    expectError(answer, 'range_too_large', { limit: 1_000_000 });
    expect(answer.json.error.message).toMatch(
      /^symbols, points and span must take at most 1000000 prices of work; given: \d+, for 30 symbols of 48 points over/,
    );
    expect(some.status).toBe(200);
  });

  it('for candles of too many rows is range_too_large', async () => {
    const query = 'symbol=ticker_0&resolution=520w&last=10000';
    const old = await startTestServer({
      spec: { interval: 1, origin: '1900-01-01', capacity: 10 },
      rows: 2 ** 31,
    });
    const answer = await old.get(`/v1/candles?${query}`);
    const candles = await old.get(
      '/v1/candles?symbol=ticker_0&resolution=1s&from=1900-01-01&to=1900-01-02',
    );
    await old.stop();

    expectError(answer, 'range_too_large', { limit: 1_000_000_000 });
    expect(answer.json.error.message).toMatch(
      /^last and resolution must take at most 1000000000 rows; given: \d{10,}$/,
    );
    expectError(candles, 'range_too_large', { limit: 10_000 });
    expectSentence(candles.json.error.message, 'from, to and resolution', '86400');
    expect(candles.json.error.message).toContain(' must make at most 10000 candles; ');
  });

  it.each([
    [
      'an unknown method',
      'FROB /v1/rows HTTP/1.1\r\nhost: a\r\n\r\n',
      'the method',
      'FROB /v1/rows HTTP/1.1',
    ],
    ['no HTTP at all', 'hello?\r\n\r\n', 'the method', 'hello?'],
    ['zeros', '\0\0\r\n\r\n', 'the method', '\\u0000\\u0000'],
    ['bytes of TLS', '\x16\x03\x01\x02', 'the method', '\\u0016\\u0003\\u0001\\u0002'],
    [
      'two lengths of its body',
      'POST /v1/rows HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      'Content-Length',
      'content-length: 2',
    ],
  ])('of %s is told so in JSON, then hung up on', async (_, bytes, field, given) => {
    const [head, body] = (await server.raw(bytes)).split('\r\n\r\n');

    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    const { error } = JSON.parse(body);
    expect(error.code).toBe('bad_request');
    expectSentence(error.message, field, given);
    await expectHealth();
  });

  it.each([
    ['headers', `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`],
  ])('with %s above 16 KiB is headers_too_large', async (_, bytes) => {
    const [head, body] = (await server.raw(bytes)).split('\r\n\r\n');

    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    const { error } = JSON.parse(body);
    expect(error.code).toBe('headers_too_large');
    expectSentence(error.message, 'the request', 'more');
    await expectHealth();
  });

  it('with a path that cannot be decoded is a bad_request that shows the path', async () => {
    const [head, body] = (
      await server.raw('GET /v1/rows% HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    ).split('\r\n\r\n');

    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body).error).toEqual({
      code: 'bad_request',
      message: expect.stringContaining('/v1/rows%'),
    });
    await expectHealth();
  });

  it('has cost a neighbour on the stream no row', async () => {
    server.clock.pass(5 * INTERVAL);
    const frames = await neighbour.rowsUntilLive();

    expect(frames[0].since).toBe(HEAD);
    expect(frames.at(-1).until).toBe(HEAD + 5 * INTERVAL);
    for (const column of [0, 1, 2]) {
      const prices = frames.flatMap((frame) => frame.prices[column]);
      expect(prices).toEqual(pricesOf(server.market, column, ROWS, ROWS + 5));
    }
  });
});

describe('a GET of', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ rows: ROWS });
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  it('/healthz and /readyz says alive and ready', async () => {
    expect((await server.get('/healthz')).json).toEqual({ status: 'alive' });
    expect((await server.get('/readyz')).json).toEqual({ status: 'ready' });
  });

  it('/v1/market gives the settings', async () => {
    const { json } = await server.get('/v1/market');
    expect(json).toEqual({
      market: server.market.id,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      origin: ORIGIN,
      interval: INTERVAL,
      dtype: 'uint16',
      capacity: 500,
      earliest: ORIGIN,
      head: HEAD,
      now: HEAD,
      speed: 1,
      synthetic: true,
      fields: ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor', 'status'],
      instruments: [0, 1, 2].map((n) => ({
        symbol: `ticker_${n}`,
        name: `Ticker ${n}`,
        model: 'walk',
        tickSize: 0.01,
        decimals: 2,
        min: 0,
        max: 65_535,
      })),
    });
  });

  it('/openapi.json lists every route and field that is checked, and /docs shows it', async () => {
    const json = dereferenced((await server.get('/openapi.json')).json);
    const fieldsOf = (path: string) =>
      json.paths[path].get.parameters.map(({ name }: { name: string }) => name).sort();

    const RANGE_FIELDS = ['last', 'fields', 'market', 'format', 'prices', 'time'];
    expect(json.openapi).toMatch(/^3\.1/);
    expect(fieldsOf('/v1/rows')).toEqual(
      [...RANGE_FIELDS, 'since', 'until', 'limit', 'symbols', 'whole'].sort(),
    );
    expect(fieldsOf('/v1/candles')).toEqual(
      [
        ...[...RANGE_FIELDS, 'symbol', 'symbols', 'whole', 'held', 'resolution', 'tz', 'offset'],
        ...['from', 'to', 'count'],
      ].sort(),
    );
    expect(fieldsOf('/v1/trades')).toEqual(
      ['symbol', 'fromId', 'since', 'last', 'until', 'limit'].concat(RANGE_FIELDS.slice(2)).sort(),
    );
    expect(fieldsOf('/v1/sparklines')).toEqual(['symbols', 'points', 'span', 'market'].sort());
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining(['/v1/market', '/healthz', '/readyz']),
    );
    const docs = await server.get('/docs');
    expect(docs.status).toBe(200);
    expect(docs.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it.each(['/v1/market', '/v1/rows?last=1', '/v1/rows?since=bad', '/v1/nothing'])(
    '%s may be read by pages of every origin',
    async (path) => {
      const { headers } = await server.get(path, { headers: { origin: 'http://elsewhere.test' } });
      expect(headers.get('access-control-allow-origin')).toBe('*');
    },
  );

  it.each(['/v1/market', '/v1/rows?last=1', '/healthz'])(
    '%s may be a HEAD too, which has no body',
    async (path) => {
      const answer = await server.get(path, { method: 'HEAD' });
      expect(answer.status).toBe(200);
      expect(answer.text).toBe('');
    },
  );
});
