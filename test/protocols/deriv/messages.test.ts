import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerivClient, NEWER, OLDER } from '../../helpers/deriv.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type RowsServer, startRows } from '../../helpers/rows-server.ts';
import { ERROR_SCHEMA, schemaOf } from './schemas.ts';

const SECOND = 1000;
const ORIGIN = Date.UTC(2026, 0, 5, 7, 20, 11);
const ROWS = 3000;
const SPEC = {
  ...{ origin: ORIGIN, interval: SECOND, capacity: 500, count: undefined },
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.01, startPrice: 80 },
  instruments: [
    { symbol: 'stp', name: 'Step', model: 'walk', tickSize: 0.1, startPrice: 900 },
    { symbol: 'AUR/VEL', name: 'Auro', tickSize: 5, startPrice: 5000 },
    { symbol: 'NIMBO', name: 'Nimbo ☁', assetClass: 'stock', names: { deriv: 'stpRNG' } },
    { symbol: '^', name: 'No name there' },
  ],
};

let server: RowsServer;

beforeAll(async () => {
  server = await startRows(SPEC, ROWS);
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const ajv = new Ajv({ strict: false, allErrors: true });

/** That all that a client was told is as Deriv says it, and which request it answers. */
function expectSchemas({ told }: DerivClient): void {
  for (const message of told) {
    const { error, msg_type: msgType, echo_req: echoed, req_id: id, passthrough } = message;
    const check = ajv.compile(error === undefined ? schemaOf(msgType) : ERROR_SCHEMA);
    check(message);
    expect(check.errors, JSON.stringify(message)).toBeNull();
    expect(id).toEqual(echoed.req_id);
    expect(passthrough).toEqual(echoed.passthrough);
  }
}

describe.each([OLDER, NEWER])('at %s', (path) => {
  it('every message is as its schema says, and echoes its request', async () => {
    const client = await DerivClient.open(server, path);
    const symbol = 'STPUSDT';
    const passthrough = { note: 'é ☁ \u007f', deep: [{ 1: null }] };
    client.send({ ping: 1 });
    const requests = [
      ...[{ ping: 1 }, { time: 1 }, { req_id: 7, ping: 1, passthrough }],
      ...[{ active_symbols: 'brief' }, { active_symbols: 'full', product_type: 'basic' }],
      ...[{ ticks: symbol }, { ticks: symbol, subscribe: 1 }],
      ...[{ ticks: ['stpRNG', 'AURVEL'], subscribe: 1, passthrough }],
      { ticks_history: symbol, end: 'latest', count: 10, start: 1, subscribe: 1 },
      ...['ticks', 'candles'].map((style) => {
        return {
          ticks_history: 'AURVEL',
          end: 'latest',
          style,
          adjust_start_time: 1,
          subscribe: 1,
        };
      }),
      { ticks_history: symbol, end: '0', style: 'candles', granularity: 86_400 },
      ...[{ forget: 'nothing' }, { forget_all: ['balance'] }],
      ...[{ ticks: 'NOPE' }, { granularity: 60 }, { buy: 1 }],
    ];
    for (const request of requests) await client.ask(request);
    server.rows(3);
    await eventually(() => {
      const ohlcs = client.told.filter(({ msg_type: type }) => type === 'ohlc');
      expect(ohlcs.length).toBeGreaterThan(0);
      expect(client.told.filter(({ tick }) => tick !== undefined).length).toBeGreaterThan(16);
    });
    expectSchemas(client);
    const ended = await client.ask({ forget_all: ['ticks', 'candles'] });
    expect(ended.forget_all).toHaveLength(6);
    for (const { subscription, tick, ohlc } of client.told) {
      if (subscription !== undefined) expect(ended.forget_all).toContain(subscription.id);
      if (tick?.id !== undefined) expect(tick.id).toBe(subscription.id);
      if (ohlc !== undefined) expect(ohlc.id).toBe(subscription.id);
    }
    client.close();
  });

  it('ping, time and symbols are answered', async () => {
    const client = await DerivClient.open(server, path);
    expect(await client.ask({ ping: 1 })).toEqual({
      echo_req: { ping: 1, req_id: 1 },
      ...{ msg_type: 'ping', req_id: 1, ping: 'pong' },
    });
    const { time } = await client.ask({ time: 1 });
    expect(time).toBe(Math.floor(server.clock.nowMs() / 1000));
    const { active_symbols: symbols } = await client.ask({ active_symbols: 'brief' });
    const told = symbols.map((one: Record<string, unknown>) => [one.symbol, one.pip, one.market]);
    expect(told).toEqual([
      ['STPUSDT', 0.1, 'synthetic_index'],
      ['AURVEL', 1, 'synthetic_index'],
      ['stpRNG', 0.01, 'stocks'],
    ]);
    expect(symbols[2].display_name).toBe('Nimbo ☁');
    for (const one of symbols) {
      expect(one.pip_size).toBe(one.pip);
      expect(one.underlying_symbol).toBe(one.symbol);
      expect(one.underlying_symbol_name).toBe(one.display_name);
      expect(one.underlying_symbol_type).toBe(one.symbol_type);
    }
    client.close();
  });
});

describe('streams', () => {
  it('end by their ids, and others go on', async () => {
    const client = await DerivClient.open(server);
    const first = await client.ask({ ticks: 'STPUSDT', subscribe: 1 });
    const second = await client.ask({ ticks: 'AURVEL', subscribe: 1 });
    expect(await client.ask({ forget: first.subscription.id })).toMatchObject({ forget: 1 });
    expect(await client.ask({ forget: first.subscription.id })).toMatchObject({ forget: 0 });
    const before = client.of(first.subscription.id).length;
    server.rows(2);
    await eventually(() => expect(client.of(second.subscription.id).length).toBeGreaterThan(2));
    expect(client.of(first.subscription.id)).toHaveLength(before);
    expect((await client.ask({ forget_all: 'candles' })).forget_all).toEqual([]);
    expect((await client.ask({ forget_all: 'ticks' })).forget_all).toEqual([
      second.subscription.id,
    ]);
    client.close();
  });

  it('of one symbol may be several, each under its own request', async () => {
    const client = await DerivClient.open(server);
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.push((await client.ask({ ticks: 'STPUSDT', subscribe: 1 })).subscription.id);
    }
    server.rows(1);
    await eventually(() => {
      for (const [n, id] of ids.entries()) {
        const own = client.told.filter(({ tick }) => tick?.id === id);
        expect(own.length).toBeGreaterThan(1);
        expect(new Set(own.map(({ req_id }) => req_id))).toEqual(new Set([n + 1]));
      }
    });
    expect(new Set(ids).size).toBe(3);
    client.close();
  });
});
