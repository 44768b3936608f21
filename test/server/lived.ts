import { WebSocket } from 'ws';
import type { Effect, Target } from '../../src/core/market/entries/effects.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { eventually } from '../helpers/eventually.ts';
import { pick, seededRandom } from '../helpers/random.ts';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';

/** A market that every protocol can tell, of several models; the ring holds few of its rows. */
export const SPEC = {
  ...{ seed: 11, interval: 1000, origin: Date.UTC(2026, 0, 5, 9, 13), capacity: 200 },
  ...{ dtype: 'uint32', count: undefined },
  defaults: { tickSize: 0.01, startPrice: 80, tradesPerDay: 100_000 },
  instruments: [
    { symbol: 'walk' },
    { symbol: 'gbm', model: 'gbm', tickSize: 0.25, sector: 'metals' },
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
    ...[`rows?last=70&${all}`, 'latest?', 'latest?fields=symbol,bid,ask,volume,high,low,open'],
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
  const coins = ['WALKUSDT', 'GBMUSDT', 'AURVEL'];
  const binance = coins.flatMap((symbol) =>
    [
      ...['klines?interval=1m&', `klines?interval=1s&startTime=${at(300)}&`, 'depth?limit=20&'],
      ...['trades?limit=40&', `aggTrades?startTime=${at(50)}&`, 'avgPrice?', 'ticker/24hr?'],
      ...['ticker?windowSize=5m&', 'ticker/price?', 'ticker/bookTicker?', 'ticker/tradingDay?'],
    ].map((path) => `/api/v3/${path}symbol=${symbol}`),
  );
  const crypto = '/v1beta3/crypto/us';
  const alpaca = [
    ...['latest/bars', 'latest/quotes', 'latest/trades', 'snapshots', 'latest/orderbooks'],
    ...[`bars?timeframe=1Min&start=${iso(1200)}&end=${iso(0)}`, `trades?start=${iso(40)}`],
    ...[`quotes?start=${iso(40)}&end=${iso(9)}`],
  ].map((path) => {
    const symbols = `symbols=${encodeURIComponent('WALK/USDT,AUR/VEL')}`;
    return `${crypto}/${path}${path.includes('?') ? '&' : '?'}${symbols}`;
  });
  const udf = [
    ...['1', '5', '1D'].map((width) => `history?symbol=WALKUSDT&resolution=${width}&`),
  ].map((path) => `/udf/${path}from=${seconds(1500)}&to=${seconds(0)}`);
  return [...own, ...binance, ...alpaca, ...udf, '/udf/quotes?symbols=WALKUSDT,STOCK'];
}

/** An answer, as bytes that two servers have alike. */
export async function answerOf(server: RowsServer, path: string): Promise<string> {
  const response = await fetch(server.server.url + path, { headers: KEYS });
  const bytes = Buffer.from(await response.arrayBuffer());
  const said = ['etag', 'tickwell-market', 'cache-control'].map((name) => {
    return `${name}: ${response.headers.get(name)}`;
  });
  return [response.status, ...said, bytes.toString('latin1')].join('\n');
}

/** Everything that can be followed: where, by which subprotocol, and what is said first. */
const FOLLOWED: Readonly<
  Record<string, readonly [path: string, first: readonly object[], protocol?: string]>
> = {
  json: ['/v1/stream', ownRequests()],
  bytes: ['/v1/stream', ownRequests(), 'tickwell.v1.bin'],
  binance: [
    `/stream?streams=${[
      ...['walkusdt@trade', 'gbmusdt@aggTrade', 'walkusdt@kline_1m', 'aurvel@kline_5m'],
      ...['walkusdt@bookTicker', 'gbmusdt@depth', 'aurvel@depth5', 'walkusdt@ticker'],
      ...['gbmusdt@miniTicker', 'walkusdt@ticker_1h'],
    ].join('/')}`,
    [],
  ],
  deriv: [
    '/websockets/v3?app_id=1089&l=EN&brand=',
    [
      { ticks: 'WALKUSDT', subscribe: 1 },
      {
        ...{ ticks_history: 'AURVEL', end: 'latest', style: 'candles', granularity: 60 },
        ...{ subscribe: 1, count: 3 },
      },
    ],
  ],
  alpaca: [
    '/v1beta3/crypto/us',
    [
      { action: 'auth', key: 'any', secret: 'key' },
      {
        ...{ action: 'subscribe', trades: ['WALK/USDT'], quotes: ['GBM/USDT'] },
        ...{ bars: ['*'], updatedBars: ['*'], dailyBars: ['AUR/VEL'], orderbooks: ['AUR/VEL'] },
      },
    ],
  ],
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
    for (const [name, [path, first, protocol]] of Object.entries(FOLLOWED)) {
      await followers.#socket(server, name, path, first, protocol);
    }
    for (const query of EVENTS) await followers.#events(server, query);
    return followers;
  }

  /** Waits until all has begun: each is told how things stand, or that it will be. */
  begun(): Promise<void> {
    const least = { json: 8, bytes: 8, binance: 4, deriv: 2, alpaca: 3, 'events&what=depth': 2 };
    return eventually(() => {
      for (const [name, heard] of this.heard) {
        const most = (least as Record<string, number>)[name] ?? 1;
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
    path: string,
    first: readonly object[],
    protocol?: string,
  ): Promise<void> {
    const socket = new WebSocket(server.server.url.replace('http', 'ws') + path, protocol);
    socket.on('error', () => {});
    this.#endings.push(() => socket.terminate());
    const heard: string[] = [];
    this.heard.set(name, heard);
    socket.on('message', (data: Buffer, isBinary) => {
      heard.push(isBinary ? data.toString('hex') : String(data));
    });
    await new Promise((opened) => socket.once('open', opened));
    for (const request of first) socket.send(JSON.stringify(request));
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
