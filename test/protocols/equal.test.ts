import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeOf } from '../../src/core/market/grid.ts';
import { DerivClient, NEWER } from '../helpers/deriv.ts';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';

/** Markets whose rows every protocol can tell, of each model, however they lie to whole minutes. */
const MARKETS = fc.record({
  seed: fc.nat(1000),
  interval: fc.constantFrom(1000, 2000, 7000, 15_000, 60_000),
  origin: fc.integer({ min: 0, max: 5 * 86_400_000 }).map((ms) => Date.UTC(2026, 0, 2) + ms),
  rows: fc.integer({ min: 300, max: 6000 }),
  tradesPerDay: fc.constantFrom(2000, 100_000),
});

const WIDTHS = [
  { seconds: 60, binance: '1m', udf: '1', alpaca: '1Min' },
  { seconds: 180, binance: '3m', udf: '3', alpaca: '3Min' },
  { seconds: 300, binance: '5m', udf: '5', alpaca: '5Min' },
  { seconds: 900, binance: '15m', udf: '15', alpaca: '15Min' },
  { seconds: 1800, binance: '30m', udf: '30', alpaca: '30Min' },
  { seconds: 3600, binance: '1h', udf: '60', alpaca: '1Hour' },
  { seconds: 14_400, binance: '4h', udf: '240', alpaca: '4Hour' },
  { seconds: 86_400, binance: '1d', udf: '1D', alpaca: '1Day' },
] as const;

/** What is asked of a market: an instrument, a width and a range, as parts of its rows. */
const ASKED = fc.record({
  column: fc.nat(3),
  width: fc.constantFrom(...WIDTHS),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  to: fc.double({ min: 0, max: 1.1, noNaN: true }),
});

const KEYS = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'key' };
const LIMITS = {
  ...{ workBurst: 1e15, maxUdfBars: 100_000, maxDerivTicks: 100_000, maxUnreadBytes: 4_000_000 },
  ...{ maxBinanceCandles: 10_000, maxBinanceTrades: 10_000 },
};

interface Bar {
  /** In seconds. */
  readonly time: number;
  /** Open, high, low and close, in ticks. */
  readonly prices: readonly number[];
  readonly volume?: number;
  readonly trades?: number;
}

/** One instrument of a market, in the words of every protocol. */
class Instrument {
  readonly #server: RowsServer;
  readonly #client: DerivClient;
  readonly #market: RowsServer['market'];
  readonly #column: number;

  constructor(server: RowsServer, client: DerivClient, column: number) {
    this.#server = server;
    this.#client = client;
    this.#market = server.market;
    this.#column = column;
  }

  get #name(): string {
    return ['WALKUSDT', 'GBMUSDT', 'STOCKUSDT', 'AURVEL'][this.#column]!;
  }

  get #symbol(): string {
    return encodeURIComponent(this.#market.instruments[this.#column]!.symbol);
  }

  #ticks = (price: number | string): number =>
    Math.round(Number(price) / this.#market.instruments[this.#column]!.tickSize);

  async #get(path: string) {
    const { json, status } = await this.#server.get(path, { headers: KEYS });
    expect(status, `${path}: ${JSON.stringify(json)}`).toBe(200);
    return json;
  }

  /** Bars that begin in `[from, to)`, in seconds. */
  async udf(width: string, from: number, to: number): Promise<readonly Bar[]> {
    const symbol = this.#column === 2 ? 'STOCK' : this.#name;
    const path = `/udf/history?symbol=${symbol}&resolution=${width}&from=${from}&to=${to}`;
    const { t = [], o, h, l, c, v } = await this.#get(path);
    return t.map((time: number, n: number) => ({
      ...{ time, prices: [o[n], h[n], l[n], c[n]].map(this.#ticks), volume: v[n] },
    }));
  }

  async binance(interval: string, from: number, to: number): Promise<readonly Bar[]> {
    const range = `startTime=${from * 1000}&endTime=${to * 1000 - 1}&limit=10000`;
    const path = `/api/v3/klines?symbol=${this.#name}&interval=${interval}&${range}`;
    const klines: (number | string)[][] = await this.#get(path);
    return klines.map(([time, o, h, l, c, volume, , , trades]) => ({
      ...{ time: Number(time) / 1000, prices: [o!, h!, l!, c!].map(this.#ticks) },
      ...{ volume: Number(volume), trades: Number(trades) },
    }));
  }

  /** The path of its items at Alpaca, between both times. */
  #alpacaPath(items: string, fromMs: number, toMs: number): string {
    const [base, symbol] =
      this.#column === 2
        ? ['/v2/stocks', 'STOCK']
        : ['/v1beta3/crypto/us', ['WALK/USDT', 'GBM/USDT', '', 'AUR/VEL'][this.#column]!];
    const range = `start=${new Date(fromMs).toISOString()}&end=${new Date(toMs).toISOString()}`;
    return `${base}/${items}?symbols=${encodeURIComponent(symbol)}&${range}&limit=10000`;
  }

  async alpaca(timeframe: string, from: number, to: number): Promise<readonly Bar[]> {
    const path = this.#alpacaPath('bars', from * 1000, to * 1000 - 1);
    const { bars } = await this.#get(`${path}&timeframe=${timeframe}`);
    // biome-ignore lint/suspicious/noExplicitAny: a bar of JSON.
    return ((Object.values(bars)[0] ?? []) as any[]).map(({ t, o, h, l, c, v, n }) => ({
      ...{ time: Date.parse(t) / 1000, prices: [o, h, l, c].map(this.#ticks) },
      ...{ volume: v, trades: n },
    }));
  }

  async derivCandles(granularity: number, from: number, to: number): Promise<readonly Bar[]> {
    const asked = { ticks_history: this.#name, style: 'candles', granularity };
    const { candles } = await this.#client.ask({ ...asked, start: from, end: to - 1 });
    // biome-ignore lint/suspicious/noExplicitAny: a candle of JSON.
    return candles.map(({ epoch, open, high, low, close }: any) => ({
      ...{ time: epoch, prices: [open, high, low, close].map(this.#ticks) },
    }));
  }

  /** The fold of Deriv's ticks, of whole candles. */
  async derivTicks(seconds: number, from: number, to: number): Promise<readonly Bar[]> {
    const asked = { ticks_history: this.#name, start: from, end: to - 1 };
    const { history } = await this.#client.ask(asked);
    const rows = history.times.map((time: number, n: number) => ({
      ...{ time, price: this.#ticks(history.prices[n]), volume: 0, trades: 0 },
    }));
    return folded(rows, seconds).map(({ time, prices }) => ({ time, prices }));
  }

  /** The fold of our own rows. */
  async own(seconds: number, from: number, to: number): Promise<readonly Bar[]> {
    const { grid } = this.#market;
    const first = Math.max(grid.originMs, from * 1000);
    // The last row before both times.
    const before = (ms: number) =>
      grid.originMs + (Math.ceil((ms - grid.originMs) / grid.intervalMs) - 1) * grid.intervalMs;
    const [since, until] = [before(first), Math.min(this.#server.newest(), before(to * 1000))];
    if (until <= since) return [];
    const path = `/v1/rows?symbols=${this.#symbol}&fields=last,volume,trades`;
    const { last, volume, trades } = await this.#get(`${path}&since=${since}&until=${until}`);
    const rows = last[0].map((price: number, n: number) => ({
      time: Math.floor((since + (n + 1) * grid.intervalMs) / 1000),
      ...{ price, volume: volume[0][n], trades: trades[0][n] },
    }));
    return folded(rows, seconds);
  }

  /** How many trades there were before a time, in seconds, by the rows before it. */
  async tradesBefore(time: number): Promise<number> {
    const rows = await this.own(time, 0, time);
    return rows.reduce((all, { trades = 0 }) => all + trades, 0);
  }

  /** Trades from a number on, as three protocols tell them: numbers, lots, prices. */
  async trades(fromId: number, count: number) {
    const range = `fromId=${fromId}&limit=${count}`;
    const binance = await this.#get(`/api/v3/historicalTrades?symbol=${this.#name}&${range}`);
    const own = await this.#get(`/v1/trades?symbol=${this.#symbol}&${range}`);
    const [first, last] = [binance[0].time, binance.at(-1).time];
    const { trades } = await this.#get(this.#alpacaPath('trades', first, last + 1));
    // biome-ignore lint/suspicious/noExplicitAny: trades of JSON.
    const alpaca = (Object.values(trades)[0] as any[]).map(({ i, s, p }) => [i, s, this.#ticks(p)]);
    return {
      binance: binance.map(({ id, qty, price }: Record<string, string>) => [
        ...[id, Number(qty), this.#ticks(price!)],
      ]),
      // Others may have happened in the same millisecond.
      alpaca: alpaca.filter(([id]) => id! >= fromId && id! < fromId + count),
      own: own.lots.map((lots: number, n: number) => [own.fromId + n, lots, own.price[n]]),
    };
  }
}

interface Row {
  readonly time: number;
  readonly price: number;
  readonly volume: number;
  readonly trades: number;
}

/** Bars of rows that begin at multiples of so many seconds. */
function folded(rows: readonly Row[], seconds: number): readonly Bar[] {
  const bars = new Map<number, Row[]>();
  for (const row of rows) {
    const time = Math.floor(row.time / seconds) * seconds;
    const bar = bars.get(time);
    if (bar === undefined) bars.set(time, [row]);
    else bar.push(row);
  }
  return [...bars].map(([time, some]) => {
    const prices = some.map(({ price }) => price);
    const [open, close] = [prices[0]!, prices.at(-1)!];
    const sum = (name: 'volume' | 'trades') => some.reduce((all, row) => all + row[name], 0);
    return {
      ...{ time, prices: [open, Math.max(...prices), Math.min(...prices), close] },
      ...{ volume: sum('volume'), trades: sum('trades') },
    };
  });
}

const pricesOf = (bars: readonly Bar[]) => bars.map(({ time, prices }) => ({ time, prices }));

type Asked = typeof ASKED extends fc.Arbitrary<infer A> ? A : never;

/** That all protocols say the same of a range of an instrument; gives how many bars that were. */
async function expectEqual(server: RowsServer, client: DerivClient, asked: Asked): Promise<number> {
  const { column, width } = asked;
  const { grid } = server.market;
  const instrument = new Instrument(server, client, column);
  // Whole bars: a row lies in one or is none of the range.
  const rows = (server.newest() - grid.originMs) / grid.intervalMs;
  const barAt = (part: number) =>
    Math.floor(timeOf(grid, Math.floor(part * rows)) / 1000 / width.seconds) * width.seconds;
  const [from, end] = [asked.from, asked.to].map(barAt).sort((a, b) => a - b) as [number, number];
  const to = end + width.seconds;
  const expected = await instrument.own(width.seconds, from, to);
  const udf = await instrument.udf(width.udf, from, to);
  expect(udf).toEqual(expected.map(({ trades: _, ...bar }) => bar));
  expect(await instrument.binance(width.binance, from, to)).toEqual(expected);
  // Who trades in nothing has no bar there.
  const traded = expected.filter(({ trades }) => trades! > 0);
  expect(await instrument.alpaca(width.alpaca, from, to)).toEqual(traded);
  expect(await instrument.derivTicks(width.seconds, from, to)).toEqual(pricesOf(expected));
  expect(await instrument.derivCandles(width.seconds, from, to)).toEqual(pricesOf(expected));
  await expectTrades(instrument, expected[Math.floor(expected.length / 2)]);
  return expected.length;
}

/**
 * That the trades of a bar have the same numbers everywhere, without a hole, and add up to it. They
 * are those of its rows, so they may have happened since the row before the first.
 */
async function expectTrades(instrument: Instrument, bar: Bar | undefined): Promise<void> {
  if (bar === undefined || bar.trades === 0 || bar.trades! > 1000) return;
  const { time, volume, trades: count } = bar;
  const first = await instrument.tradesBefore(time);
  const { binance, alpaca, own } = await instrument.trades(first, count!);
  expect(binance.map(([id]: number[]) => id)).toEqual(
    Array.from({ length: count! }, (_, n) => first + n),
  );
  expect(binance.reduce((sum: number, [, lots]: number[]) => sum + lots!, 0)).toBe(volume);
  expect(own).toEqual(binance);
  expect(alpaca).toEqual(binance);
}

it('bars, candles and trades are equal in every protocol, whatever market and range', async () => {
  let bars = 0;
  await fc.assert(
    fc.asyncProperty(
      MARKETS,
      fc.array(ASKED, { minLength: 4, maxLength: 4 }),
      async ({ rows, tradesPerDay, ...grid }, all) => {
        const spec = {
          ...{ ...grid, dtype: 'uint32', count: undefined, capacity: 200 },
          defaults: { tickSize: 0.01, startPrice: 80, tradesPerDay },
          instruments: [
            { symbol: 'walk' },
            { symbol: 'gbm', model: 'gbm', tickSize: 0.25 },
            { symbol: 'STOCK', assetClass: 'stock', model: 'market' },
            { symbol: 'AUR/VEL', model: 'market', startPrice: 5000, tickSize: 5 },
          ],
        };
        const server = await startRows(spec, rows, { limits: LIMITS });
        const client = await DerivClient.open(server, NEWER);
        try {
          for (const asked of all) {
            if (asked.width.seconds * 1000 < grid.interval) continue;
            bars += await expectEqual(server, client, asked);
          }
        } finally {
          client.close();
          await server.stop();
        }
        expect(server.failures).toEqual([]);
      },
    ),
    // A failure is told as it was met: each try takes a server.
    { numRuns: 6, endOnFailure: true },
  );
  expect(bars).toBeGreaterThan(0);
});
