import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrowOf, bodyOf, textOf } from '../helpers/bodies.ts';
import {
  MINUTE,
  NIGHTS_ORIGIN,
  NIGHTS_ROWS,
  NIGHTS_SPEC,
  NIGHTS_SYMBOLS,
} from '../helpers/nights.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** `held=false` over HTTP: what is left out is what the status of rows says, and nothing else. */

const LISTS = ['open', 'high', 'low', 'close', 'volume', 'trades'];

let server: TestServer;
/** Of each instrument the status of each row. */
let statuses: Record<string, number[]>;

beforeAll(async () => {
  server = await startTestServer({ spec: NIGHTS_SPEC, rows: NIGHTS_ROWS });
  const since = NIGHTS_ORIGIN - MINUTE;
  const { json } = await server.get(`/v1/rows?since=${since}&fields=status`);
  expect(json.status[0]).toHaveLength(NIGHTS_ROWS);
  statuses = Object.fromEntries(NIGHTS_SYMBOLS.map((symbol, n) => [symbol, json.status[n]]));
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Whether any row in `[startMs, endMs)` tells of a session of an instrument. */
function trades(symbol: string, startMs: number, endMs: number): boolean {
  const [from, next] = [startMs, endMs].map((ms) => Math.ceil((ms - NIGHTS_ORIGIN) / MINUTE));
  return statuses[symbol]!.slice(Math.max(0, from!), next).some((status) => status === 0);
}

const WIDTHS = [
  ['5m', 5 * MINUTE],
  ['15m', 15 * MINUTE],
  ['1h', 60 * MINUTE],
  ['1d', 1440 * MINUTE],
] as const;
const RANGE = `from=${NIGHTS_ORIGIN}&to=${NIGHTS_ORIGIN + NIGHTS_ROWS * MINUTE}`;
const HOW = `${RANGE}&fields=volume,trades`;

describe('held=false of several symbols', () => {
  it.each(WIDTHS)('leaves out of %s those of each, as statuses say', async (width, ms) => {
    const path = `/v1/candles?symbols=*&resolution=${width}&${HOW}`;
    const { json: all } = await server.get(path);
    const { json: some, text } = await server.get(`${path}&held=false`);
    const isShown = (n: number, time: number) => trades(NIGHTS_SYMBOLS[n]!, time, time + ms);
    const places = [...all.time.keys()].filter((at: number) =>
      NIGHTS_SYMBOLS.some((_, n) => isShown(n, all.time[at])),
    );
    expect(some).toEqual({
      ...all,
      time: places.map((at) => all.time[at]),
      closed: places.filter((at) => at < all.closed).length,
      ...Object.fromEntries(
        LISTS.map((name) => [
          name,
          NIGHTS_SYMBOLS.map((_, n) =>
            places.map((at) => (isShown(n, all.time[at]) ? all[name][n][at] : null)),
          ),
        ]),
      ),
    });
    expect(text).toContain('null');
    expect((await server.get(`${path}&held=true`)).text).toBe((await server.get(path)).text);
    const whole = await server.get(`${path}&held=false&whole=true`);
    expect(whole.text).toBe(text);
  });

  it('leaves out times at which none trades, and all of a night', async () => {
    const path = '/v1/candles?symbols=NYSE,TOSE&resolution=1m';
    const night = `from=${Date.parse('2026-03-07T00:00:00Z')}&count=120&held=false`;
    const { json } = await server.get(`${path}&${night}`);
    expect(json).toMatchObject({ time: [], open: [[], []], close: [[], []], closed: 0 });
    expect(json.until).toBe(Date.parse('2026-03-07T01:59:00Z'));
  });

  it.each(WIDTHS)('stand one below the other in tables: %s', async (width, ms) => {
    const path = `/v1/candles?symbols=*&resolution=${width}&${HOW}`;
    const { json: all } = await server.get(path);
    const rows = NIGHTS_SYMBOLS.flatMap((symbol, n) =>
      all.time.flatMap((time: number, at: number) =>
        trades(symbol, time, time + ms)
          ? [[symbol, time, ...LISTS.map((name) => all[name][n][at])]]
          : [],
      ),
    );
    for (const whole of ['', '&whole=true']) {
      const body = (format: string) =>
        bodyOf(server, `${path}&held=false&format=${format}${whole}`);
      const [header, ...lines] = textOf(await body('csv'))
        .trimEnd()
        .split('\n');
      expect(header).toBe(['symbol', 'time', ...LISTS].join());
      expect(lines).toEqual(rows.map((row) => row.join()));
      const records = textOf(await body('ndjson'))
        .trimEnd()
        .split('\n');
      expect(records.map((line) => Object.values(JSON.parse(line)))).toEqual(rows);
      const arrow = [...arrowOf(await body('arrow'))].map((row) => Object.values(row!.toJSON()));
      expect(arrow.map(([symbol, ...values]) => [symbol, ...values.map(Number)])).toEqual(rows);
      const { buffer: file } = (await body('parquet')).bytes;
      const parquet = await parquetReadObjects({ file: file as ArrayBuffer });
      expect(
        parquet.map(({ symbol, time, ...values }) => [
          ...[symbol, Number(time), ...LISTS.map((name) => Number(values[name]))],
        ]),
      ).toEqual(rows);
    }
  });

  it.each(['csv', 'ndjson', 'arrow', 'parquet'])(
    'is a table of nothing by night: %s',
    async (f) => {
      const night = `from=${Date.parse('2026-03-07T00:00:00Z')}&count=120&held=false&format=${f}`;
      const path = `/v1/candles?symbols=NYSE,TOSE&resolution=1m&${night}`;
      const empty = await bodyOf(server, path);
      expect(empty.status).toBe(200);
      const future = `from=${NIGHTS_ORIGIN + NIGHTS_ROWS * MINUTE}&count=1&format=${f}`;
      const none = await bodyOf(server, `/v1/candles?symbols=NYSE,TOSE&resolution=1m&${future}`);
      expect(empty.bytes.length).toBe(none.bytes.length);
    },
  );

  it('has an etag of its own', async () => {
    const path = `/v1/candles?symbols=NYSE,COIN&resolution=15m&${RANGE}`;
    const [all, some] = [await server.get(path), await server.get(`${path}&held=false`)];
    const tags = [all, some].map(({ headers }) => headers.get('etag')!);
    expect(tags[0]).not.toBe(tags[1]);
    const again = await server.get(`${path}&held=false`, {
      headers: { 'if-none-match': tags[0]! },
    });
    expect([again.status, again.text]).toEqual([200, some.text]);
  });
});

describe('held=false of one symbol', () => {
  it.each(WIDTHS)('leaves out what it does beside others: %s', async (width, ms) => {
    for (const symbol of NIGHTS_SYMBOLS) {
      const path = `/v1/candles?symbol=${symbol}&resolution=${width}&${HOW}`;
      const { json: all } = await server.get(path);
      const { json: some } = await server.get(`${path}&held=false`);
      const places = [...all.time.keys()].filter((at: number) =>
        trades(symbol, all.time[at], all.time[at] + ms),
      );
      const kept = ['time', ...LISTS].map((name) => [name, places.map((at) => all[name][at])]);
      const closed = places.filter((at) => at < all.closed).length;
      expect(some).toEqual({ ...all, ...Object.fromEntries(kept), closed });
      if (symbol === 'NYSE') expect(places.length).toBeLessThan(all.time.length);
    }
  });
});
