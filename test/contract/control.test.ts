import { afterEach, describe, expect, it } from 'vitest';
import { SCENARIO_NAMES } from '../../src/core/market/entries/scenarios.ts';
import { TestPeers } from '../helpers/peers.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.ts';

const TOKEN = 'a-token-of-16-or-more';
const HALT = { kind: 'halt', symbol: 'ticker_1', for: '30s' };

let running: TestServer | undefined;

afterEach(async () => {
  const server = running;
  running = undefined;
  await server?.stop();
  expect(server?.failures ?? []).toEqual([]);
});

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  running = await startTestServer(options);
  return running;
}

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return running!.get(`/v1/control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const logOf = async () => (await running!.get('/v1/control/log')).json;

describe('an event', () => {
  it('takes effect at the next row, says so, and is in the log', async () => {
    const { market, timeOf } = await start();
    const { status, json } = await post('events', HALT);
    expect(status).toBe(200);
    const { key, market: id } = json;
    const time = timeOf(1000);
    expect(json).toEqual({ key, index: 1000, time, market: id, provisional: false });
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(id).not.toBe(market.id);
    const effects = [{ kind: 'halt', symbol: 'ticker_1', for: 30_000, resume: 'base' }];
    const entries = [{ key, index: 1000, time, market: id, effects }];
    expect(await logOf()).toEqual({ market: id, entries });
  });

  it('is one of several symbols, a sector or all', async () => {
    const instruments = ['A', { symbol: 'B', sector: 'banks' }, { symbol: 'C', sector: 'banks' }];
    await start({ spec: { count: undefined, instruments } });
    const shift = { kind: 'shift', percent: -3 };
    for (const target of [{ symbols: ['A', 'C'] }, { sector: 'banks' }, {}]) {
      expect(await post('events', { ...shift, ...target })).toMatchObject({ status: 200 });
    }
    const { entries } = await logOf();
    expect(entries.map(({ effects }: { effects: object[] }) => effects)).toEqual([
      [
        { kind: 'shift', symbol: 'A', percent: -3 },
        { kind: 'shift', symbol: 'C', percent: -3 },
      ],
      [{ kind: 'shift', sector: 'banks', percent: -3 }],
      [{ kind: 'shift', percent: -3 }],
    ]);
  });

  it('may be for later, before others that come later: its id is provisional then', async () => {
    const { timeOf } = await start();
    const later = await post('events', { ...HALT, at: new Date(timeOf(5000)).toISOString() });
    expect(later.json).toMatchObject({ index: 5000, time: timeOf(5000), provisional: true });
    const sooner = await post('events', { ...HALT, key: 'sooner', at: timeOf(2000) });
    expect(sooner.json).toMatchObject({ index: 2000, provisional: true });
    const { market, entries } = await logOf();
    expect(entries.map(({ index }: { index: number }) => index)).toEqual([2000, 5000]);
    expect(entries[0].market).toBe(sooner.json.market);
    expect(entries[1].market).toBe(market);
    expect(market).not.toBe(later.json.market);
  });

  it('is not done to rows that were given', async () => {
    const { timeOf } = await start();
    const answer = await post('events', { ...HALT, at: timeOf(999) });
    expectError(answer, 'bad_request');
    expectSentence(answer.json.error.message, 'at', '2026-01-05T00:00:09.990Z');
    expect((await logOf()).entries).toEqual([]);
  });

  it.each([
    [{ kind: 'crash' }, 'unknown kind', 'crash'],
    [{ ...HALT, symbol: 'X' }, 'unknown symbol', 'X'],
    [{ ...HALT, symbols: ['ticker_2'] }, 'symbols', '["ticker_2"]'],
    [{ ...HALT, symbol: undefined, symbols: [] }, 'symbols', '0 of them'],
    [{ ...HALT, sector: 'x', symbol: undefined }, 'unknown sector', 'x'],
    [{ ...HALT, for: 'long' }, 'for', 'long'],
    [{ ...HALT, for: undefined }, 'for', 'nothing'],
    [{ ...HALT, until: 3 }, 'unknown field', 'until'],
    [{ kind: 'shift', percent: -100 }, 'percent', '-100'],
    [{ kind: 'shift' }, 'percent', 'nothing'],
    [{ ...HALT, key: 'a key' }, 'key', 'a key'],
    [{ ...HALT, key: 7 }, 'key', '7'],
    [{ ...HALT, at: 'noon' }, 'at', 'noon'],
    [{ ...HALT, at: 4e15 }, 'at', '4000000000000000'],
    [{ ...HALT, symbol: undefined, symbols: ['ticker_1', 'ticker_1'] }, 'symbols', 'ticker_1'],
    [{ ...HALT, symbol: undefined, symbols: new Array(101) }, 'symbols', '101 of them'],
    [[HALT], 'the body', '[{"kind":"halt","symbol":"ticker_1","for":"30s"}]'],
  ])('that is wrong is told so, and nothing is done: %j', async (body, field, given) => {
    await start();
    const answer = await post('events', body);
    expectError(answer, field === 'unknown symbol' ? 'unknown_symbol' : 'bad_request');
    expectSentence(answer.json.error.message, field, given);
    expect((await logOf()).entries).toEqual([]);
  });

  it('is refused by a sentence however deep it is nested', async () => {
    await start();
    const deep = `${'['.repeat(7000)}${']'.repeat(7000)}`;
    const given = `${'['.repeat(57)}...`;
    for (const name of ['at', 'key', 'percent', 'symbol', 'sector']) {
      const answer = await post('events', `{"kind":"shift","percent":1,"${name}":${deep}}`);
      expectError(answer, 'bad_request');
      expectSentence(answer.json.error.message, name, given);
    }
    expect((await logOf()).entries).toEqual([]);
  });

  it('is not taken before the first rows are there, nor above what a log takes', async () => {
    await start({ limits: { maxEffects: 3 } });
    expect(await post('events', { ...HALT, symbol: undefined })).toMatchObject({ status: 200 });
    const two = { ...HALT, symbol: undefined, symbols: ['ticker_0', 'ticker_1'] };
    expect(await post('events', { ...two, key: 'two' })).toMatchObject({ status: 200 });
    const answer = await post('events', HALT);
    expectError(answer, 'log_full');
    expect(answer.json.error.message).toBe(
      'a market must have at most 3 effects in its log; given: 1 more than 3',
    );
    // What was done is still answered.
    expect(await post('events', { ...two, key: 'two' })).toMatchObject({ status: 200 });
  });

  it('counts for every instrument that it is for, as that is what it takes', async () => {
    const instruments = ['A', { symbol: 'B', sector: 'banks' }, { symbol: 'C', sector: 'banks' }];
    const scenario = [{ at: '1d', kind: 'halt', for: '1s' }];
    const spec = { count: undefined, instruments, scenario };
    await start({ spec, limits: { maxInstrumentEffects: 7 } });
    const shift = { kind: 'shift', percent: 1 };
    expect(await post('events', shift)).toMatchObject({ status: 200 });
    const answer = await post('events', { ...shift, sector: 'banks' });
    expectError(answer, 'log_full');
    expect(answer.json.error.message).toBe(
      'a market must have at most 7 effects in its log, each counted for every instrument that it ' +
        'is for; given: 2 more than 6',
    );
    expect(await post('events', { ...shift, symbol: 'C' })).toMatchObject({ status: 200 });
    expectError(await post('events', { ...shift, symbol: 'C' }), 'log_full');
  });

  it('is not taken while the newest rows are still being made', async () => {
    let open = () => {};
    const areOpen = new Promise<void>((resolve) => {
      open = resolve;
    });
    const peers = { ...new TestPeers(1).seenBy(1), filled: () => areOpen };
    const { server } = await start({ isEarly: true, peers });
    expectError(await post('events', HALT), 'not_ready', { progress: expect.any(Number) });
    open();
    await server.ready;
    expect((await post('events', HALT)).json.index).toBe(1000);
  });
});

describe('a scenario', () => {
  it.each(SCENARIO_NAMES)('%s is one entry, for who it is started for', async (scenario) => {
    await start();
    const { json } = await post('scenarios', { scenario, symbol: 'ticker_2' });
    const { entries } = await logOf();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ key: json.key, index: 1000, name: scenario });
    const { scenarios } = (await running!.get('/v1/control/scenarios')).json;
    const listed = scenarios.find(({ name }: { name: string }) => name === scenario);
    expect(entries[0].effects).toHaveLength(listed.effects.length);
    for (const effect of entries[0].effects) expect(effect.symbol).toBe('ticker_2');
  });

  it('of a user has its own name, effects and targets', async () => {
    await start();
    const effects = [
      { kind: 'shift', percent: -1 },
      { kind: 'halt', after: '10s', for: '20s', symbol: 'ticker_0' },
    ];
    const body = { scenario: { name: 'mine', effects }, symbols: ['ticker_1', 'ticker_2'] };
    expect(await post('scenarios', body)).toMatchObject({ status: 200 });
    expect((await logOf()).entries[0]).toMatchObject({
      name: 'mine',
      effects: [
        { kind: 'shift', symbol: 'ticker_1', percent: -1 },
        { kind: 'shift', symbol: 'ticker_2', percent: -1 },
        { kind: 'halt', symbol: 'ticker_0', after: 10_000, for: 20_000, resume: 'base' },
      ],
    });
  });

  it.each([
    [{ scenario: 'flash-crahs' }, 'unknown scenario', 'flash-crahs'],
    [{ scenario: 'depeg', symbol: 'X' }, 'unknown symbol', 'X'],
    [{ scenario: 'depeg', speed: 3 }, 'unknown field', 'speed'],
    [{ scenario: { effects: [] } }, 'scenario.effects', '0 of them'],
    [{ scenario: { effects: [{ kind: 'shift' }] } }, 'scenario.effects[0].percent', 'nothing'],
    [{ scenario: { effects: [3] } }, 'scenario.effects[0].kind', 'nothing'],
    [{ scenario: { name: '', effects: [HALT] } }, 'scenario.name', ''],
    [{ scenario: 'depeg', symbols: new Array(101) }, 'symbols', '101 of them'],
    [
      { scenario: { effects: new Array(101) }, symbols: ['A', 'B'] },
      'scenario.effects',
      '101 of them',
    ],
    [{}, 'scenario', 'nothing'],
  ])('that is wrong is told so, and nothing of it is done: %j', async (body, field, given) => {
    await start();
    const answer = await post('scenarios', body);
    expectSentence(answer.json.error.message, field, given);
    expect(answer.status).toBe(field === 'unknown symbol' ? 404 : 400);
    expect((await logOf()).entries).toEqual([]);
  });
});

describe('a key', () => {
  it('gets the same answer for ever for the same body, in whatever order, done once', async () => {
    const { clock } = await start();
    const first = await post('events', { ...HALT, key: 'k' });
    clock.pass(500);
    const again = await post('events', { for: '30s', key: 'k', symbol: 'ticker_1', kind: 'halt' });
    expect(again.json).toEqual(first.json);
    expect((await logOf()).entries).toHaveLength(1);
  });

  it('is a conflict with another body, or the same of another kind', async () => {
    await start();
    await post('events', { ...HALT, key: 'k' });
    const other = await post('events', { ...HALT, for: '31s', key: 'k' });
    expectError(other, 'conflict');
    expect(other.json.error.message).toBe(
      'key must be one of its own: something else was done with k',
    );
    expectError(await post('scenarios', { scenario: 'depeg', key: 'k' }), 'conflict');
  });

  it('is done once by all who come with it at once', async () => {
    await start();
    const same = Array.from({ length: 8 }, () => post('events', { ...HALT, key: 'k' }));
    const other = post('events', { ...HALT, for: '1m', key: 'k' });
    const answers = (await Promise.all([...same, other])).map(({ status }) => status);
    expect(answers.filter((status) => status === 409).length).toBeGreaterThan(0);
    expect((await logOf()).entries).toHaveLength(1);
  });
});

describe('what is done to a market', () => {
  const refusals = async (headers: Record<string, string>) => {
    const answer = await post('events', HALT, headers);
    return [answer.status, answer.json.error?.code];
  };

  it('comes from this machine without a token, by no page or by its own', async () => {
    const { server } = await start();
    expect(await refusals({})).toEqual([200, undefined]);
    expect(await refusals({ origin: server.url })).toEqual([200, undefined]);
    expect((await running!.get('/v1/control/log')).status).toBe(200);
  });

  it.each([
    ['a page at another port', { origin: 'http://127.0.0.1:5173' }, 'forbidden'],
    ['a page at localhost', { origin: 'http://localhost' }, 'forbidden'],
    ['a page of a website', { origin: 'https://example.com' }, 'bad_origin'],
    ['a page of a file', { origin: 'null' }, 'bad_origin'],
    ['a proxy', { 'x-forwarded-for': '127.0.0.1' }, 'forbidden'],
    ['another proxy', { forwarded: 'for=127.0.0.1' }, 'forbidden'],
    ['two proxies', { 'x-original-forwarded-for': '1.2.3.4' }, 'forbidden'],
    ['a proxy that renames', { 'x-original-host': 'localhost' }, 'forbidden'],
    ['a mesh', { 'x-envoy-external-address': '1.2.3.4' }, 'forbidden'],
    ['a cloud', { 'x-azure-clientip': '1.2.3.4' }, 'forbidden'],
    ['a third', { via: '1.1 cache' }, 'forbidden'],
  ])('does not come from %s', async (_, headers, code) => {
    await start();
    expect(await refusals(headers)).toEqual([403, code]);
    expect((await logOf()).entries).toEqual([]);
  });

  it('is no business of a page that may open the stream', async () => {
    await start({ access: { allowedOrigins: ['https://example.com'] } });
    expect(await refusals({ origin: 'https://example.com' })).toEqual([403, 'forbidden']);
  });

  it('answers no preflight: a page of another origin is not even told that it may ask', async () => {
    await start();
    const asked = { origin: 'https://example.com', 'access-control-request-method': 'POST' };
    for (const path of ['events', 'scenarios', 'clock']) {
      const options = { method: 'OPTIONS', headers: asked };
      const { json, status, headers } = await running!.get(`/v1/control/${path}`, options);
      expect(status, path).toBe(404);
      expect(json.error).toMatchObject({ code: 'not_found' });
      expect(headers.get('access-control-allow-methods')).toBeNull();
    }
    const { status } = await running!.get('/v1/rows', { method: 'OPTIONS', headers: asked });
    expect(status).toBe(204);
  });

  it('may be asked about by anybody: what is refused is said without an error', async () => {
    await start();
    expect((await running!.get('/v1/control')).json).toEqual({ allowed: true });
    const headers = { via: '1.1 cache' };
    const refused = await running!.get('/v1/control', { headers });
    expect(refused.status).toBe(200);
    const { code, message } = (await post('events', HALT, headers)).json.error;
    expect(refused.json).toEqual({ allowed: false, code, message });
  });

  it('comes by HTTP/1.1 and by a name of this machine', async () => {
    await start();
    for (const [head, status] of [
      ['GET /v1/control/log HTTP/1.1\r\nhost: localhost\r\n', 200],
      ['GET /v1/control/log HTTP/1.1\r\nhost: intranet\r\n', 403],
      ['GET /v1/control/log HTTP/1.0\r\nhost: localhost\r\n', 403],
    ] as const) {
      const text = await running!.raw(`${head}connection: close\r\n\r\n`);
      expect(text.split('\r\n')[0], head).toContain(` ${status} `);
    }
  });

  it('takes the token behind a proxy, from wherever that says it comes', async () => {
    const trustedProxies = ['127.0.0.1'];
    await start({ access: { trustedProxies } });
    expect(await refusals({})).toEqual([403, 'forbidden']);
    await running!.stop();
    await start({ access: { trustedProxies, controlToken: TOKEN } });
    expect(await refusals({})).toEqual([401, 'unauthorised']);
    const authorization = `Bearer ${TOKEN}`;
    expect(await refusals({ authorization })).toEqual([200, undefined]);
    expect(await refusals({ authorization, 'x-forwarded-for': '1.2.3.4' })).toEqual([
      200,
      undefined,
    ]);
  });

  it.each(['Bearer another-token-of-16', `Basic ${TOKEN}`, 'Bearer ', `Bearer ${TOKEN}x`])(
    'does not take a wrong token, from this machine neither: %s',
    async (authorization) => {
      await start({ access: { controlToken: TOKEN } });
      expect(await refusals({ authorization })).toEqual([401, 'unauthorised']);
      expect(await refusals({})).toEqual([200, undefined]);
    },
  );

  it('is refused before its body is read, and told what would let it in', async () => {
    await start();
    const answer = await post('events', 'no JSON', { 'x-real-ip': '10.0.0.1' });
    expectError(answer, 'forbidden');
    expect(answer.json.error.message).toBe(
      'what is done to the market must come from this machine and no page but its own: with ' +
        'controlToken it may come from elsewhere; given: the header x-real-ip',
    );
  });

  it('is asked for in JSON, and nobody else may read the answer', async () => {
    await start();
    expectError(
      await post('events', HALT, { 'content-type': 'text/plain' }),
      'unsupported_media_type',
    );
    expectError(await post('events', '{"kind":'), 'bad_json');
    const { headers } = await post('events', HALT);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    const bare = await running!.get('/v1/control/events', { method: 'POST' });
    expect(bare.status).toBeGreaterThanOrEqual(400);
    expect((await logOf()).entries).toHaveLength(1);
  });
});
