import { once } from 'node:events';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerivClient, NEWER, OLDER } from '../../helpers/deriv.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type RowsServer, startRows } from '../../helpers/rows-server.ts';
import { ERROR_SCHEMA } from './schemas.ts';

const ORIGIN = Date.UTC(2026, 0, 5);
const SPEC = {
  ...{ origin: ORIGIN, interval: 120_000, capacity: 100, count: undefined },
  instruments: [{ symbol: 'A1' }, { symbol: '^' }],
};

let server: RowsServer;

beforeAll(async () => {
  server = await startRows(SPEC, 500, { limits: { maxPayloadBytes: 20_000 } });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const isError = new Ajv({ strict: false }).compile(ERROR_SCHEMA);

const history = (fields: object) => ({ ticks_history: 'A1USDT', end: 'latest', ...fields });
const candles = (granularity: unknown) => history({ style: 'candles', granularity });

/** What is asked, the code of the answer, and the field that is wrong or a part of the sentence. */
const WRONG: readonly (readonly [asked: unknown, code: string, told: string, of?: string])[] = [
  ['', 'BadRequest', 'must be JSON', 'error'],
  ['{', 'BadRequest', 'must be JSON', 'error'],
  ['ping', 'BadRequest', 'must be JSON', 'error'],
  ["{'ping':1}", 'BadRequest', 'must be JSON', 'error'],
  ['{"ping":1}}', 'BadRequest', 'must be JSON', 'error'],
  ['[[[['.repeat(900), 'BadRequest', 'must be JSON', 'error'],
  ['null', 'BadRequest', 'must be an object', 'error'],
  ['1', 'BadRequest', 'must be an object', 'error'],
  ['"ping"', 'BadRequest', 'must be an object', 'error'],
  ['[{"ping":1}]', 'BadRequest', 'must be an object', 'error'],
  [new Uint8Array([1, 2, 3]), 'BadRequest', 'must be text; given: 3 bytes', 'error'],
  [{}, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ req_id: 3 }, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ Ping: 1 }, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ tick: 'A1USDT' }, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ __proto__: 1, constructor: 1 }, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ contracts_for: 'A1USDT' }, 'UnrecognisedRequest', 'Unrecognised request.', 'error'],
  [{ authorize: 'token' }, 'AuthorizationRequired', 'no accounts', 'authorize'],
  [{ buy: 1, price: 100 }, 'AuthorizationRequired', 'takes no orders', 'buy'],
  [{ sell: 1 }, 'AuthorizationRequired', 'takes no orders', 'sell'],
  [{ proposal: 1, subscribe: 1 }, 'AuthorizationRequired', 'takes no orders', 'proposal'],
  [{ balance: 1 }, 'AuthorizationRequired', 'no accounts', 'balance'],
  [{ portfolio: 1 }, 'AuthorizationRequired', 'no accounts', 'portfolio'],
  [{ ping: 0 }, 'InputValidationFailed', 'ping'],
  [{ ping: '1' }, 'InputValidationFailed', 'ping'],
  [{ ping: true }, 'InputValidationFailed', 'ping'],
  [{ time: 2 }, 'InputValidationFailed', 'time'],
  [{ time: null }, 'InputValidationFailed', 'time'],
  [{ ping: 1, req_id: 'one' }, 'InputValidationFailed', 'req_id', 'ping'],
  [{ ping: 1, req_id: 1.5 }, 'InputValidationFailed', 'req_id', 'ping'],
  [{ ping: 1, req_id: 1e300 }, 'InputValidationFailed', 'req_id', 'ping'],
  [{ ping: 1, req_id: null }, 'InputValidationFailed', 'req_id', 'ping'],
  [{ ping: 1, passthrough: 'x' }, 'InputValidationFailed', 'passthrough', 'ping'],
  [{ ping: 1, passthrough: [] }, 'InputValidationFailed', 'passthrough', 'ping'],
  [{ active_symbols: 'long' }, 'InputValidationFailed', 'active_symbols'],
  [{ active_symbols: 1 }, 'InputValidationFailed', 'active_symbols'],
  [{ active_symbols: ['brief'] }, 'InputValidationFailed', 'active_symbols'],
  [{ ticks: 'NOPE' }, 'InvalidSymbol', 'Symbol NOPE is invalid.'],
  [{ ticks: 'a1usdt' }, 'InvalidSymbol', 'Symbol a1usdt is invalid.'],
  [{ ticks: ['A1USDT', 'NOPE'], subscribe: 1 }, 'InvalidSymbol', 'Symbol NOPE is invalid.'],
  [{ ticks: '^' }, 'InputValidationFailed', 'ticks'],
  [{ ticks: 'A' }, 'InputValidationFailed', 'ticks'],
  [{ ticks: 'A'.repeat(31) }, 'InputValidationFailed', 'ticks'],
  [{ ticks: 'A1USDT\n' }, 'InputValidationFailed', 'ticks'],
  [{ ticks: '' }, 'InputValidationFailed', 'ticks'],
  [{ ticks: [] }, 'InputValidationFailed', 'ticks'],
  [{ ticks: [['A1USDT']] }, 'InputValidationFailed', 'ticks'],
  [{ ticks: Array(101).fill('A1USDT') }, 'InputValidationFailed', 'ticks'],
  [{ ticks: 1 }, 'InputValidationFailed', 'ticks'],
  [{ ticks: null }, 'InputValidationFailed', 'ticks'],
  [{ ticks: { symbol: 'A1USDT' } }, 'InputValidationFailed', 'ticks'],
  [{ ticks: 'A1USDT', subscribe: 2 }, 'InputValidationFailed', 'subscribe'],
  [{ ticks: 'A1USDT', subscribe: true }, 'InputValidationFailed', 'subscribe'],
  [{ ticks: 'A1USDT', subscribe: '1' }, 'InputValidationFailed', 'subscribe'],
  [
    { ticks: 'A1USDT', subscribe: 1, passthrough: { long: 'x'.repeat(4000) } },
    ...(['InputValidationFailed', 'subscribe'] as const),
  ],
  [{ ticks: 'A1USDT', subscribe: 1, é: 'é'.repeat(900) }, 'InputValidationFailed', 'subscribe'],
  [history({ ticks_history: 'NOPE' }), 'InvalidSymbol', 'Symbol NOPE is invalid.'],
  [history({ ticks_history: ['A1USDT'] }), 'InputValidationFailed', 'ticks_history'],
  [history({ ticks_history: 7 }), 'InputValidationFailed', 'ticks_history'],
  [history({ ticks_history: null }), 'InputValidationFailed', 'ticks_history'],
  [{ ticks_history: 'A1USDT' }, 'InputValidationFailed', 'end'],
  [history({ end: 'now' }), 'InputValidationFailed', 'end'],
  [history({ end: '' }), 'InputValidationFailed', 'end'],
  [history({ end: '-1' }), 'InputValidationFailed', 'end'],
  [history({ end: '12345678901' }), 'InputValidationFailed', 'end'],
  [history({ end: 1.5 }), 'InputValidationFailed', 'end'],
  [history({ end: 1_767_225_600_000 }), 'InputValidationFailed', 'end'],
  [history({ end: null }), 'InputValidationFailed', 'end'],
  [history({ start: 'latest' }), 'InputValidationFailed', 'start'],
  [history({ start: -5 }), 'InputValidationFailed', 'start'],
  [history({ start: '2026-01-01' }), 'InputValidationFailed', 'start'],
  [history({ start: 20, end: 10 }), 'InvalidStartEnd', 'Start time 20 must be before end time 10'],
  [history({ count: 0 }), 'InputValidationFailed', 'count'],
  [history({ count: -1 }), 'InputValidationFailed', 'count'],
  [history({ count: 2.5 }), 'InputValidationFailed', 'count'],
  [history({ count: '10' }), 'InputValidationFailed', 'count'],
  [history({ style: 'bars' }), 'InputValidationFailed', 'style'],
  [history({ style: 1 }), 'InputValidationFailed', 'style'],
  [history({ adjust_start_time: 'yes' }), 'InputValidationFailed', 'adjust_start_time'],
  [history({ subscribe: -1 }), 'InputValidationFailed', 'subscribe'],
  // Rows are two minutes apart.
  [candles(undefined), 'InputValidationFailed', 'granularity'],
  [candles(60), 'InputValidationFailed', 'granularity'],
  [candles(0), 'InputValidationFailed', 'granularity'],
  [candles(-120), 'InputValidationFailed', 'granularity'],
  [candles(120.5), 'InputValidationFailed', 'granularity'],
  [candles('120'), 'InputValidationFailed', 'granularity'],
  [candles(1e12), 'InputValidationFailed', 'granularity'],
  [candles(null), 'InputValidationFailed', 'granularity'],
  [{ forget: 1 }, 'InputValidationFailed', 'forget'],
  [{ forget: '' }, 'InputValidationFailed', 'forget'],
  [{ forget: null }, 'InputValidationFailed', 'forget'],
  [{ forget: 'a b' }, 'InputValidationFailed', 'forget'],
  [{ forget: 'x'.repeat(129) }, 'InputValidationFailed', 'forget'],
  [{ forget_all: 'rows' }, 'InputValidationFailed', 'forget_all'],
  [{ forget_all: [] }, 'InputValidationFailed', 'forget_all'],
  [{ forget_all: ['ticks', 'tick'] }, 'InputValidationFailed', 'forget_all'],
  [{ forget_all: [['ticks']] }, 'InputValidationFailed', 'forget_all'],
  [{ forget_all: 1 }, 'InputValidationFailed', 'forget_all'],
  [{ forget_all: {} }, 'InputValidationFailed', 'forget_all'],
];

describe.each([OLDER, NEWER])('a wrong request at %s', (path) => {
  it('is answered as Deriv does, each with its request, and the next one is heard', async () => {
    const client = await DerivClient.open(server, path);
    for (const [n, [asked, code, told, of]] of WRONG.entries()) {
      client.send(asked as never);
      const answer = await eventually(() => {
        expect(client.told).toHaveLength(n + 1);
        return client.told[n];
      });
      const { error, msg_type: msgType, echo_req: echoed } = answer;
      expect(isError(answer), JSON.stringify(answer)).toBe(true);
      expect(error.code, JSON.stringify(asked)).toBe(code);
      const name = of ?? Object.keys(asked as object)[0];
      expect(msgType).toBe(name);
      if (code === 'InputValidationFailed') {
        expect(error.message).toBe(`Input validation failed: ${told}`);
        expect(error.details[told]).toMatch(/^(is missing: it )?must /);
      } else {
        expect(error.message).toContain(told);
      }
      if (of !== 'error' && JSON.stringify(asked).length < 500) expect(echoed).toEqual(asked);
    }
    expect(await client.ask({ ping: 1 })).toMatchObject({ ping: 'pong' });
    client.close();
  });
});

it('what clients add to their requests does not disturb', async () => {
  const client = await DerivClient.open(server, `${OLDER}&future=1`);
  const asked = { ticks_history: 'A1USDT', end: 'latest', count: 2, landing_company: 'svg', x: [] };
  expect(await client.ask(asked)).toMatchObject({ msg_type: 'history', echo_req: asked });
  client.close();
});

it('any width of candles is asked for at the newer path alone', async () => {
  const [older, newer] = [await DerivClient.open(server), await DerivClient.open(server, NEWER)];
  const told = await older.ask(candles(240));
  expect(told.error.details.granularity).toBe(
    'must be one of 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400; given: 240',
  );
  expect((await newer.ask(candles(240))).candles.length).toBe(250);
  const [a, b] = [await older.ask(candles(300)), await newer.ask(candles(300))];
  expect(a.candles).toEqual(b.candles);
  for (const client of [older, newer]) client.close();
});

it('whoever is wrong too often is closed, as everywhere', async () => {
  const strict = await startRows(SPEC, 10, { limits: { badRequestsBurst: 3 } });
  const client = await DerivClient.open(strict);
  for (let n = 0; n < 5; n++) client.send({ ticks: 'NOPE' });
  expect(await client.closed).toEqual({ code: 4500, reason: 'too many wrong requests' });
  expect(client.told).toHaveLength(4);
  await strict.stop();
});

it('without a WebSocket there is nothing at its paths, and that is said in its form', async () => {
  for (const path of [OLDER, NEWER]) {
    const { status, json } = await server.get(path);
    expect(status).toBe(426);
    expect(json).toMatchObject({ error: { code: 'BadRequest' }, msg_type: 'error' });
  }
  const lost = new DerivClient(server.server.url, '/websockets/v4');
  const [response] = await once(lost.socket, 'unexpected-response').then(([, answer]) => [answer]);
  expect(response.statusCode).toBe(404);
  lost.close();
});
