import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decider } from '../../src/core/faults/decider.ts';
import { FAULT_KINDS } from '../../src/core/faults/kinds.ts';
import { type LedgerEntry, ledger } from '../../src/core/faults/ledger.ts';
import { OWN_PROFILES } from '../../src/core/faults/own.ts';
import { parseFaults, parseProfile } from '../../src/core/faults/profile.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 3000;
const BEFORE = ORIGIN - INTERVAL;
const EVERY =
  'drop@1%,duplicate@1%,reorder@1%,delay:1s-2s@1%,delay:1s+overtake@1%,burst:1s@1%,corrupt@1%,' +
  'stale@1%,skew:1s-2s@1%,cut@30s,close@1%,stall:1s@1%,halfopen@1%,throttle:2kB/s,' +
  'throttle:1kB/s@1%,garbage@1%,status@1%,truncate@1%,slow:1s@1%';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const timeOf = (index: number) => ORIGIN + index * INTERVAL;

/** What the core lists, as answers write it. */
function listed(faults: string, columns: readonly number[], from: number, next: number) {
  const { grid, symbols } = server.market;
  const decider = new Decider(parseFaults(faults), grid, symbols);
  const entries = [...ledger(decider, columns, from, next)].flat();
  return entries.map(({ index, strike }: LedgerEntry) => ({ time: timeOf(index), ...strike }));
}

const pathOf = (faults: string, rest: string) =>
  `/v1/faults?faults=${encodeURIComponent(faults)}&${rest}`;

describe('GET /v1/faults', () => {
  it('lists every strike of a range, of every kind', async () => {
    const { json } = await server.get(pathOf(EVERY, `faultSeed=5&since=${BEFORE}`));
    const strikes = listed(`${EVERY}:5`, [0, 1, 2], 0, ROWS);
    expect(json).toEqual({
      market: server.market.id,
      faults: parseProfile(EVERY).text,
      faultSeed: 5,
      since: BEFORE,
      until: timeOf(ROWS - 1),
      head: timeOf(ROWS - 1),
      strikes,
    });
    expect(new Set(strikes.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
  });

  it('lists those of symbols in the order in which they are named', async () => {
    const range = `since=${BEFORE}&until=${timeOf(99)}`;
    const path = pathOf('stale@50%,cut@30s', `${range}&symbols=ticker_2,ticker_0`);
    const { json } = await server.get(path);
    expect(json.strikes).toEqual(listed('stale@50%,cut@30s', [2, 0], 0, 100));
    expect(json.head).toBeUndefined();
  });

  it('knows names, and says their clauses', async () => {
    const { json } = await server.get(pathOf('maintenance', `since=${BEFORE}`));
    expect(json.faults).toBe(parseProfile('maintenance').text);
    expect(json.faultSeed).toBe(1);
    expect(json.strikes).toEqual(listed('maintenance', [0, 1, 2], 0, ROWS));
  });

  it('lists what is still to come, and says the same when it has come', async () => {
    const range = `since=${timeOf(10_000)}&until=${timeOf(10_999)}`;
    const before = await server.get(pathOf('drop@5%', range));
    expect(before.json.strikes).toEqual(listed('drop@5%', [], 10_001, 11_000));
    expect(before.json.strikes.length).toBeGreaterThan(20);
    const later = await startTestServer({ rows: 12_000 });
    try {
      const { text } = await later.get(pathOf('drop@5%', range));
      expect(text).toBe(before.text);
    } finally {
      await later.stop();
    }
  });

  it('is empty where nothing is done, and behind the newest row', async () => {
    const { json } = await server.get(pathOf('off', `since=${BEFORE}&until=${timeOf(9)}`));
    expect([json.faults, json.strikes, json.until]).toEqual(['off', [], timeOf(9)]);
    const now = await server.get(pathOf('drop@100%', 'since=now'));
    const head = timeOf(ROWS - 1);
    expect(now.json).toMatchObject({ since: head, until: head, head, strikes: [] });
    const ahead = await server.get(pathOf('drop@100%', `since=${timeOf(ROWS + 99)}`));
    const since = timeOf(ROWS + 99);
    expect(ahead.json).toMatchObject({ since, until: since, head, strikes: [] });
  });

  it.each([1, 2, 7, 100, 100_000])('goes on behind answers of %i strikes', async (limit) => {
    const faults = 'stale@3%,drop@2%,cut@30s';
    const found: unknown[] = [];
    let since = BEFORE;
    while (since < timeOf(ROWS - 1)) {
      const { json } = await server.get(pathOf(faults, `since=${since}&limit=${limit}`));
      expect(json.since).toBe(since);
      expect(json.until).toBeGreaterThan(since);
      const { strikes } = json;
      const first = strikes[0]?.time;
      const isOneRow = strikes.every(({ time }: { time: number }) => time === first);
      expect(strikes.length <= limit || isOneRow).toBe(true);
      found.push(...strikes);
      since = json.until;
      // So that small answers end soon.
      if (found.length > 300) break;
    }
    const all = listed(faults, [0, 1, 2], 0, ROWS);
    expect(found).toEqual(all.slice(0, found.length));
    expect(found.length).toBeGreaterThan(limit === 1 ? 300 : Math.min(300, all.length - 1));
  });

  it('looks at no more rows than it may draw for', async () => {
    const limited = await startTestServer({ rows: ROWS, limits: { maxDrawsPerAnswer: 1000 } });
    try {
      // Three symbols and a row.
      const { json } = await limited.get(pathOf('stale@3%,drop@2%', `since=${BEFORE}`));
      expect(json.until).toBe(timeOf(249));
      const periods = await limited.get(pathOf('cut@30s', `since=${BEFORE}`));
      expect(periods.json.until).toBe(timeOf(ROWS - 1));
    } finally {
      await limited.stop();
    }
  });

  it('says the same as csv and ndjson', async () => {
    const rest = `since=${BEFORE}&until=${timeOf(999)}`;
    const strikes = listed(EVERY, [0, 1, 2], 0, 1000);
    const ndjson = await server.get(pathOf(EVERY, `${rest}&format=ndjson`));
    const lines = ndjson.text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual(strikes);
    const csv = await server.get(pathOf(EVERY, `${rest}&format=csv`));
    const [header, ...rows] = csv.text.trimEnd().split('\n');
    const names = header.split(',');
    const read = rows.map((row) => {
      const cells = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
      const texts = cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
      expect(texts).toHaveLength(names.length);
      return Object.fromEntries(names.map((name, n) => [name, texts[n]]).filter(([, v]) => v));
    });
    const asTexts = strikes.map((strike) =>
      Object.fromEntries(Object.entries(strike).map(([name, value]) => [name, String(value)])),
    );
    expect(read).toEqual(asTexts);
    for (const { headers } of [csv, ndjson]) {
      expect(headers.get('tickwell-market')).toBe(server.market.id);
      expect(headers.get('tickwell-since')).toBe(String(BEFORE));
      expect(headers.get('tickwell-until')).toBe(String(timeOf(999)));
      expect(headers.get('tickwell-head')).toBe(null);
    }
  });

  it('writes times as text where that is asked for', async () => {
    const { json } = await server.get(pathOf('cut@5s', `since=${BEFORE}&time=iso`));
    expect(json.since).toBe(new Date(BEFORE).toISOString());
    expect(json.strikes[1].time).toMatch(/^2026-\d\d-\d\dT\d\d:\d\d:\d[05]\.000Z$/);
  });

  it('may be kept for ever if the market and both ends are named', async () => {
    const cacheOf = async (rest: string) => {
      const { headers } = await server.get(pathOf('drop@1%', rest));
      return headers.get('cache-control')?.includes('immutable');
    };
    const market = `market=${server.market.id}`;
    const until = `until=${timeOf(99_999)}`;
    expect(await cacheOf(`since=${BEFORE}&${until}&${market}`)).toBe(true);
    expect(await cacheOf(`since=${BEFORE}&${until}`)).toBe(false);
    expect(await cacheOf(`since=${BEFORE}&${market}`)).toBe(false);
    expect(await cacheOf(`since=now&${until}&${market}`)).toBe(false);
  });

  it('is paid for by what is drawn', async () => {
    const poor = await startTestServer({
      rows: ROWS,
      limits: { workPerSecond: 1_000_000, workBurst: 20_000_000 },
    });
    try {
      const year = `since=${BEFORE}&until=2026-12-31`;
      for (let n = 1; n <= 20; n++) {
        const cheap = await poor.get(pathOf('cut@5s', `${year}&limit=${n}`));
        expect(cheap.status).toBe(200);
      }
      // Fifty million words are more than the rest of what it may have computed.
      const dear = await poor.get(pathOf('drop@0.0001%', year));
      expectError(dear, 'rate_limited', { retryAfterMs: expect.any(Number) });
    } finally {
      await poor.stop();
    }
  });
});

describe('faults of a path, of a server, and with a name of its own', () => {
  const profiles = { 'bad-day': 'drop@7%,flaky-wifi' };
  const rest = `since=${BEFORE}&until=${timeOf(999)}`;

  async function withServer(
    faults: NonNullable<Parameters<typeof startTestServer>[0]>['faults'],
    then: (other: TestServer) => Promise<void>,
  ): Promise<void> {
    const other = await startTestServer({ rows: 10, ...(faults && { faults }) });
    try {
      await then(other);
    } finally {
      await other.stop();
    }
  }

  it('are listed where nothing else is asked for', async () => {
    await withServer({ byDefault: 'drop@9%:4', profiles }, async (other) => {
      const said = async (path: string) => {
        const { json } = await other.get(path);
        return [json.faults, json.faultSeed, json.strikes.length];
      };
      const countOf = (text: string) => listed(text, [0, 1, 2], 0, 1000).length;
      expect(await said(`/v1/faults?${rest}`)).toEqual(['drop@9%', 4, countOf('drop@9%:4')]);
      const cut = ['cut@5s', 8, countOf('cut@5s')];
      expect(await said(`/faulty/cut@5s:8/v1/faults?${rest}`)).toEqual(cut);
      const stale = ['stale@9%', 8, countOf('stale@9%:8')];
      expect(await said(`/faulty/cut@5s:8/v1/faults?faults=stale@9%25&${rest}`)).toEqual(stale);
      const seeded = ['drop@9%', 2, countOf('drop@9%:2')];
      expect(await said(`/v1/faults?faultSeed=2&${rest}`)).toEqual(seeded);
      const [text] = await said(`/v1/faults?faults=bad-day&${rest}`);
      expect(text).toBe(`drop@7%,${parseProfile('flaky-wifi').text}`);
    });
  });

  it('are missing where there are none, and refused where they are off', async () => {
    await withServer(undefined, async (other) => {
      const { json } = await other.get(`/v1/faults?faultSeed=2&${rest}`);
      expect(json.error.message).toMatch(/^faults is missing: /);
    });
    await withServer({ isOff: true }, async (other) => {
      const answer = await other.get(`/v1/faults?faults=drop@1%25&${rest}`);
      expectError(answer, 'faults_off');
      const profiles = await other.get('/v1/faults/profiles');
      expect(profiles.json.isOff).toBe(true);
    });
  });

  it('are told by /v1/faults/profiles, with every kind', async () => {
    const { json } = await server.get('/v1/faults/profiles');
    expect(json.profiles).toEqual(OWN_PROFILES);
    expect(json.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(FAULT_KINDS);
    expect([json.isOff, json.byDefault]).toEqual([false, undefined]);
    await withServer({ byDefault: 'bad-day:4', profiles }, async (other) => {
      const own = (await other.get('/v1/faults/profiles')).json;
      const text = `drop@7%,${parseProfile('flaky-wifi').text}`;
      expect(own.byDefault).toEqual({ faults: text, faultSeed: 4 });
      expect(own.profiles).toEqual([...OWN_PROFILES, { name: 'bad-day', text }]);
    });
  });
});
