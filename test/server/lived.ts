import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import type { Effect, Target } from '../../src/core/market/entries/effects.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { DerivClient } from '../helpers/deriv.ts';
import { eventually } from '../helpers/eventually.ts';
import { pick, seededRandom } from '../helpers/random.ts';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';

const CALENDAR = { days: ['mon'], open: '09:00', close: '12:00', lunch: ['09:48', '09:50'] };

/** A market that every protocol can tell, of several models; the ring holds few of its rows. */
export const SPEC = {
  ...{ seed: 11, interval: 1000, origin: Date.UTC(2026, 0, 5, 9, 13), capacity: 200 },
  ...{ dtype: 'uint32', count: undefined },
  defaults: { tickSize: 0.01, startPrice: 80, tradesPerDay: 100_000 },
  instruments: [
    { symbol: 'walk' },
    // It has a break while things are done.
    { symbol: 'gbm', model: 'gbm', tickSize: 0.25, sector: 'metals', calendar: CALENDAR },
    { symbol: 'STOCK', assetClass: 'stock', model: 'market' },
    { symbol: 'AUR/VEL', model: 'market', startPrice: 5000, tickSize: 5, sector: 'metals' },
  ],
};
const SYMBOLS = ['walk', 'gbm', 'STOCK', 'AUR/VEL'];
const LIMITS = { workPerSecond: 1e15, workBurst: 1e15, maxUnreadBytes: 2 ** 26 };
export const KEYS = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'key' };

/** What happens to a market, one after the other: rows come, then something is done to it. */
export interface Step {
  readonly rows: number;
  readonly entries: readonly Entry[];
}

/** The head before the first step: rows that nobody has followed. */
export const FIRST_ROWS = 2000;

/** What is done in so many steps, by a seed. */
export function planOf(seed: number, steps: number): readonly Step[] {
  const random = seededRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  let head = FIRST_ROWS;
  return Array.from({ length: steps }, (_, step) => {
    const rows = pick(random, [1, 1, 2, 7, 30, 61]);
    head += rows;
    const entries = Array.from({ length: pick(random, [0, 1, 1, 2]) }, (_, n) => ({
      key: `${step} ${n}`,
      index: head + pick(random, [0, 0, 1, below(50)]),
      effects: Array.from({ length: 1 + below(2) }, () => anyEffect(random, below)),
    }));
    return { rows, entries };
  });
}

function anyEffect(random: () => number, below: (most: number) => number): Effect {
  const of = pick<Target>(random, [
    { all: true },
    { all: true },
    { sector: 'metals' },
    { symbol: SYMBOLS[below(SYMBOLS.length)]! },
  ]);
  const common = { of, afterMs: pick(random, [0, 0, 1500]) };
  const forMs = 1000 * (1 + below(90));
  return pick<Effect>(random, [
    { kind: 'shift', percent: pick(random, [-20, 5, 30]), ...common },
    { kind: 'ramp', percent: -9, overMs: forMs, backPercent: 50, backOverMs: 4000, ...common },
    { kind: 'volatility', factor: pick(random, [0, 5]), forMs, ...common },
    { kind: 'drift', percentPerDay: 5000, forMs, ...common },
    { kind: 'halt', forMs, resume: pick(random, ['base', 'frozen']), ...common },
    { kind: 'liquidity', spread: 3, depth: 0.2, volume: 4, forMs, ...common },
  ]);
}

/** A server of that market with one row, to which `entries` were done before there was another. */
export async function begin(entries: readonly Entry[]): Promise<RowsServer> {
  const server = await startRows(SPEC, 1, { limits: LIMITS });
  for (const entry of entries) server.server.feed.add(entry);
  return server;
}

/** Lets rows come, and waits for them. */
export async function pass(server: RowsServer, rows: number): Promise<void> {
  const { feed } = server.server;
  const head = feed.head + rows;
  server.rows(rows);
  await eventually(() => {
    if (feed.head !== head) throw new Error(`the head comes to ${head}; it is at ${feed.head}`);
  });
}

/** Everything that can be asked of such a server over HTTP, as of now. */
export function pathsOf(server: RowsServer): readonly string[] {
  const newest = server.newest();
  const at = (back: number) => newest - back * SPEC.interval;
  const seconds = (back: number) => Math.floor(at(back) / 1000);
  const iso = (back: number) => encodeURIComponent(new Date(at(back)).toISOString());
  const all = 'fields=last,bid,ask,volume,trades,aggressor';
  const ranges = [0, 60, 400, 1500].map((back) => `since=${at(back + 90)}&until=${at(back)}`);
  const sums = 'fields=volume,trades';
  const own = [
    ...ranges.flatMap((range) => [`rows?${range}`, `rows?${all}&${range}`]),
    ...['csv', 'ndjson', 'bin', 'arrow', 'parquet'].map((f) => `rows?${ranges[0]}&format=${f}`),
    ...['csv', 'ndjson', 'arrow', 'parquet'].map((f) => `rows?${ranges[1]}&whole=true&format=${f}`),
    ...['market', 'hello', 'protocols', 'control', 'control/scenarios'],
    'faults/profiles',
    ...['walk', 'STOCK'].map((symbol) => `realism?symbol=${symbol}&rows=1500`),
    ...[
      `rows?last=70&${all}`,
      'rows?last=70&fields=status',
      'latest?',
      'latest?fields=symbol,bid,ask,volume,high,low,open',
    ],
    ...['sparklines?span=600000&points=50', 'sparklines?span=100000000'],
    ...SYMBOLS.flatMap((symbol) =>
      [
        ...['1s', '7s', '1m', '5m', '1h', '1d'].map(
          (resolution) => `candles?resolution=${resolution}&last=40&${sums}&`,
        ),
        ...[`candles?resolution=1m&from=${at(1500)}&to=${at(0)}&`],
        ...[`trades?since=${at(20)}&`, `trades?since=${at(900)}&until=${at(880)}&`],
        ...['trades?last=50&', 'trades?fromId=600&limit=200&'],
        ...['depth?', `depth?levels=50&at=${at(33)}&`, `depth?at=${at(1200)}&`],
      ].map((path) => `${path}symbol=${encodeURIComponent(symbol)}`),
    ),
    ...[
      'candles?symbols=*&resolution=1m&last=30&format=csv',
      'candles?symbols=*&resolution=10s&last=90',
    ],
    ...['arrow', 'parquet'].map(
      (f) => `candles?symbols=*&resolution=1m&last=30&whole=true&format=${f}`,
    ),
    'trades?symbol=walk&last=30&format=csv',
  ].map((path) => `/v1/${path}`);
  const candles = `candles?symbol=gbm&resolution=1m&from=${at(1500)}&to=${at(0)}`;
  own.push(`/v1/${candles}&held=false`);
  const coins = ['WALKUSDT', 'GBMUSDT', 'AURVEL'];
  const binance = coins.flatMap((symbol) =>
    [
      ...['klines?interval=1m&', `klines?interval=1s&startTime=${at(300)}&`, 'depth?limit=20&'],
      ...['trades?limit=40&', `aggTrades?startTime=${at(50)}&`, 'avgPrice?', 'ticker/24hr?'],
      ...['historicalTrades?fromId=700&limit=50&', 'uiKlines?interval=5m&', 'exchangeInfo?'],
      ...['ticker?windowSize=5m&', 'ticker/price?', 'ticker/bookTicker?', 'ticker/tradingDay?'],
    ].map((path) => `/api/v3/${path}symbol=${symbol}`),
  );
  const udf = ['1', '5', '1D']
    .map((width) => `history?symbol=WALKUSDT&resolution=${width}&`)
    .map((path) => `/udf/${path}from=${seconds(1500)}&to=${seconds(0)}`);
  const more = ['config', 'time', 'symbols?symbol=WALKUSDT', 'search?query=a&limit=9', 'marks'];
  const about = [...more, 'timescale_marks', 'quotes?symbols=WALKUSDT,STOCK'];
  return [
    ...[...own, ...binance, '/api/v3/ping', '/api/v3/time', ...alpacaPaths(iso)],
    ...[...udf, ...about.map((path) => `/udf/${path}`)],
    ...[...DERIV.map((asked) => `${DERIV_PATH}${JSON.stringify(asked)}`)],
    ...['/healthz', '/readyz'],
  ];
}

/** All that Alpaca's API tells, of pairs and of stocks. */
function alpacaPaths(iso: (back: number) => string): readonly string[] {
  const ranges = [
    ...[`bars?timeframe=1Min&start=${iso(1200)}&end=${iso(0)}`, `trades?start=${iso(40)}`],
    ...[`quotes?start=${iso(40)}&end=${iso(9)}`],
  ];
  const newest = ['bars', 'quotes', 'trades'];
  const pairs = [...newest.map((what) => `latest/${what}`), 'latest/orderbooks', 'snapshots'];
  const named = (symbols: string) => (path: string) =>
    `${path}${path.includes('?') ? '&' : '?'}symbols=${encodeURIComponent(symbols)}`;
  const stocks = [...newest.map((what) => `${what}/latest`), 'snapshots', ...ranges];
  const alone = [...newest.map((what) => `${what}/latest`), 'snapshot', ...ranges];
  return [
    ...[...pairs, ...ranges]
      .map((path) => `/v1beta3/crypto/us/${path}`)
      .map(named('WALK/USDT,GBM/USDT,AUR/VEL')),
    ...stocks.map((path) => `/v2/stocks/${path}`).map(named('STOCK')),
    ...alone.map((path) => `/v2/stocks/STOCK/${path}`),
    ...['clock', 'calendar?start=2026-01-01&end=2026-01-20'].map((path) => `/v2/${path}`),
    ...['exchanges', 'conditions/trade'].map((path) => `/v2/stocks/meta/${path}`),
  ];
}

/** What is asked by a message. */
const DERIV_PATH = '/websockets/v3?app_id=1&asked=';
const DERIV: readonly object[] = [
  { ticks_history: 'WALKUSDT', end: 'latest', count: 90 },
  { ticks_history: 'GBMUSDT', end: 'latest', count: 30, style: 'candles', granularity: 60 },
  { ticks_history: 'AURVEL', end: 'latest', count: 30, style: 'candles', granularity: 3600 },
  { active_symbols: 'full' },
  { time: 1 },
];

/** What is answered to a message of Deriv's. */
async function told(server: RowsServer, path: string): Promise<string> {
  const client = await DerivClient.open(server, '/websockets/v3?app_id=1');
  try {
    return `200\n${JSON.stringify(await client.ask(JSON.parse(path.slice(DERIV_PATH.length))))}`;
  } finally {
    client.close();
  }
}

/** An answer, as bytes that two servers have alike. */
export async function answerOf(server: RowsServer, path: string): Promise<string> {
  if (path.startsWith(DERIV_PATH)) return await told(server, path);
  const response = await fetch(server.server.url + path, { headers: KEYS });
  const bytes = Buffer.from(await response.arrayBuffer());
  const said = ['etag', 'tickwell-market', 'cache-control'].map((name) => {
    return `${name}: ${response.headers.get(name)}`;
  });
  return [response.status, ...said, bytes.toString('latin1')].join('\n');
}

const AUTH = { action: 'auth', key: 'any', secret: 'key' };
const PAIRS = {
  ...{ action: 'subscribe', trades: ['WALK/USDT'], quotes: ['GBM/USDT'] },
  ...{ bars: ['*'], updatedBars: ['*'], dailyBars: ['AUR/VEL'], orderbooks: ['AUR/VEL'] },
};
const STOCKS = {
  ...{ action: 'subscribe', trades: ['STOCK'], quotes: ['*'], bars: ['*'] },
  ...{ updatedBars: ['*'], dailyBars: ['*'], statuses: ['*'] },
};

interface Way {
  readonly path: string;
  /** What is said first. */
  readonly first: readonly object[];
  readonly protocol?: string;
  /** Whether messages are MessagePack. */
  readonly isPacked?: boolean;
  /** Of how many messages it is told before rows come. */
  readonly begins: number;
}

/** Everything that can be followed by a WebSocket. */
export const FOLLOWED: Readonly<Record<string, Way>> = {
  json: { path: '/v1/stream', first: ownRequests(), begins: 8 },
  bytes: { path: '/v1/stream', first: ownRequests(), protocol: 'tickwell.v1.bin', begins: 8 },
  binance: {
    path: `/stream?streams=${[
      ...['walkusdt@trade', 'gbmusdt@aggTrade', 'walkusdt@kline_1m', 'aurvel@kline_5m'],
      ...['walkusdt@bookTicker', 'gbmusdt@depth', 'aurvel@depth5', 'walkusdt@ticker'],
      ...['gbmusdt@miniTicker', 'walkusdt@ticker_1h', '!miniTicker@arr', '!ticker_4h@arr'],
    ].join('/')}`,
    ...{ first: [], begins: 4 },
  },
  'binance, one': { path: '/ws/aurvel@trade', first: [], begins: 0 },
  deriv: {
    path: '/websockets/v3?app_id=1089&l=EN&brand=',
    first: [
      { ticks: 'WALKUSDT', subscribe: 1 },
      {
        ...{ ticks_history: 'AURVEL', end: 'latest', style: 'candles', granularity: 60 },
        ...{ subscribe: 1, count: 3 },
      },
    ],
    begins: 2,
  },
  pairs: { path: '/v1beta3/crypto/us', first: [AUTH, PAIRS], begins: 3 },
  'pairs, packed': {
    ...{ path: '/v1beta3/crypto/us', first: [AUTH, PAIRS], begins: 3, isPacked: true },
  },
  stocks: { path: '/v2/iex', first: [AUTH, STOCKS], begins: 3 },
  'stocks, packed': { path: '/v2/sip', first: [AUTH, STOCKS], begins: 3, isPacked: true },
};

function ownRequests() {
  const asked = { type: 'subscribe', symbols: '*', since: 'now' };
  return [
    { ...asked, id: 1 },
    { ...asked, id: 2, fields: ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor'] },
    { ...asked, id: 3, resolution: '1m', fields: ['volume', 'trades'] },
    { ...asked, id: 4, resolution: '1h' },
    { ...asked, id: 5, what: 'trades' },
    { ...asked, id: 6, what: 'depth', levels: 10 },
  ];
}

const EVENTS = ['', '&resolution=1m', '&what=trades', '&what=depth'];

/** All that a server says to those who follow all of it, by what they follow. */
export class Followers {
  readonly heard = new Map<string, string[]>();
  readonly #endings: (() => void)[] = [];

  static async of(server: RowsServer): Promise<Followers> {
    const followers = new Followers();
    for (const [name, way] of Object.entries(FOLLOWED)) await followers.#socket(server, name, way);
    for (const query of EVENTS) await followers.#events(server, query);
    return followers;
  }

  /** Waits until all has begun: each is told how things stand, or that it will be. */
  begun(): Promise<void> {
    return eventually(() => {
      for (const [name, heard] of this.heard) {
        const most = FOLLOWED[name]?.begins ?? (name === 'events&what=depth' ? 2 : 1);
        if (heard.length < most) throw new Error(`${name} is told ${most}; it was ${heard.length}`);
      }
    });
  }

  end(): void {
    for (const end of this.#endings) end();
  }

  async #socket(
    server: RowsServer,
    name: string,
    { path, first, protocol, isPacked = false }: Way,
  ): Promise<void> {
    const headers = isPacked ? { 'content-type': 'application/msgpack' } : {};
    const url = server.server.url.replace('http', 'ws') + path;
    const socket = new WebSocket(url, protocol, { headers });
    socket.on('error', () => {});
    this.#endings.push(() => socket.terminate());
    const heard: string[] = [];
    this.heard.set(name, heard);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isPacked) heard.push(JSON.stringify(decode(data)));
      else heard.push(isBinary ? data.toString('hex') : String(data));
    });
    await new Promise((opened) => socket.once('open', opened));
    for (const request of first) socket.send(isPacked ? encode(request) : JSON.stringify(request));
  }

  async #events(server: RowsServer, query: string): Promise<void> {
    const gone = new AbortController();
    this.#endings.push(() => gone.abort());
    const url = `${server.server.url}/v1/events?since=now${query}`;
    const { body } = await fetch(url, { signal: gone.signal });
    const heard: string[] = [];
    this.heard.set(`events${query}`, heard);
    const read = async () => {
      const texts = body!.pipeThrough(new TextDecoderStream());
      let text = '';
      for await (const part of texts) {
        const events = (text + part).split('\n\n');
        text = events.pop()!;
        heard.push(...events);
      }
    };
    read().catch(() => {});
  }
}
