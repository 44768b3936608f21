import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerivClient, NEWER, type Said } from '../../helpers/deriv.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type RowsServer, startRows } from '../../helpers/rows-server.ts';

const SECOND = 1000;
const ORIGIN = Date.UTC(2026, 0, 5, 7, 20, 11) + 250;
const ROWS = 40_000;
const SPEC = {
  // Of old rows there are blocks that must be made again.
  ...{ origin: ORIGIN, interval: SECOND, capacity: 300, count: undefined },
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.25, startPrice: 80 },
  instruments: [
    { symbol: 'ACME', name: 'Acme' },
    { symbol: 'orb.x', model: 'market', tickSize: 0.01, startPrice: 250 },
    { symbol: 'AUR/VEL', tickSize: 5, startPrice: 5000, model: 'walk' },
  ],
};
const NAMES = ['ACMEUSDT', 'ORBXUSDT', 'AURVEL'];

let server: RowsServer;
let client: DerivClient;

beforeAll(async () => {
  server = await startRows(SPEC, ROWS, {
    limits: { workBurst: 1e15, maxDerivTicks: 2000, maxCandlesPerAnswer: 100_000 },
  });
  client = await DerivClient.open(server, NEWER);
});

afterAll(async () => {
  client.close();
  await server.stop();
  expect(server.failures).toEqual([]);
});

const epoch = (ms: number) => Math.floor(ms / 1000);

/** Tickwell's own rows from index `from` on, as Deriv says them. */
async function ownRows(column: number, from: number, count: number) {
  const symbol = encodeURIComponent(SPEC.instruments[column]!.symbol);
  const range = `since=${ORIGIN + (from - 1) * SECOND}&limit=${count}&prices=decimal`;
  const { json } = await server.get(`/v1/rows?symbols=${symbol}&fields=last,bid,ask&${range}`);
  const numbers = (values: readonly (readonly string[])[]) => values[0]!.map(Number);
  const [prices, bids, asks] = [json.last, json.bid, json.ask].map(numbers);
  const times = prices!.map((_, n) => epoch(ORIGIN + (from + n) * SECOND));
  return { prices: prices!, bids: bids!, asks: asks!, times };
}

/** Tickwell's own candles, of so many seconds. */
async function ownCandles(column: number, granularity: number) {
  const symbol = encodeURIComponent(SPEC.instruments[column]!.symbol);
  const range = `from=${ORIGIN}&to=${server.newest() + SECOND}&prices=decimal`;
  const { json } = await server.get(
    `/v1/candles?symbol=${symbol}&resolution=${granularity}s&${range}`,
  );
  return json.time.map((time: number, n: number) => {
    const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((name) =>
      Number(json[name][n]),
    );
    return { open, high, low, close, epoch: epoch(time) };
  });
}

describe('ticks_history', () => {
  it('has the rows of /v1/rows, both bounds with it, the latest where they are too many', async () => {
    const rows = await Promise.all(NAMES.map((_, column) => ownRows(column, 0, ROWS)));
    const at = fc.integer({ min: -500, max: ROWS + 500 });
    const column = fc.integer({ min: 0, max: NAMES.length - 1 });
    const count = fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(column, at, at, count, async (column, a, b, count) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)].map((row) => {
          return epoch(ORIGIN + row * SECOND);
        });
        const { times, prices } = rows[column]!;
        const asked = { ticks_history: NAMES[column], start, end: String(end), count };
        const { history } = await client.ask(asked);
        const own = times.flatMap((time, n) => (time >= start! && time <= end! ? [n] : []));
        const latest = own.slice(-Math.min(count ?? 2000, 2000));
        expect(history.times).toEqual(latest.map((n) => times[n]));
        expect(history.prices).toEqual(latest.map((n) => prices[n]));
      }),
      { numRuns: 30 },
    );
  });

  it('has the candles of /v1/candles, those that begin within both bounds', async () => {
    const column = fc.integer({ min: 0, max: NAMES.length - 1 });
    const at = fc.integer({ min: -500, max: ROWS + 500 });
    const width = fc.constantFrom(1, 7, 60, 300, 3600, 14_400, 86_400);
    const count = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined });
    const known = new Map<string, Promise<Said>>();
    const ownOf = (column: number, granularity: number) => {
      const key = `${column} ${granularity}`;
      const own = known.get(key) ?? ownCandles(column, granularity);
      known.set(key, own);
      return own;
    };
    await fc.assert(
      fc.asyncProperty(column, at, at, width, count, async (column, a, b, granularity, count) => {
        const start = epoch(ORIGIN + Math.min(a, b) * SECOND);
        const end = epoch(ORIGIN + Math.max(a, b) * SECOND);
        const asked = { start, end, count, style: 'candles', granularity };
        const { candles } = await client.ask({ ticks_history: NAMES[column], ...asked });
        const own = await ownOf(column, granularity);
        const within = own.filter((one: Said) => one.epoch >= start && one.epoch <= end);
        expect(candles).toEqual(within.slice(-Math.min(count ?? 2000, 2000)));
      }),
      { numRuns: 30 },
    );
  });

  it('without bounds has the newest, the candle that forms too', async () => {
    const { history } = await client.ask({ ticks_history: 'ACMEUSDT', end: 'latest' });
    const own = await ownRows(0, ROWS - 2000, 2000);
    expect(history).toEqual({ prices: own.prices, times: own.times });
    const asked = { ticks_history: 'ACMEUSDT', end: 'latest', style: 'candles' };
    const { candles } = await client.ask({ ...asked, granularity: 300 });
    expect(candles).toEqual(await ownCandles(0, 300));
    expect((await client.ask({ ...asked, count: 2 })).candles).toEqual(
      (await ownCandles(0, 60)).slice(-2),
    );
  });

  it('joins what follows in one step: no tick is missing or told twice, however it is asked', async () => {
    const asked = { ticks_history: 'AURVEL', end: 'latest', subscribe: 1 };
    const histories: Said[] = [];
    // Rows come while answers are being made.
    const asking = Array.from({ length: 12 }, async (_, n) => {
      server.rows(1);
      const start = epoch(ORIGIN + (n % 2 === 0 ? ROWS - 1500 : 0) * SECOND);
      histories.push(await client.ask({ ...asked, count: 100 + n, start }));
    });
    await Promise.all(asking);
    server.rows(5);
    const last = epoch(server.newest());
    await eventually(() => {
      for (const { subscription } of histories) {
        expect(client.of(subscription.id).at(-1)?.epoch).toBe(last);
      }
    });
    const first = histories[0].history.times[0];
    const from = Math.floor((first * 1000 - ORIGIN) / SECOND) - 200;
    const own = await ownRows(2, from, last - first + 300);
    for (const { history, subscription } of histories) {
      const ticks = client.of(subscription.id);
      const times = [...history.times, ...ticks.map((tick) => tick.epoch)];
      expect(times).toEqual(times.map((_, n) => times[0] + n));
      const at = own.times.indexOf(times[0]);
      const rows = times.map((_, n) => at + n);
      expect([...history.prices, ...ticks.map(({ quote }) => quote)]).toEqual(
        rows.map((n) => own.prices[n]),
      );
      const followed = rows.slice(history.times.length);
      expect(ticks.map(({ bid }) => bid)).toEqual(followed.map((n) => own.bids[n]));
      expect(ticks.map(({ ask }) => ask)).toEqual(followed.map((n) => own.asks[n]));
    }
    await client.ask({ forget_all: 'ticks' });
  });
});

describe('ohlc', () => {
  it('goes on with the candle that history ended with, and ends each as history has it', async () => {
    const asked = { ticks_history: 'ORBXUSDT', end: 'latest', style: 'candles', subscribe: 1 };
    const granularity = 5;
    const { candles, subscription } = await client.ask({ ...asked, count: 3, granularity });
    for (let n = 0; n < 23; n++) {
      const last = epoch(server.newest());
      await eventually(() => {
        const told = client.of(subscription.id).at(-1)?.epoch ?? candles.at(-1).epoch;
        expect(n === 0 || told === last).toBe(true);
      });
      server.rows(1);
    }
    const last = epoch(server.newest());
    await eventually(() => expect(client.of(subscription.id).at(-1)?.epoch).toBe(last));
    const told = client.of(subscription.id);
    // One after each row.
    expect(told.map((one) => one.epoch)).toEqual(told.map((_, n) => told[0].epoch + n));
    expect(told[0].open_time - candles.at(-1).epoch).toBeLessThanOrEqual(granularity);
    const again = await client.ask({ ...asked, subscribe: 0, count: 10, granularity });
    const closed = new Map(told.map((one) => [one.open_time, one]));
    for (const candle of again.candles) {
      const ended = closed.get(candle.epoch);
      if (ended === undefined) continue;
      const { open, high, low, close } = ended;
      const prices = { open: candle.open, high: candle.high, low: candle.low, close: candle.close };
      expect({ open, high, low, close }).toEqual(
        Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, price.toFixed(2)])),
      );
    }
    expect(again.candles.filter(({ epoch }: Said) => closed.has(epoch)).length).toBeGreaterThan(3);
    await client.ask({ forget_all: 'candles' });
  });
});
