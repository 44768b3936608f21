import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT } from '../helpers/consumer.ts';
import { NEWER, type Said } from '../helpers/deriv.ts';
import { eventually } from '../helpers/eventually.ts';
import { importClient } from '../helpers/real-client.ts';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';

/** What of @deriv/deriv-api is used here. */
interface Api {
  readonly basic: Api;
  readonly connection: WebSocket;
  time(): Promise<Said>;
  ping(): Promise<Said>;
  activeSymbols(kind: string): Promise<Said>;
  ticksHistory(request: object): Promise<Said>;
  subscribe(request: object): Observable;
  forgetAll(...kinds: string[]): Promise<Said>;
  ticks(options: object): Promise<Series>;
  candles(options: object): Promise<Series>;
  disconnect(): void;
}
interface Observable {
  subscribe(next: (value: Said) => void, error?: (error: Said) => void): { unsubscribe(): void };
}
interface Series {
  readonly list: readonly Said[];
  onUpdate(next: (value: Said) => void): void;
  history(range: object): Promise<readonly Said[]>;
}

const SPEC = {
  ...{ origin: Date.UTC(2026, 0, 5), interval: 1000, capacity: 500, count: undefined },
  defaults: { model: 'walk', tickSize: 0.1, startPrice: 900 },
  instruments: [
    { symbol: 'step', name: 'Step Index', names: { deriv: 'stpRNG' } },
    { symbol: 'B' },
  ],
};
const SYMBOL = 'stpRNG';

let server: RowsServer;
let DerivApi: new (options: object) => Api;
/** The first, which a browser and newer versions of Node have. */
const { WebSocket: own } = globalThis;

beforeAll(async () => {
  server = await startRows(SPEC, 2000);
  ({ default: DerivApi } = await importClient<{ default: typeof DerivApi }>('@deriv/deriv-api'));
  Object.assign(globalThis, { WebSocket: own ?? WebSocket });
});

afterAll(async () => {
  Object.assign(globalThis, { WebSocket: own });
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** The prices of `/v1/rows` from a time in seconds on. */
async function ownPrices(epoch: number, count: number): Promise<readonly number[]> {
  const since = (epoch - 1) * 1000;
  const { json } = await server.get(`/v1/rows?symbols=step&since=${since}&limit=${count}`);
  return json.prices[0].map((ticks: number) => Number((ticks * 0.1).toFixed(1)));
}

/** How its users connect: by an endpoint, at the older path; by a connection of theirs, at any. */
const WAYS: readonly (readonly [string, () => Api])[] = [
  [
    'an endpoint',
    () => new DerivApi({ endpoint: server.server.url.replace('http', 'ws'), app_id: 1 }),
  ],
  [
    'a connection to the newer path',
    () =>
      new DerivApi({ connection: new WebSocket(server.server.url.replace('http', 'ws') + NEWER) }),
  ],
];

describe.each(WAYS)('@deriv/deriv-api, by %s,', (_way, connect) => {
  it('is told the time, the symbols, ticks as they come and as they were', async () => {
    const api = connect();
    const { basic } = api;
    expect((await basic.time()).time).toBe(Math.floor(server.clock.nowMs() / 1000));
    expect((await basic.ping()).ping).toBe('pong');
    const { active_symbols: symbols } = await basic.activeSymbols('brief');
    expect(symbols.map(({ symbol, pip }: Said) => [symbol, pip])).toEqual([
      [SYMBOL, 0.1],
      ['BUSDT', 0.1],
    ]);
    const ticks: Said[] = [];
    const following = basic.subscribe({ ticks: SYMBOL }).subscribe(({ tick }) => ticks.push(tick));
    await eventually(() => expect(ticks.length).toBeGreaterThan(0));
    server.rows(4);
    await eventually(() => expect(ticks.at(-1).epoch).toBe(server.newest() / 1000));
    following.unsubscribe();
    expect(ticks.map(({ epoch }) => epoch)).toEqual(ticks.map((_, n) => ticks[0].epoch + n));
    expect(ticks.map(({ quote }) => quote)).toEqual(await ownPrices(ticks[0].epoch, ticks.length));
    const { history } = await basic.ticksHistory({
      ticks_history: SYMBOL,
      end: 'latest',
      count: 50,
    });
    expect(history.times.at(-1)).toBe(ticks.at(-1).epoch);
    expect(history.prices).toEqual(await ownPrices(history.times[0], 50));
    await expect(
      basic.ticksHistory({ ticks_history: 'R_100', end: 'latest' }),
    ).rejects.toMatchObject({
      error: { code: 'InvalidSymbol' },
    });
    api.basic.disconnect();
  });

  it('has streams of ticks and candles that go on where their history ends', async () => {
    const api = connect();
    const ticks = await api.ticks({ symbol: SYMBOL, range: { count: 10 } });
    const candles = await api.candles({ symbol: SYMBOL, granularity: 60, range: { count: 5 } });
    expect([ticks.list.length, candles.list.length]).toEqual([10, 5]);
    const [told, updates]: [Said[], Said[]] = [[], []];
    ticks.onUpdate((tick) => told.push(tick));
    candles.onUpdate((candle) => updates.push(candle));
    // Over the end of a minute.
    for (let n = 0; n < 4; n++) {
      server.rows(20);
      await eventually(() => {
        expect(told.at(-1)?.time.epoch).toBe(server.newest() / 1000);
        expect(updates.at(-1)?.time.epoch).toBe(server.newest() / 1000);
      });
    }
    expect(told).toHaveLength(80);
    const first = told[0].time.epoch;
    expect(told.map(({ quote }) => quote.value)).toEqual(await ownPrices(first, 80));
    const last = updates.at(-1);
    const [closed] = await candles.history({
      start: new Date((last.open_time.epoch - 60) * 1000),
      end: new Date((last.open_time.epoch - 60) * 1000),
    });
    const ended = updates.findLast(({ open_time: time }) => time.epoch < last.open_time.epoch);
    for (const name of ['open', 'high', 'low', 'close']) {
      expect(ended[name].value).toBe(closed[name].value);
      expect(ended[name].pip).toBe(0.1);
    }
    await api.basic.forgetAll('ticks', 'candles');
    api.basic.disconnect();
  });
});

it('@deriv/deriv-api keeps its connection with a ping each half a minute', async () => {
  // The server of this process has begun, and waits by other timers.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const [, connect] = WAYS[0]!;
    const api = connect();
    await api.basic.time();
    const { connection } = api.basic;
    const heard: string[] = [];
    connection.addEventListener('message', ({ data }) => heard.push(String(data)));
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    await eventually(() => expect(heard.map((text) => JSON.parse(text).ping)).toContain('pong'));
    expect(connection.readyState).toBe(WebSocket.OPEN);
    api.basic.disconnect();
  } finally {
    vi.useRealTimers();
  }
});

it('examples/deriv.mjs prints ticks as they were, then as they come', async () => {
  const code = readFileSync(join(ROOT, 'examples/deriv.mjs'), 'utf8');
  const args = ['--input-type=module', '-', server.server.url.replace('http', 'ws'), SYMBOL];
  // It finds the client where it stands: a program that is read finds it where it is run.
  const child = spawn(process.execPath, args, {
    cwd: join(ROOT, 'test/clients'),
    timeout: 60_000,
  });
  child.stdin.end(code);
  const lines: string[] = [];
  const ticking = setInterval(() => server.rows(1), 20);
  try {
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === 30) child.kill('SIGINT');
    }
  } finally {
    clearInterval(ticking);
    child.kill('SIGKILL');
  }
  const told = lines.map((line) => line.split(' '));
  const epochs = told.map(([time]) => Date.parse(time!) / 1000);
  expect(epochs).toEqual(epochs.map((_, n) => epochs[0]! + n));
  expect(told.map(([, symbol]) => symbol)).toEqual(told.map(() => SYMBOL));
  expect(told.map(([, , quote]) => Number(quote))).toEqual(
    await ownPrices(epochs[0]!, epochs.length),
  );
});
