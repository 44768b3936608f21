import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestServer } from '../../helpers/server.ts';
import * as schemas from './schemas.ts';
import { allPages, get, KEYS, startWorld } from './world.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startWorld({ maxAlpacaItems: 500, maxAlpacaSymbols: 3, maxAlpacaRows: 200 }, 2000);
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const BARS = '/v2/stocks/bars?symbols=ACME&timeframe=1Min';
const ONE = '/v2/stocks/ACME';
const CRYPTO = '/v1beta3/crypto/us';
const token = (text: string) => Buffer.from(text).toString('base64url');

const WRONG: readonly (readonly [path: string, sentence: string])[] = [
  ['/v2/stocks/bars', 'symbols is required'],
  ['/v2/stocks/bars?symbols=', 'symbols is required'],
  ['/v2/stocks/bars?symbols=ACME', 'timeframe is required'],
  ['/v2/stocks/bars?symbols=ACME&symbols=ACME', 'symbols must be given once'],
  ['/v2/stocks/bars?symbols=,', 'invalid symbol: ""'],
  ['/v2/stocks/bars?symbols=ACME,', 'invalid symbol: ""'],
  ['/v2/stocks/bars?symbols=acme&timeframe=1Min', 'invalid symbol: acme'],
  ['/v2/stocks/bars?symbols=ORBX/USDT&timeframe=1Min', 'invalid symbol: ORBX/USDT'],
  ['/v2/stocks/bars?symbols=A,B,C,D&timeframe=1Min', 'symbols must be at most 3; given: 4'],
  ['/v2/stocks/bars?symbols=%00&timeframe=1Min', 'invalid symbol: \\u0000'],
  [`/v2/stocks/bars?symbols=${'X'.repeat(3000)}&timeframe=1Min`, 'invalid symbol: XXX'],
  ['/v2/stocks/bars?symbols=__proto__&timeframe=1Min', 'invalid symbol: __proto__'],
  [`${BARS}&timeframe=1Min`, 'timeframe must be given once'],
  [`${ONE}/bars?timeframe=0Min`, 'invalid timeframe: 0Min'],
  [`${ONE}/bars?timeframe=60Min`, 'invalid timeframe: 60Min'],
  [`${ONE}/bars?timeframe=24Hour`, 'invalid timeframe: 24Hour'],
  [`${ONE}/bars?timeframe=2Day`, 'invalid timeframe: 2Day'],
  [`${ONE}/bars?timeframe=2Week`, 'invalid timeframe: 2Week'],
  [`${ONE}/bars?timeframe=5Month`, 'invalid timeframe: 5Month'],
  [`${ONE}/bars?timeframe=1min`, 'invalid timeframe: 1min'],
  [`${ONE}/bars?timeframe=Min`, 'invalid timeframe: Min'],
  [`${ONE}/bars?timeframe=1toString`, 'invalid timeframe'],
  [`${ONE}/bars?timeframe=${'1'.repeat(12_000)}`, 'invalid timeframe: 111'],
  [`${BARS}&start=yesterday`, 'invalid start: yesterday'],
  [`${BARS}&start=1767600000`, 'invalid start: 1767600000'],
  [`${BARS}&start=2026-01-05T10:00`, 'invalid start: 2026-01-05T10:00'],
  [`${BARS}&start=2026-02-30`, 'invalid start: 2026-02-30'],
  [`${BARS}&start=2026-01-05T10:00:00`, 'invalid start'],
  [`${BARS}&start=2026-01-05T25:00:00Z`, 'invalid start'],
  [`${BARS}&start=2026-01-05T10:00:00.Z`, 'invalid start'],
  [`${BARS}&start=2026-01-05T10:00:00.1234567890Z`, 'invalid start'],
  [`${BARS}&start=${'.'.repeat(12_000)}`, 'invalid start: ...'],
  [`${BARS}&end=never`, 'invalid end: never'],
  [`${BARS}&end=2026-13-01`, 'invalid end: 2026-13-01'],
  [`${BARS}&start=2026-01-06&end=2026-01-05`, 'invalid end: 2026-01-05; it must not be before'],
  [`${BARS}&start=2026-01-05&start=2026-01-05`, 'start must be given once'],
  [`${BARS}&limit=0`, 'invalid limit: 0'],
  [`${BARS}&limit=-1`, 'invalid limit: -1'],
  [`${BARS}&limit=501`, 'invalid limit: 501; it must be a whole number from 1 to 500'],
  [`${BARS}&limit=1.5`, 'invalid limit: 1.5'],
  [`${BARS}&limit=1e2`, 'invalid limit: 1e2'],
  [`${BARS}&limit=many`, 'invalid limit: many'],
  [`${BARS}&limit=99999999999999999999`, 'invalid limit: 99999999999999999999'],
  [`${BARS}&sort=up`, 'invalid sort: up; it must be asc or desc'],
  [`${BARS}&sort=ASC`, 'invalid sort: ASC'],
  [`${BARS}&page_token=x`, 'invalid page_token: x'],
  [`${BARS}&page_token=${token('ACME')}`, 'invalid page_token'],
  [`${BARS}&page_token=${token('ACME|-5')}`, 'invalid page_token'],
  [`${BARS}&page_token=${token('ACME|1e9')}`, 'invalid page_token'],
  [`${BARS}&page_token=${token('|5')}`, 'invalid page_token'],
  [`${BARS}&page_token=${token('ACME|9999999999999999')}`, 'invalid page_token'],
  [`${BARS}&page_token=${'QUNNRXw1'.repeat(1500)}`, 'invalid page_token'],
  ['/v2/stocks/XX/bars?timeframe=1Min', 'invalid symbol: XX'],
  ['/v2/stocks/XX/trades', 'invalid symbol: XX'],
  ['/v2/stocks/ORBX%2FUSDT/trades', 'invalid symbol: ORBX/USDT'],
  ['/v2/stocks/XX/quotes/latest', 'invalid symbol: XX'],
  ['/v2/stocks/XX/snapshot', 'invalid symbol: XX'],
  ['/v2/stocks/snapshots', 'symbols is required'],
  ['/v2/stocks/trades/latest', 'symbols is required'],
  ['/v2/stocks/trades/latest?symbols=ACME,XX', 'invalid symbol: XX'],
  ['/v2/stocks/meta/conditions/other', 'invalid ticktype: other'],
  ['/v2/stocks/ACME/auctions', 'no such path "/v2/stocks/ACME/auctions"'],
  ['/v2/account', 'no such path "/v2/account"'],
  ['/v2/iex/stocks', 'no such path "/v2/iex/stocks"'],
  [`${CRYPTO}/bars?symbols=ACME&timeframe=1Min`, 'invalid symbol: ACME'],
  [`${CRYPTO}/bars?symbols=AURVEL&timeframe=1Min`, 'invalid symbol: AURVEL'],
  [`${CRYPTO}/latest/orderbooks`, 'symbols is required'],
  ['/v1beta3/crypto/moon/bars?symbols=AUR/VEL', 'invalid location: moon'],
  ['/v1beta3/crypto/moon/snapshots?symbols=AUR/VEL', 'invalid location: moon'],
  [`${CRYPTO}/AUR/VEL/bars`, 'no such path'],
  ['/v1beta3/options/snapshots', 'no such path "/v1beta3/options/snapshots"'],
  ['/v2/calendar?start=soon', 'invalid start: soon'],
  ['/v2/calendar?start=1900-01-01&end=2100-01-01', 'start and end must be at most 36525 days'],
];

describe('what is wrong', () => {
  it.each(WRONG.map(([path, sentence]) => [path.slice(0, 90), sentence, path] as const))(
    '%s is one sentence: %s',
    async (_short, sentence, path) => {
      const { json, status } = await get(server, path);
      expect(schemas.faults(schemas.error, json)).toBe('');
      expect(json.message).toContain(sentence);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  it('is sent with a status that clients tell apart', async () => {
    expect((await get(server, '/v2/stocks/XX/bars?timeframe=1Min')).status).toBe(400);
    expect((await get(server, '/v2/orders')).status).toBe(404);
    const { status, json } = await server.get('/v2/orders', {
      ...{ method: 'POST', headers: { ...KEYS, 'content-type': 'application/json' } },
      body: '{"symbol":"ACME","qty":"1"}',
    });
    expect(status).toBe(404);
    const posted = await server.get('/v2/stocks/bars', { method: 'POST', headers: KEYS });
    expect(posted.status).toBe(404);
    expect(Object.keys(json)).toEqual(['message']);
  });

  it('is a key that is missing, wherever one must be given', async () => {
    const paths = [
      ...['/v2/stocks/bars?symbols=ACME&timeframe=1Min', '/v2/clock', '/v2/calendar'],
      ...['/v2/stocks/ACME/snapshot', '/v2/stocks/meta/exchanges', '/v2/stocks/XX/trades'],
    ];
    const headers = [
      {},
      { 'apca-api-key-id': 'only' },
      { 'apca-api-secret-key': 'only' },
      { 'apca-api-key-id': '', 'apca-api-secret-key': '' },
      { authorization: '' },
      { authorization: 'Bearer ' },
    ];
    for (const path of paths) {
      for (const one of headers) {
        const { status, json } = await server.get(path, { headers: one as Record<string, string> });
        expect([status, json]).toEqual([401, { message: 'unauthorized' }]);
      }
    }
    // Its own client sends none for crypto.
    const open = await server.get(`${CRYPTO}/latest/orderbooks?symbols=AUR/VEL`);
    expect(open.status).toBe(200);
    const bearer = await server.get('/v2/clock', { headers: { authorization: 'Bearer x' } });
    expect(bearer.status).toBe(200);
  });

  it('is nothing that clients add', async () => {
    const added = 'adjustment=raw&feed=sip&asof=-&currency=USD&x=1&limit=2&start=2026-01-05';
    const { json, status } = await get(server, `${BARS}&${added}`);
    expect(status).toBe(200);
    expect(json.bars.ACME.length).toBe(2);
  });

  it('is told to pages of other origins too, and what they may send', async () => {
    const { headers, status } = await server.get('/v2/clock');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    const asked = 'apca-api-key-id,apca-api-secret-key';
    const preflight = await server.get('/v2/stocks/bars', {
      method: 'OPTIONS',
      headers: {
        ...{ origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
        'access-control-request-headers': asked,
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe(asked);
  });
});

it('a page ends where its bars would be of too many rows, and the next one goes on', async () => {
  const query = { start: '2026-01-05', limit: 500, symbols: 'ACME,NIMBO' };
  for (const sort of ['asc', 'desc']) {
    const hours = { ...query, timeframe: '1Hour', sort };
    const { items, pages } = await allPages(server, '/v2/stocks/bars', 'bars', hours);
    // Of 60 rows each: three of them on a page.
    expect(items.ACME!.length).toBe(34);
    expect(new Set(items.ACME!.map(({ t }) => t)).size).toBe(34);
    expect(items.NIMBO!.length).toBeGreaterThan(6);
    const bars = items.ACME!.length + items.NIMBO!.length;
    expect(pages).toBeGreaterThanOrEqual(Math.ceil(bars / 3));
    // One bar is on a page, however many rows it is of.
    const days = { ...query, timeframe: '1Day', sort };
    const all = await allPages(server, '/v2/stocks/bars', 'bars', days);
    expect([all.items.ACME!.length, all.items.NIMBO!.length, all.pages]).toEqual([2, 2, 4]);
  }
});

it('a request that cannot be paid is told when it can', async () => {
  const poor = await startWorld({ workPerSecond: 1, workBurst: 3_000_000 }, 2000);
  try {
    const statuses: number[] = [];
    for (let n = 0; n < 30 && !statuses.includes(429); n++) {
      const { status, json } = await get(poor, `${ONE}/trades`, { start: '2026-01-05' });
      statuses.push(status);
      if (status === 429) expect(Object.keys(json)).toEqual(['message']);
    }
    expect(statuses).toContain(429);
  } finally {
    await poor.stop();
  }
});
