/** What is asked for: each time something else, so that none of it is kept. Of a market of seconds. */

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2017, 0, 2);
const ALL_FIELDS = 'fields=last,bid,ask,volume,trades,aggressor';
const TEXT = 'prices=decimal&time=iso';
const FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet', 'bin'];

/** Another week, at another hour of another day. */
export const momentOf = (n) => FIRST_MS + ((n * 7 * DAY_MS + n * 5_000_000) % (3000 * DAY_MS));
const rows = (rest) => `/v1/rows?${rest}`;
const old = (rest) => (n, symbol) => rows(`since=${momentOf(n)}&${rest.replace('ONE', symbol)}`);
const newest = (rest) => (_, symbol) => rows(rest.replace('ONE', symbol));
const candles = (resolution, count, rest) => (n, symbol) =>
  `/v1/candles?symbol=${symbol}&resolution=${resolution}&from=${momentOf(n)}&count=${count}${rest}`;

/** Each by its path, and how often it is asked for at a time. */
export const REQUESTS = {
  'newest 1,000 rows of 100, json': [newest('last=1000'), 4],
  ...Object.fromEntries(
    FORMATS.slice(1).map((format) => [
      `newest 1,000 rows of 100, ${format}`,
      [newest(`last=1000&format=${format}`), 4],
    ]),
  ),
  ...Object.fromEntries(
    FORMATS.slice(0, 5).map((format) => [
      `the same as text, ${format}`,
      [newest(`last=1000&format=${format}&${TEXT}`), 4],
    ]),
  ),
  ...Object.fromEntries(
    FORMATS.map((format) => [
      `newest 10,000 rows of one, ${format}`,
      [newest(`last=10000&symbols=ONE&format=${format}`), 20],
    ]),
  ),
  'newest row of one': [newest('last=1&symbols=ONE'), 100],
  'newest 100 rows of 100, all fields': [newest(`last=100&${ALL_FIELDS}`), 5],
  'old row of one': [old('limit=1&symbols=ONE'), 40],
  'old row of 100': [old('limit=1'), 1],
  'old row of one, all fields': [old(`limit=1&symbols=ONE&${ALL_FIELDS}`), 10],
  'old row of 100, all fields': [old(`limit=1&${ALL_FIELDS}`), 1],
  'old 50,000 rows of one, bin': [old('limit=50000&symbols=ONE&format=bin'), 5],
  'old 50,000 rows of one, all fields, bin': [
    old(`limit=50000&symbols=ONE&format=bin&${ALL_FIELDS}`),
    1,
  ],
  'a day of 10, whole, csv': [
    (n) =>
      rows(
        `since=${momentOf(n)}&until=${momentOf(n) + DAY_MS / 4}&symbols=SOME&whole=true&format=csv`,
      ),
    1,
  ],
  '512 candles of 1m': [candles('1m', 512, ''), 10],
  '512 candles of 1m, with volume': [candles('1m', 512, '&fields=volume,trades'), 4],
  '512 candles of 1h': [candles('1h', 512, ''), 1],
  '48 candles of 1h, with volume': [candles('1h', 48, '&fields=volume'), 2],
  '20 candles of 1d, with volume': [candles('1d', 20, '&fields=volume'), 1],
  '500 candles of 10s': [candles('10s', 500, ''), 10],
  'known candles of 1m': [
    (_, symbol) =>
      `/v1/candles?symbol=${symbol}&resolution=1m&from=${FIRST_MS + 4000 * DAY_MS - 900 * DAY_MS}&count=512`,
    20,
  ],
  'lines of 48 points over a day': [(n) => `/v1/sparklines?points=48&span=${DAY_MS + n}`, 1],
  'lines of 20 points over 100 days, of 10': [
    (n) => `/v1/sparklines?symbols=SOME&points=20&span=${100 * DAY_MS + n}`,
    1,
  ],
  'report on 50,000 rows': [(_, symbol) => `/v1/realism?symbol=${symbol}&rows=50000`, 1],
  'the settings': [() => '/v1/market', 100],
  'the OpenAPI text': [() => '/openapi.json', 50],
  'a path that there is not': [() => '/nope', 100],
  'a wrong query': [() => '/v1/rows?last=x', 100],
  metrics: [() => '/metrics', 20],
};

/** Of a stream: what is written, and when that is answered. */
export const MESSAGES = {
  'a ping of the stream': [() => ({ type: 'ping' }), 'pong', 200],
  'a subscription to one': [
    (_, symbol) => ({ type: 'subscribe', symbols: [symbol], since: 'now' }),
    'subscribed',
    100,
  ],
  'a subscription to 100': [
    () => ({ type: 'subscribe', symbols: '*', since: 'now' }),
    'subscribed',
    30,
  ],
  'old candles of the stream': [
    (n, symbol) => ({
      ...{ type: 'candles', symbol, resolution: '1m', from: momentOf(n), count: 500 },
    }),
    'candles',
    10,
  ],
};

/** Of a backfill: so many rows of these, from an old one on. */
export const BACKFILLS = {
  'backfill of one, json': { rows: 30_000, encoding: 'json', isOne: true },
  'backfill of one, binary': { rows: 60_000, encoding: 'binary', isOne: true },
  'backfill of 100, json': { rows: 1000, encoding: 'json', isOne: false },
  'backfill of 100, binary': { rows: 3000, encoding: 'binary', isOne: false },
};
