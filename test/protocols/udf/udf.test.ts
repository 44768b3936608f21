import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';

const MINUTE = 60_000;
const ORIGIN = Date.UTC(2026, 0, 5, 7, 20);
const ROWS = 20_000;
const SPEC = {
  origin: ORIGIN,
  interval: MINUTE,
  capacity: 2000,
  dtype: 'uint32',
  count: undefined,
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.25, startPrice: 80 },
  instruments: [
    { symbol: 'ACME', name: 'Acme Industries', assetClass: 'stock' },
    { symbol: 'orb.x', name: 'Orbix', model: 'market', tickSize: 0.01, startPrice: 250 },
    { symbol: 'AUR/VEL', name: 'Auro', tickSize: 5, startPrice: 5000, model: 'walk' },
    { symbol: '^', name: 'An index that has no name there' },
  ],
};
const NAMES = ['ACME', 'ORBXUSDT', 'AURVEL'];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15, maxUdfBars: 3000 },
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const seconds = (ms: number) => Math.floor(ms / 1000);
const history = (query: Readonly<Record<string, string | number>>) =>
  server.get(
    `/udf/history?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, `${v}`]))}`,
  );

/** The same bars in Tickwell's own words, as far as they begin in `[fromMs, toMs)`. */
async function own(column: number, resolution: string, fromMs: number, toMs: number) {
  const symbol = encodeURIComponent(SPEC.instruments[column]!.symbol);
  const range = `from=${ORIGIN}&to=${ORIGIN + ROWS * MINUTE}&fields=volume&prices=decimal`;
  const { json } = await server.get(
    `/v1/candles?symbol=${symbol}&resolution=${resolution}&${range}`,
  );
  const some = (values: readonly (number | string)[]) =>
    values.map(Number).filter((_, n) => json.time[n] >= fromMs && json.time[n] < toMs);
  const [t, o, h, l, c, v] = ['time', 'open', 'high', 'low', 'close', 'volume'].map((name) =>
    some(json[name]),
  );
  return { s: 'ok', t: t!.map(seconds), o, h, l, c, v };
}

describe('/udf/history', () => {
  const WIDTHS = { 15: '15m', 60: '1h', 240: '4h', D: '1d', '3D': '3d', W: '1w', '1M': '1mo' };

  it('has the bars of /v1/candles, in every width', async () => {
    for (const [resolution, text] of Object.entries(WIDTHS)) {
      for (const [column, symbol] of NAMES.entries()) {
        const to = seconds(ORIGIN + ROWS * MINUTE);
        const { json, status } = await history({ symbol, resolution, from: 0, to });
        expect(status).toBe(200);
        expect(json).toEqual(await own(column, text, 0, Number.POSITIVE_INFINITY));
      }
    }
  });

  it('begins no earlier than from, and ends before to', async () => {
    const all = fc.integer({ min: -3000, max: ROWS + 3000 });
    await fc.assert(
      fc.asyncProperty(all, fc.integer({ min: 1, max: 2000 }), async (from, rows) => {
        const [fromMs, toMs] = [ORIGIN + from * MINUTE, ORIGIN + (from + rows) * MINUTE];
        const asked = {
          symbol: 'ORBXUSDT',
          resolution: 15,
          from: seconds(fromMs),
          to: seconds(toMs),
        };
        const { json } = await history(asked);
        const expected = await own(1, '15m', fromMs, toMs);
        if (expected.t.length > 0) expect(json).toEqual(expected);
        else expect(json.s).toBe('no_data');
      }),
      // The first bar begins before the first row: it is there before that row.
      {
        numRuns: 25,
        examples: [
          [-5, 1],
          [-6, 1],
          [-4, 1],
        ],
      },
    );
  });

  it('has as many bars as countback says, whatever from does', async () => {
    const toMs = ORIGIN + 9000 * MINUTE + 1000;
    for (const countback of [1, 2, 300]) {
      const asked = { symbol: 'ACME', resolution: '5', from: 0, to: seconds(toMs), countback };
      const { json } = await history(asked);
      expect(json.t.length).toBe(countback);
      expect(json.t.at(-1)).toBe(seconds(ORIGIN + 9000 * MINUTE));
    }
    // There are no more.
    const { json } = await history({
      symbol: 'ACME',
      resolution: 'D',
      to: seconds(toMs),
      countback: 99,
    });
    expect(json.t[0]).toBe(seconds(Date.UTC(2026, 0, 5)));
    expect(json.t.length).toBe(7);
  });

  it('has the bar that is being made, as the newest', async () => {
    const to = seconds(ORIGIN + ROWS * MINUTE) + 86_400;
    const { json } = await history({ symbol: 'ACME', resolution: '60', to, countback: 2 });
    expect(json.t).toEqual(
      [1, 0].map(
        (n) => seconds(ORIGIN + (ROWS - 1) * MINUTE) - ((ROWS - 1 + 20) % 60) * 60 - 3600 * n,
      ),
    );
  });

  it('says where the bars before are, if a range has none', async () => {
    const after = seconds(ORIGIN + ROWS * MINUTE) + 1000;
    const asked = { symbol: 'ACME', resolution: '60', from: after, to: after + 100 };
    const { json } = await history(asked);
    expect(json).toEqual({ s: 'no_data', nextTime: expect.any(Number) });
    const { json: found } = await history({ ...asked, from: json.nextTime, to: json.nextTime + 1 });
    expect(found.t).toEqual([json.nextTime]);
    expect((await history({ symbol: 'ACME', resolution: '60', from: 0, to: 100 })).json).toEqual({
      s: 'no_data',
    });
  });
});

describe('/udf/symbols', () => {
  it('says how prices are written, so that the step is right', async () => {
    const described = await Promise.all(
      NAMES.map(async (name) => (await server.get(`/udf/symbols?symbol=TICKWELL:${name}`)).json),
    );
    expect(described.map(({ minmov, pricescale }) => minmov / pricescale)).toEqual([0.25, 0.01, 5]);
    expect(described.map(({ type }) => type)).toEqual(['stock', 'crypto', 'crypto']);
    for (const { s, supported_resolutions } of described) {
      expect(s).toBeUndefined();
      expect(supported_resolutions).toEqual(
        (await server.get('/udf/config')).json.supported_resolutions,
      );
    }
  });

  it('is searched by name, symbol and description, of a kind and an exchange', async () => {
    const search = async (query: string) =>
      (await server.get(`/udf/search?${query}`)).json.map(
        ({ symbol }: { symbol: string }) => symbol,
      );
    expect(await search('query=&limit=30')).toEqual(NAMES);
    expect(await search('query=ORB')).toEqual(['ORBXUSDT']);
    expect(await search('query=indus&type=')).toEqual(['ACME']);
    expect(await search('query=&type=stock&exchange=TICKWELL')).toEqual(['ACME']);
    expect(await search('query=&exchange=NYSE')).toEqual([]);
    expect(await search('query=&limit=2')).toEqual(['ACME', 'ORBXUSDT']);
  });
});

describe('/udf/quotes', () => {
  it('has the newest row and the last 24 hours, under the names as asked', async () => {
    const { json } = await server.get('/udf/quotes?symbols=TICKWELL%3AACME%2CORBXUSDT%2CNOPE');
    const { json: latest } = await server.get('/v1/latest?fields=last,bid,ask,open,high,low');
    expect(json.s).toBe('ok');
    expect(json.d.map(({ s, n }: { s: string; n: string }) => [s, n])).toEqual([
      ['ok', 'TICKWELL:ACME'],
      ['ok', 'ORBXUSDT'],
      ['error', 'NOPE'],
    ]);
    for (const n of [0, 1]) {
      const { lp, bid, ask, open_price, high_price, low_price, spread } = json.d[n].v;
      const { last, bid: ownBid, ask: ownAsk, open, high, low } = latest[n];
      expect([lp, bid, ask, open_price, high_price, low_price]).toEqual(
        [last, ownBid, ownAsk, open, high, low].map(Number),
      );
      expect(spread).toBeCloseTo(ask - bid, 6);
    }
  });
});

describe('a request', () => {
  const to = seconds(ORIGIN + 900 * MINUTE);
  it('does not end at what clients add', async () => {
    const path = `/udf/history?symbol=ACME&resolution=1&to=${to}&countback=2&unitId=&currencyCode=USD`;
    expect((await server.get(path)).json.t.length).toBe(2);
  });
});
