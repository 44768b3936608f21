import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProfile } from '../../src/core/faults/profile.ts';
import { Fates } from '../../src/host/faults/fates.ts';
import { eventually } from '../helpers/eventually.ts';
import { FaultyReader } from '../helpers/faulty-readers.ts';
import { marketOf } from '../helpers/market.ts';
import { INTERVAL, SPEC, startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

const WORK = 20_000_000;
/** So much for each second of the steady clock, which stands still. */
const PER_SECOND = 1_000_000;
/** 300 instruments and 16 clauses: some 2 million for the first row, and 200,000 for others. */
const DEAR = encodeURIComponent(Array(16).fill('corrupt:zero@1%').join());

let server: TestServer;

beforeAll(async () => {
  const limits = { ...UNHURRIED, workBurst: WORK, workPerSecond: PER_SECOND };
  server = await startTestServer({ spec: { count: 300 }, limits });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

describe('what is drawn for each instrument', () => {
  it('is paid by who is told: rows come late, and none is lost', async () => {
    const reader = FaultyReader.open(server.server.url, 'json', `?faults=${DEAR}&faultSeed=3`);
    await reader.until(({ since }) => since !== undefined);
    const count = 150;
    const { head } = server.server.feed;
    for (let n = 0; n < count; n += 10) {
      server.clock.pass(10 * INTERVAL);
      await eventually(() => expect(server.server.feed.head).toBe(head + n + 10));
    }
    // Its address has used up what it had, and is refused all else by name.
    const { status, json } = await server.get('/v1/market');
    expect({ status, code: json.error.code }).toEqual({ status: 429, code: 'rate_limited' });
    const told = reader.heard.length;
    expect(told).toBeGreaterThan(10);
    expect(told).toBeLessThan(count);
    expect(reader.end).toBeUndefined();
    await eventually(() => {
      server.clock.passSteadily(1000);
      expect(reader.heard.length).toBe(count);
    }, 15_000);
    const times = reader.heard.map(({ until }) => until);
    expect(times).toEqual(times.map((_, n) => server.timeOf(head + n)));
    reader.close();
  });

  it('is paid by who asks over HTTP', async () => {
    server.clock.passSteadily(100_000);
    const statuses: number[] = [];
    for (let seed = 1; seed <= 40 && !statuses.includes(429); seed++) {
      const path = `/v1/latest?symbols=*&faults=${DEAR}&faultSeed=${seed}`;
      statuses.push((await server.get(path)).status);
    }
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(429);
    // Without faults so many answers take a fifth of it.
    server.clock.passSteadily(100_000);
    for (let n = 0; n < statuses.length; n++) {
      expect((await server.get('/v1/latest?symbols=*')).status).toBe(200);
    }
  });
});

describe('fates', () => {
  it('are kept as far as they draw little in all', () => {
    const market = marketOf({ ...SPEC, count: 10_000 });
    const fates = new Fates(market);
    const ask = (text: string, seed: number) => fates.of({ profile: parseProfile(text), seed });
    for (let seed = 0; seed < 300; seed++) ask('drop@1%', seed);
    expect(fates.size).toBe(256);
    const wide = Array(32).fill('corrupt@1%').join();
    for (let seed = 0; seed < 300; seed++) ask(wide, seed);
    expect(fates.size).toBe(6);
    const [one, again] = [ask(wide, 1), ask(wide, 1)];
    expect(again).toBe(one);
  });
});
