import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../helpers/server.ts';
import { counted } from '../../helpers/steps.ts';

const SPEC = {
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'ticker_07', startPrice: 100 },
    { symbol: 'AUR/VEL', startPrice: 50, tickSize: 0.25 },
    { symbol: 'ORBX', names: { binance: 'BTCUSDT' }, startPrice: 100 },
    { symbol: '^', startPrice: 100 },
  ],
};

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const list = (names: readonly string[]) => encodeURIComponent(JSON.stringify(names));

describe('/api/v3/exchangeInfo', () => {
  it('names all instruments that have a name, with the steps that they go by', async () => {
    const { json, status } = await server.get('/api/v3/exchangeInfo');
    expect(status).toBe(200);
    const { symbols, ...rest } = json;
    expect(rest).toMatchObject({ timezone: 'UTC', serverTime: server.clock.nowMs() });
    expect(
      symbols.map((one: Record<string, string>) => [one.symbol, one.baseAsset, one.quoteAsset]),
    ).toEqual([
      ['TICKER07USDT', 'TICKER07', 'USDT'],
      ['AURVEL', 'AUR', 'VEL'],
      ['BTCUSDT', 'BTC', 'USDT'],
    ]);
    for (const [n, step] of ['0.01000000', '0.25000000'].entries()) {
      const { filters, status: state, permissionSets } = symbols[n];
      expect([state, permissionSets]).toEqual(['TRADING', [['SPOT']]]);
      expect(filters[0]).toMatchObject({
        filterType: 'PRICE_FILTER',
        minPrice: step,
        tickSize: step,
      });
      expect(filters[1]).toMatchObject({ filterType: 'LOT_SIZE', stepSize: '1.00000000' });
    }
  });

  it('is described once, and told again with another time alone', async () => {
    const stringified = counted(JSON as never, 'stringify' as never, (value?: object) => {
      return (value as { filters?: unknown } | undefined)?.filters === undefined ? 0 : 1;
    });
    const fresh = await startTestServer({ spec: SPEC });
    const { text: first } = await fresh.get('/api/v3/exchangeInfo');
    expect(stringified()).toBe(3);
    const before = fresh.clock.nowMs();
    fresh.clock.pass(1234);
    const { text: later } = await fresh.get('/api/v3/exchangeInfo');
    expect(later).toBe(first.replace(String(before), String(before + 1234)));
    const path = '/api/v3/exchangeInfo?showPermissionSets=false';
    const { text: without } = await fresh.get(path);
    expect(without).toBe(later.replaceAll(',"permissionSets":[["SPOT"]]', ''));
    expect(stringified()).toBe(3);
    await fresh.stop();
  });

  it.each([
    ['symbol=AURVEL', ['AURVEL']],
    [`symbols=${list(['BTCUSDT', 'AURVEL'])}`, ['BTCUSDT', 'AURVEL']],
    ['permissions=SPOT', ['TICKER07USDT', 'AURVEL', 'BTCUSDT']],
    [`permissions=${list(['MARGIN', 'SPOT'])}`, ['TICKER07USDT', 'AURVEL', 'BTCUSDT']],
    ['permissions=MARGIN', []],
    ['symbolStatus=TRADING', ['TICKER07USDT', 'AURVEL', 'BTCUSDT']],
    ['symbolStatus=HALT', []],
    ['symbol=AURVEL&somethingElse=1', ['AURVEL']],
  ])('has what %s says', async (query, names) => {
    const { json } = await server.get(`/api/v3/exchangeInfo?${query}`);
    expect(json.symbols.map(({ symbol }: { symbol: string }) => symbol)).toEqual(names);
  });

  it('leaves permission sets out for who wants none', async () => {
    const path = '/api/v3/exchangeInfo?symbol=AURVEL&showPermissionSets=false';
    expect((await server.get(path)).json.symbols[0]).not.toHaveProperty('permissionSets');
  });
});

describe('every answer', () => {
  it('says how much weight was used in this minute, and lets pages read it', async () => {
    server.clock.pass(60_000);
    const weights: (string | null)[] = [];
    for (const path of ['ping', 'time', 'exchangeInfo', 'exchangeInfo?symbol=NOPE', 'ping']) {
      const { headers } = await server.get(`/api/v3/${path}`);
      weights.push(headers.get('x-mbx-used-weight-1m'));
      expect(headers.get('x-mbx-used-weight')).toBe(weights.at(-1));
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toContain('x-mbx-used-weight-1m');
    }
    expect(weights).toEqual(['1', '2', '22', '42', '43']);
    server.clock.pass(60_000);
    const { headers } = await server.get('/api/v3/ping');
    expect(headers.get('x-mbx-used-weight-1m')).toBe('1');
  });

  it('is allowed by a preflight with the headers that clients send', async () => {
    const asked = 'x-mbx-apikey, x-mbx-time-unit, apca-api-key-id';
    const { status, headers } = await server.get('/api/v3/time', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://charts.example.com',
        'access-control-request-method': 'GET',
        'access-control-request-headers': asked,
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-headers')).toBe(asked);
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  it('has its times in microseconds for who wants them', async () => {
    const nowMs = server.clock.nowMs();
    const timeIn = async (unit: string) => {
      const headers = { 'X-MBX-TIME-UNIT': unit };
      return (await server.get('/api/v3/time', { headers })).json.serverTime;
    };
    expect(await timeIn('MICROSECOND')).toBe(nowMs * 1000);
    expect(await timeIn('microsecond')).toBe(nowMs * 1000);
    expect(await timeIn('MILLISECOND')).toBe(nowMs);
    expect((await server.get('/api/v3/time')).json).toEqual({ serverTime: nowMs });
  });
});

describe('what is wrong', () => {
  const ILLEGAL = 'Illegal characters found in parameter';
  it.each([
    ['exchangeInfo?symbol=NOPE', -1121, 'Invalid symbol.'],
    [
      'exchangeInfo?symbol=aurvel',
      -1100,
      `${ILLEGAL} 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.`,
    ],
    ['exchangeInfo?symbol=', -1102, "Mandatory parameter 'symbol' was not sent, was empty/null"],
    [
      'exchangeInfo?symbol=AURVEL&symbol=AURVEL',
      -1101,
      'Duplicate values for a parameter detected.',
    ],
    [`exchangeInfo?symbol=AURVEL&symbols=${list(['AURVEL'])}`, -1128, 'Combination of optional'],
    ['exchangeInfo?symbol=AURVEL&permissions=SPOT', -1128, 'Combination of optional'],
    [`exchangeInfo?symbols=${list(['AURVEL', 'AURVEL'])}`, -1151, 'Symbol is present multiple'],
    [`exchangeInfo?symbols=${list(['AURVEL', 'NOPE'])}`, -1121, 'Invalid symbol.'],
    ['exchangeInfo?symbols=AURVEL', -1100, `${ILLEGAL} 'symbols'; legal range is`],
    ['exchangeInfo?symbols=[]', -1100, `${ILLEGAL} 'symbols'; legal range is`],
    ['exchangeInfo?symbols=', -1105, "Parameter 'symbols' was empty."],
    ['exchangeInfo?permissions=$', -1130, "Data sent for parameter 'permissions' is not valid."],
    [
      'exchangeInfo?symbolStatus=OPEN',
      -1130,
      "Data sent for parameter 'symbolStatus' is not valid.",
    ],
    ['exchangeInfo?showPermissionSets=1', -1130, "Data sent for parameter 'showPermissionSets'"],
  ])('%s is %i', async (path, code, msg) => {
    const { json, status } = await server.get(`/api/v3/${path}`);
    expect(status).toBe(400);
    expect(json).toEqual({ code, msg: expect.stringContaining(msg) });
  });

  it('is so of a unit of time, too', async () => {
    const headers = { 'X-MBX-TIME-UNIT': 'FORTNIGHT' };
    const { json, status } = await server.get('/api/v3/time', { headers });
    expect([status, json.code]).toEqual([400, -1130]);
  });

  it('is a path that there is not, in the same form', async () => {
    for (const path of ['/api/v3/exchangeinfo', '/api/v3', '/api/v1/nothing']) {
      const { json, status } = await server.get(path);
      expect(status).toBe(404);
      expect(json).toEqual({ code: -1020, msg: expect.stringContaining('no such path') });
    }
  });
});

describe('who asks for too much', () => {
  it('is told to wait, in the same form', async () => {
    const limits = { workPerSecond: 1, workBurst: 100_000 };
    const busy = await startTestServer({ spec: SPEC, limits });
    expect((await busy.get('/api/v3/ping')).status).toBe(200);
    const { status, headers, json } = await busy.get('/api/v3/ping');
    expect(status).toBe(429);
    expect(json.code).toBe(-1003);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    await busy.stop();
  });
});
