import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionOf } from '../../../src/protocols/udf/sessions.ts';
import { startTestServer, type TestServer } from '../../helpers/server.ts';

const MINUTE = 60_000;
const ORIGIN = Date.parse('2026-03-05T00:00:00Z');
const ROWS = 6 * 1440;
const HOLIDAYS = {
  ...{ like: 'new-york', holidays: ['2026-03-06'], earlyCloses: { '2026-03-09': '13:00' } },
};

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: {
      ...{ origin: ORIGIN, interval: MINUTE, capacity: 2000, count: undefined },
      instruments: [
        { symbol: 'NYSE', assetClass: 'stock', calendar: HOLIDAYS },
        { symbol: 'COIN', assetClass: 'stock' },
      ],
    },
    rows: ROWS,
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const seconds = (text: string) => Date.parse(text) / 1000;
const bars = async (query: string) => (await server.get(`/udf/history?symbol=NYSE&${query}`)).json;

describe('the session of a symbol', () => {
  it('is what its calendar says, in its own zone', () => {
    expect(sessionOf('always')).toEqual({ session: '24x7', timezone: 'Etc/UTC' });
    expect(sessionOf('new-york')).toEqual({
      ...{ session: '0930-1600:23456', timezone: 'America/New_York' },
    });
    expect(sessionOf('fx-week')).toEqual({ session: '2200-2200:23456', timezone: 'Etc/UTC' });
    expect(sessionOf('tokyo')).toEqual({
      ...{ session: '0900-1130,1230-1530:23456', timezone: 'Asia/Tokyo' },
    });
    expect(sessionOf('frankfurt').timezone).toBe('Europe/Berlin');
    expect(sessionOf('london').timezone).toBe('Europe/London');
  });

  it('has the dates of a calendar of its own', async () => {
    const { json } = await server.get('/udf/symbols?symbol=NYSE');
    expect(json).toMatchObject({
      ...{ session: '0930-1600:23456', timezone: 'America/New_York' },
      ...{ session_holidays: '20260306', corrections: '0930-1300:20260309' },
    });
    expect((await server.get('/udf/symbols?symbol=COIN')).json.session).toBe('24x7');
  });
});

describe('bars of a symbol that closes', () => {
  it('are those of its sessions alone', async () => {
    const range = `from=${seconds('2026-03-05')}&to=${seconds('2026-03-10T23:00:00Z')}`;
    const { t, v } = await bars(`resolution=15&${range}`);
    const days = t.map((time: number) => new Date(time * 1000).toISOString().slice(0, 10));
    expect([...new Set(days)]).toEqual(['2026-03-05', '2026-03-09', '2026-03-10']);
    expect(v.every((lots: number) => lots > 0)).toBe(true);
    expect(t[0]).toBe(seconds('2026-03-05T14:30:00Z'));
  });

  it('where there are none, say where the last one before is', async () => {
    const night = `from=${seconds('2026-03-07')}&to=${seconds('2026-03-08')}`;
    // The row at the close tells of the last minute.
    expect(await bars(`resolution=15&${night}`)).toEqual({
      ...{ s: 'no_data', nextTime: seconds('2026-03-05T21:00:00Z') },
    });
    const before = `from=${seconds('2026-03-05')}&to=${seconds('2026-03-05T10:00:00Z')}`;
    expect(await bars(`resolution=15&${before}`)).toEqual({ s: 'no_data' });
  });
});
