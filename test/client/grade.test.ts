import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { faults, grade } from '../../src/client/grade.ts';
import { fetchRows, subscribe } from '../../src/client/index.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 2_000;
const PROFILE = 'drop@1%,corrupt:ticks@1%,cut@10m';

let server: TestServer;
let url: string;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS, limits: { maxStrikesPerAnswer: 7 } });
  url = server.server.url;
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What is true of an instrument, as records; without row `missing`. */
async function records(symbol: string, missing = -1) {
  const { prices } = await fetchRows({
    url,
    symbols: [symbol],
    since: ORIGIN - INTERVAL,
    limit: 500,
  });
  return prices[0]!
    .map((price, n) => ({ time: ORIGIN + n * INTERVAL, symbol, price }))
    .filter((_, n) => n !== missing);
}

const lines = (all: readonly object[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
const csv = (all: readonly { time: number; price: number }[]) =>
  `time,price\n${all.map(({ time, price }) => `${time},${price}\n`).join('')}`;

async function* slowly<T>(all: Iterable<T>): AsyncGenerator<T> {
  for (const one of all) {
    await undefined;
    yield one;
  }
}

test('a recording is graded, however it is given', async () => {
  const all = await records('ticker_1', 77);
  const bytes = new TextEncoder().encode(lines(all));
  const parts = [bytes.subarray(0, 1001), bytes.subarray(1001)];
  const forms = [lines(all), bytes, all, slowly(all), slowly(parts), slowly([csv(all)])];
  for (const recording of [...forms, csv(all)]) {
    const given = await grade({ url, recording, symbols: ['ticker_1'] });
    const { right, records: count, symbols } = given;
    expect([right, count]).toEqual([false, 499]);
    const at = ORIGIN + 77 * INTERVAL;
    expect(symbols.ticker_1!.missing).toEqual({ count: 1, ranges: [[at, at]], isCut: false });
  }
  expect((await grade({ url, recording: await records('ticker_1') })).right).toBe(true);
});

test('what cannot be graded is an error with the code of the server', async () => {
  const wrong = { url, recording: 'time,what\n1,2\n' };
  await expect(grade(wrong)).rejects.toMatchObject({ code: 'unknown_symbol', status: 404 });
  await expect(grade({ ...wrong, what: 'candles' })).rejects.toThrow(/^resolution is missing/);
  await expect(grade({ ...wrong, fault: 'x' } as never)).rejects.toThrow('unknown option "fault"');
  const other = { ...wrong, market: '0'.repeat(16) };
  await expect(grade(other)).rejects.toMatchObject({ code: 'market_changed' });
  const away = { ...wrong, url: 'http://127.0.0.1:9' };
  await expect(grade(away)).rejects.toMatchObject({ code: 'unreachable' });
});

test('with the profile, what is wrong is matched with its strikes', async () => {
  const asked = { url, faults: 'drop@1%', faultSeed: 3, symbols: ['ticker_1'] };
  const struck: number[] = [];
  for await (const { time, kind } of faults({
    ...asked,
    since: ORIGIN - INTERVAL,
    until: ORIGIN + 499 * INTERVAL,
  }))
    if (kind === 'drop') struck.push(time);
  expect(struck.length).toBeGreaterThan(2);
  const left = (await records('ticker_1')).filter(({ time }) => !struck.includes(time));
  const given = await grade({ ...asked, recording: left });
  expect(given.faults?.kinds.drop).toEqual({
    strikes: struck.length,
    recovered: 0,
    notRecovered: struck.length,
  });
  expect(given.faults?.noExcuse.missing).toBe(0);
});

test('the ledger is read to its end, answer by answer', async () => {
  const path = `/v1/faults?faults=${encodeURIComponent(PROFILE)}&faultSeed=4&since=${ORIGIN - INTERVAL}`;
  let [since, all] = [ORIGIN - INTERVAL, [] as object[]];
  for (;;) {
    const { json } = await server.get(path.replace(/since=\d+/, `since=${since}`));
    all = [...all, ...json.strikes];
    if (json.until === json.head) break;
    since = json.until;
  }
  expect(all.length).toBeGreaterThan(30);
  const asked = { url, faults: PROFILE, faultSeed: 4, since: ORIGIN - INTERVAL };
  const until = new Date(ORIGIN + (ROWS - 1) * INTERVAL).toISOString();
  for (const end of [{}, { until }]) {
    const listed = [];
    for await (const strike of faults({ ...asked, ...end })) listed.push(strike);
    expect(listed).toEqual(all);
  }
  await expect(faults({ ...asked, faults: 'dorp' }).next()).rejects.toThrow('did you mean "drop"?');
});

test('a stream is struck by the faults that its options name', async () => {
  const asked = { symbols: '*', since: ORIGIN, WebSocket } as const;
  for (const from of [url, `${url.replace('http', 'ws')}/v1/stream`]) {
    for (const transport of ['websocket', 'events'] as const) {
      const before = await counted();
      const options = {
        ...asked,
        url: from,
        transport,
        faults: 'delay:1ms@1%, drop@2%',
        faultSeed: 5,
      };
      const stream = subscribe(options);
      for await (const { until } of stream) {
        expect(until).toBeGreaterThan(ORIGIN);
        expect(await counted()).toBe(before + 1);
        break;
      }
      await expect.poll(counted).toBe(before);
    }
  }
  expect(() => subscribe({ ...asked, url, faultSeed: 5 })).toThrow(
    'faultSeed must come with faults; given: 5',
  );
  const wrong = subscribe({ ...asked, url, faults: 'dorp@1%' });
  await expect(wrong[Symbol.asyncIterator]().next()).rejects.toThrow('did you mean "drop"?');
});

async function counted(): Promise<number> {
  const { text } = await server.get('/metrics');
  return Number(/^tickwell_faulty_connections (\d+)$/m.exec(text)?.[1]);
}
