import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';

/** What one address can pay for at once: some thousand bars of a chart. */
const BURST = 30_000_000;
const MINUTE = 60_000;
const ORIGIN = Date.UTC(2026, 0, 5);
const ROWS = 100_000;
const SPEC = { origin: ORIGIN, interval: MINUTE, capacity: 1000, count: 1, pattern: 'ACME{}' };

let server: TestServer;

afterEach(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const seconds = (row: number) => (ORIGIN + row * MINUTE) / 1000;
const ask = async (query: string) =>
  (await server.get(`/udf/history?symbol=ACME0USDT&${query}`)).json;

describe('bars that cost more than an address can pay for at once', () => {
  it('are the newest of those that were asked for, and a chart that asks on gets all', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1e12, workBurst: BURST, maxUdfBars: 100_000 };
    server = await startTestServer({ spec: SPEC, rows: ROWS, limits });
    const all: number[] = [];
    let answers = 0;
    for (let to = seconds(ROWS); to > seconds(0); to = all[0]!) {
      const { s, t } = await ask(`resolution=3&to=${to}&countback=40000`);
      if (s === 'no_data') break;
      expect(t.length).toBeGreaterThan(100);
      all.unshift(...t);
      answers += 1;
      server.clock.passSteadily(60_000);
    }
    expect(answers).toBeGreaterThan(1);
    expect(all).toEqual(Array.from({ length: Math.ceil(ROWS / 3) }, (_, n) => seconds(3 * n)));
  });

  it('are refused in one sentence where one of them has too many rows', async () => {
    server = await startTestServer({ spec: SPEC, rows: ROWS, limits: { maxUdfRows: 50_000 } });
    const { s, errmsg } = await ask(`resolution=12M&to=${seconds(ROWS)}&countback=5`);
    expect([s, errmsg]).toEqual([
      'error',
      `resolution must make bars of at most 50000 rows; given: ${ROWS}`,
    ]);
    expect((await ask(`resolution=1M&to=${seconds(ROWS)}&countback=5`)).s).toBe('ok');
  });
});

describe('a market that has not begun', () => {
  it('is said of a symbol that there is', async () => {
    server = await startTestServer({ spec: { ...SPEC, origin: ORIGIN }, rows: 0 });
    const { d } = (await server.get('/udf/quotes?symbols=ACME0USDT,NONE')).json;
    expect(d.map(({ errmsg }: { errmsg: string }) => errmsg)).toEqual([
      'the market has not begun',
      'unknown_symbol',
    ]);
  });
});
