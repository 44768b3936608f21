import { afterEach, expect, it } from 'vitest';
import type { NewProtocol } from '../../../src/delivery/protocol.ts';
import { MESSAGE_COST, UPGRADE_COST } from '../../../src/host/budgets/cost.ts';
import { DerivConnection } from '../../../src/protocols/deriv/connection.ts';
import { DerivEncoder } from '../../../src/protocols/deriv/encoder.ts';
import { DERIV_LIMITS, type DerivHub } from '../../../src/protocols/deriv/limits.ts';
import { DerivSymbols } from '../../../src/protocols/deriv/symbols.ts';
import { PROTOCOLS } from '../../../src/server/protocols.ts';
import { DerivClient, type Said } from '../../helpers/deriv.ts';
import { eventually } from '../../helpers/eventually.ts';
import { parseMetrics } from '../../helpers/exposition.ts';
import { type RowsServer, startRows } from '../../helpers/rows-server.ts';

const ORIGIN = Date.UTC(2026, 0, 5);
const SPEC = { origin: ORIGIN, interval: 1000, capacity: 100, count: 4 };
const [A, B, C, D] = [0, 1, 2, 3].map((n) => `TICKER${n}USDT`) as [string, string, string, string];

const running: RowsServer[] = [];

async function start(...given: Parameters<typeof startRows>): Promise<RowsServer> {
  const server = await startRows(...given);
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

it('a connection has so many streams, and may have others once it has ended some', async () => {
  const server = await start(SPEC, 500, { limits: { maxDerivSubscriptions: 4 } });
  const client = await DerivClient.open(server);
  const refused = { error: { code: 'RateLimit', details: { limit: 4 } } };
  const history = { ticks_history: A, end: 'latest', subscribe: 1 };
  // Those whose history is on its way count too.
  const both = [client.ask(history), client.ask({ ...history, style: 'candles' })];
  expect(await client.ask({ ticks: [B, C, D], subscribe: 1 })).toMatchObject(refused);
  const [{ subscription }] = await Promise.all(both);
  expect(await client.ask({ ticks: [B, C], subscribe: 1 })).toMatchObject({ msg_type: 'tick' });
  expect(await client.ask({ ...history, ticks_history: D })).toMatchObject(refused);
  expect(await client.ask({ forget: subscription.id })).toMatchObject({ forget: 1 });
  expect(await client.ask({ ticks: D, subscribe: 1 })).toMatchObject({ msg_type: 'tick' });
  expect((await client.ask({ forget_all: ['ticks', 'candles'] })).forget_all).toHaveLength(4);
  // Nothing begins of a request that is refused.
  expect(await client.ask({ ticks: [A, B, 'NOPE'], subscribe: 1 })).toMatchObject({
    error: { code: 'InvalidSymbol' },
  });
  expect(await client.ask({ ticks: [A, B, C, A], subscribe: 1 })).toMatchObject({ req_id: 10 });
  await eventually(() => {
    expect(client.told.filter(({ req_id: id }) => id === 10)).toHaveLength(3);
  });
  client.close();
});

it('what is asked is paid before it is made, and whoever cannot pay may still forget', async () => {
  // What some requests take, and the first rows of a stream.
  const workBurst = UPGRADE_COST + 30 * MESSAGE_COST + 4_000_000;
  const server = await start(SPEC, 500_000, { limits: { workBurst, workPerSecond: 1 } });
  const client = await DerivClient.open(server);
  const { subscription } = await client.ask({ ticks: A, subscribe: 1 });
  const old = { ticks_history: A, end: String(ORIGIN / 1000 + 300_000), count: 5000 };
  let error: Said;
  for (let n = 0; n < 30 && error === undefined; n++) ({ error } = await client.ask(old));
  expect(error).toMatchObject({ code: 'RateLimit', details: { retryAfterMs: expect.any(Number) } });
  expect(error.message).toContain('work for one address must stay below 1');
  let pong: Said;
  for (let n = 0; n < 200 && pong?.error === undefined; n++) pong = await client.ask({ ping: 1 });
  expect(pong.error.code).toBe('RateLimit');
  expect(await client.ask({ forget: subscription.id })).toMatchObject({ forget: 1 });
  client.close();
});

it('more than one may ask is refused, not forgotten', async () => {
  const limits = { messagesPerSecond: 1, messagesBurst: 3 };
  const server = await start(SPEC, 500, { limits });
  const client = await DerivClient.open(server);
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.ask({ ping: 1 })));
  expect(answers.map(({ error }) => error?.code)).toEqual([
    ...[undefined, undefined, undefined, 'RateLimit', 'RateLimit'],
  ]);
  client.close();
});

it('a market of rows within a second has no symbols there', async () => {
  const server = await start({ ...SPEC, interval: 250 }, 500);
  const client = await DerivClient.open(server);
  expect(await client.ask({ active_symbols: 'brief' })).toMatchObject({ active_symbols: [] });
  for (const asked of [{ ticks: A }, { ticks_history: A, end: 'latest' }]) {
    expect(await client.ask(asked)).toMatchObject({
      error: { code: 'InvalidSymbol', message: `Symbol ${A} is invalid.` },
    });
  }
  client.close();
});

it('a market that has no row yet is closed, and its past is empty', async () => {
  const server = await start(SPEC, 0);
  const client = await DerivClient.open(server);
  expect(await client.ask({ ticks: A, subscribe: 1 })).toMatchObject({
    error: { code: 'MarketIsClosed', message: 'This market is presently closed.' },
  });
  const asked = { ticks_history: A, end: 'latest', subscribe: 1 };
  const { history, subscription } = await client.ask(asked);
  expect(history).toEqual({ prices: [], times: [] });
  const followed = await client.ask({ ...asked, style: 'candles' });
  expect(followed.candles).toEqual([]);
  server.rows(3);
  await eventually(() => expect(client.of(subscription.id)).toHaveLength(3));
  const { epoch } = client.of(subscription.id)[0];
  expect(epoch).toBe(ORIGIN / 1000);
  expect(client.of(followed.subscription.id).at(-1).open_time).toBe(ORIGIN / 1000);
  client.close();
});

it('no more symbols are listed than may be, but all can be named', async () => {
  const server = await start(SPEC, 500, { limits: { maxDerivSymbols: 2 } });
  const client = await DerivClient.open(server);
  const { active_symbols: symbols } = await client.ask({ active_symbols: 'full' });
  expect(symbols.map(({ symbol }: { symbol: string }) => symbol)).toEqual([A, B]);
  expect((await client.ask({ ticks: D })).tick.symbol).toBe(D);
  client.close();
});

it('active_symbols say which exchange is open at the newest row, and who is halted', async () => {
  const [night, origin] = [Date.parse('2026-03-09T13:29:58Z'), Date.parse('2026-03-09T13:29:00Z')];
  const instruments = [
    ...[
      { symbol: 'NYSE', calendar: 'new-york' },
      { symbol: 'TOSE', calendar: 'tokyo' },
    ],
    { symbol: 'COIN' },
  ];
  const scenario = [{ at: '1s', kind: 'halt', symbol: 'COIN', for: '59s' }];
  const server = await start(
    { ...{ count: undefined, instruments, scenario }, origin, interval: 1000 },
    (night - origin) / 1000 + 1,
  );
  const client = await DerivClient.open(server);
  const shown = async () => {
    const { active_symbols: symbols } = await client.ask({ active_symbols: 'brief' });
    return symbols.map((one: Said) => [one.exchange_is_open, one.is_trading_suspended].join(''));
  };
  expect(await shown()).toEqual(['00', '00', '11']);
  server.clock.pass(2000);
  await eventually(async () => expect(await shown()).toEqual(['10', '00', '10']));
  client.close();
});

it('who does not read is sent no more than that, and later every tick, old ones too', async () => {
  const limits = { frameBytes: 4096, pingBytes: 4096, maxUnreadBytes: 16_384 };
  const server = await start(SPEC, 500, { limits });
  const client = await DerivClient.open(server);
  const { subscription } = await client.ask({ ticks: A, subscribe: 1 });
  const { tick } = await client.ask({ ticks: A });
  client.socket.pause();
  const sent = async () => {
    const { text } = await server.get('/metrics');
    return parseMetrics(text).value('tickwell_sent_bytes_total') ?? 0;
  };
  const before = await sent();
  // More than the ring holds.
  for (let n = 0; n < 10; n++) {
    server.rows(40);
    await eventually(async () => {
      const { json } = await server.get('/v1/rows?symbols=ticker_0&last=1');
      expect(json.until).toBe(server.newest());
    });
  }
  expect((await sent()) - before).toBeLessThanOrEqual(2 * limits.maxUnreadBytes);
  client.socket.resume();
  await eventually(() => {
    expect(client.of(subscription.id).at(-1).epoch).toBe(server.newest() / 1000);
  });
  const ticks = client.of(subscription.id);
  expect(ticks.map(({ epoch }) => epoch)).toEqual(ticks.map((_, n) => tick.epoch + n));
  const { json } = await server.get(`/v1/rows?symbols=ticker_0&last=${ticks.length}`);
  expect(ticks.map(({ quote }) => Math.round(quote * 100))).toEqual(json.prices[0]);
  client.close();
});

it('nothing is kept of a stream that has ended, or of a client that is gone', async () => {
  const encoders: DerivEncoder[] = [];
  const other: NewProtocol = Object.assign(
    (({ hub }) => {
      const symbols = new DerivSymbols(hub.market, 10);
      const encoder = new DerivEncoder(hub.market, symbols);
      encoders.push(encoder);
      const parts = { hub: hub as DerivHub, symbols, encoder };
      return {
        ...{ name: 'deriv', addRoutes() {} },
        sockets: [{ path: '/d', open: (opened) => new DerivConnection(parts, opened, true) }],
      };
    }) satisfies NewProtocol,
    { limits: DERIV_LIMITS },
  );
  const tickwell = PROTOCOLS[0]!;
  const server = await start(SPEC, 500, { protocols: [tickwell, other] });
  const [one, two] = [await DerivClient.open(server, '/d'), await DerivClient.open(server, '/d')];
  const { readers } = encoders[0]!;
  const { subscription } = await one.ask({ ticks: [A, B], subscribe: 1 });
  await two.ask({ ticks_history: C, end: 'latest', style: 'candles', subscribe: 1 });
  await eventually(() => expect(readers.size).toBe(3));
  await one.ask({ forget: subscription.id });
  expect(readers.size).toBe(2);
  two.close();
  await eventually(() => expect(readers.size).toBe(1));
  one.socket.terminate();
  await eventually(() => expect(readers.size).toBe(0));
});
