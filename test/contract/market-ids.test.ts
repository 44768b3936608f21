import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { bodyOf } from '../helpers/bodies.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';

const ROWS = 1000;
/** Where something was done to the market. */
const DONE = 700;

const crash = (index: number, percent = -5): Entry => ({
  key: `crash at ${index}`,
  index,
  effects: [{ kind: 'shift', of: { all: true }, afterMs: 0, percent }],
});

const servers: TestServer[] = [];

/** A server that has lived through these entries, row by row, and has `rows` rows. */
async function lived(entries: readonly Entry[], rows = ROWS): Promise<TestServer> {
  const server = await startTestServer({ rows: 1 });
  servers.push(server);
  for (const entry of entries) server.server.feed.add(entry);
  server.clock.pass((rows - 1) * server.market.grid.intervalMs);
  server.server.feed.advance(server.clock.nowMs());
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

const idsOf = ({ server }: TestServer) => {
  const { timeline } = server.feed;
  return [timeline.idAt(0), timeline.id] as const;
};

/** What says from which row on an answer goes, by the index after the last row one has. */
const FOLLOWED = {
  rows: ({ timeOf }: TestServer, next: number) => `rows?since=${timeOf(next - 1)}`,
  'trades since a row': ({ timeOf }: TestServer, next: number) =>
    `trades?symbol=ticker_0&since=${timeOf(next - 1)}`,
  'trades from a number': ({ server }: TestServer, next: number) =>
    `trades?symbol=ticker_0&fromId=${server.feed.timeline.tradesBefore(0, next)}`,
};

/** What is asked for as a whole, by the index after its last row. */
const WHOLE = {
  candles: ({ timeOf }: TestServer, next: number) =>
    `candles?symbol=ticker_0&resolution=10ms&from=${timeOf(next - 50)}&to=${timeOf(next)}`,
  'candles of several': ({ timeOf }: TestServer, next: number) =>
    `candles?symbols=ticker_0,ticker_2&resolution=20ms&from=${timeOf(next - 50)}&to=${timeOf(next)}`,
  depth: ({ timeOf }: TestServer, next: number) => `depth?symbol=ticker_0&at=${timeOf(next - 1)}`,
};

/** What is always of the newest row. */
const NEWEST = {
  'the last rows': 'rows?last=2',
  'the last trades': 'trades?symbol=ticker_0&last=2',
  'the last candles': 'candles?symbol=ticker_0&resolution=1s&last=2',
  'the newest book': 'depth?symbol=ticker_0',
  'the latest': 'latest?symbols=ticker_0',
  sparklines: 'sparklines?points=4',
  'the settings': 'market?',
};

describe('an answer over HTTP', () => {
  const said = async (server: TestServer, path: string, market?: string) => {
    const named = market === undefined ? '' : `&market=${market}`;
    const { status, json, headers } = await server.get(`/v1/${path}${named}`);
    const own = Array.isArray(json) ? headers.get('tickwell-market') : json?.market;
    return { status, market: json?.error?.market ?? own, code: json?.error?.code };
  };

  it.each(Object.entries(FOLLOWED))(
    '%s goes on from a row that its id speaks for',
    async (_, at) => {
      const server = await lived([crash(DONE)]);
      const [before, after] = idsOf(server);
      for (const next of [1, DONE - 1, DONE]) {
        for (const market of [undefined, before, after]) {
          expect(await said(server, at(server, next), market)).toEqual({
            status: 200,
            market: after,
          });
        }
      }
      const refused = { status: 409, code: 'market_changed', market: after };
      for (const next of [DONE + 1, ROWS]) {
        expect(await said(server, at(server, next), before)).toEqual(refused);
        expect(await said(server, at(server, next), after)).toMatchObject({ status: 200 });
      }
    },
  );

  it.each(Object.entries(WHOLE))('%s is all of an id, or refused', async (_, at) => {
    const server = await lived([crash(DONE)]);
    const [before, after] = idsOf(server);
    const old = at(server, DONE);
    expect(await said(server, old)).toEqual({ status: 200, market: before });
    expect(await said(server, old, before)).toEqual({ status: 200, market: before });
    expect(await said(server, old, after)).toEqual({ status: 200, market: after });
    const young = at(server, DONE + 1);
    const refused = { status: 409, code: 'market_changed', market: after };
    expect(await said(server, young, before)).toEqual(refused);
    expect(await said(server, young, after)).toEqual({ status: 200, market: after });
    expect(await said(server, young)).toEqual({ status: 200, market: after });
  });

  it.each(Object.entries(NEWEST))('%s is of the id in force', async (_, path) => {
    const server = await lived([crash(DONE)]);
    const [before, after] = idsOf(server);
    const refused = { status: 409, code: 'market_changed', market: after };
    expect(await said(server, path)).toEqual({ status: 200, market: after });
    expect(await said(server, path, after)).toEqual({ status: 200, market: after });
    expect(await said(server, path, before)).toEqual(refused);
  });

  it('of a range that ends before an entry says the id of its end, in every format', async () => {
    const server = await lived([crash(DONE)]);
    const [before, after] = idsOf(server);
    const since = server.timeOf(DONE - 11);
    for (const [next, id] of [
      [DONE, before],
      [DONE + 1, after],
    ] as const) {
      for (const format of ['json', 'csv', 'ndjson', 'bin', 'arrow', 'parquet']) {
        const path = `/v1/rows?since=${since}&until=${server.timeOf(next - 1)}&format=${format}`;
        const body = await bodyOf(server, path);
        const { market } = format === 'json' ? JSON.parse(String(Buffer.from(body.bytes))) : {};
        expect([format, market ?? body.headers.get('tickwell-market')]).toEqual([format, id]);
      }
    }
  });

  it('is immutable only if the id that it names speaks for all of it', async () => {
    const server = await lived([crash(DONE)]);
    const [before, after] = idsOf(server);
    const isKept = async (path: string, market: string) => {
      const { status, headers } = await server.get(`/v1/${path}&market=${market}`);
      return status === 200 && headers.get('cache-control')?.includes('immutable');
    };
    const range = (next: number) =>
      `rows?since=${server.timeOf(DONE - 9)}&until=${server.timeOf(next - 1)}`;
    expect(await isKept(range(DONE), before)).toBe(true);
    expect(await isKept(range(DONE), after)).toBe(true);
    expect(await isKept(range(DONE + 1), before)).toBe(false);
    expect(await isKept(range(DONE + 1), after)).toBe(true);
  });

  it('has another tag under another id', async () => {
    const server = await lived([crash(DONE)]);
    const [before, after] = idsOf(server);
    for (const at of [...Object.values(WHOLE), FOLLOWED.rows]) {
      const next = at === FOLLOWED.rows ? 3 : DONE;
      const until = at === FOLLOWED.rows ? `&until=${server.timeOf(9)}` : '';
      const tagOf = async (market: string) => {
        const { headers } = await server.get(`/v1/${at(server, next)}${until}&market=${market}`);
        return headers.get('etag');
      };
      expect(await tagOf(before)).not.toBe(await tagOf(after));
    }
  });
});

describe('two servers to whose market different things were done', () => {
  /** Every route of ours that takes a market, with and without rows behind the entries. */
  const everything = (server: TestServer, next: number) => [
    ...Object.values(FOLLOWED).map((at) => at(server, next)),
    ...Object.values(WHOLE).map((at) => at(server, next)),
    ...Object.values(NEWEST),
    'realism?symbol=ticker_0&rows=1000',
  ];
  const FORMATS: Readonly<Record<string, readonly string[]>> = {
    rows: ['json', 'csv', 'ndjson', 'bin', 'arrow', 'parquet'],
    trades: ['json', 'csv', 'ndjson', 'arrow', 'parquet'],
    candles: ['json', 'csv', 'ndjson', 'arrow', 'parquet'],
    depth: ['json', 'csv', 'ndjson'],
    latest: ['json', 'csv'],
  };
  const inAllFormats = (path: string) =>
    (FORMATS[/^[a-z]+/.exec(path)![0]] ?? ['']).map((format) => {
      return format === '' ? path : `${path}&format=${format}`;
    });
  const WHATS = ['', '&resolution=1s', '&what=trades', '&what=depth', '&delivery=latest'];

  it('never answer for one another, over every route, format and event id', async () => {
    const one = await lived([crash(DONE), crash(DONE + 100)]);
    const other = await lived([crash(DONE), crash(DONE + 50, 7)]);
    const idAt = ({ server }: TestServer, index: number) => server.feed.timeline.idAt(index);
    expect(idAt(one, DONE)).toBe(idAt(other, DONE));
    const end = DONE + 50;
    let asked = 0;
    for (const next of [DONE + 10, end + 1, DONE + 101, ROWS]) {
      const market = idAt(one, next - 1);
      // Whoever followed the one has rows that the other has too, up to its next entry.
      const isSame = next <= end && other.server.feed.timeline.endOf(market) === end;
      for (const path of everything(other, next).flatMap(inAllFormats)) {
        const isFollowed = /^(rows|trades)\?.*(since|fromId)=/.test(path);
        const isWhole = Object.values(WHOLE).some((at) => path.startsWith(at(other, next)));
        const isRealism = path.startsWith('realism');
        const { status } = await other.get(`/v1/${path}&market=${market}`);
        const isKnown = other.server.feed.timeline.endOf(market) !== undefined;
        const expected = (isRealism && isKnown) || (isSame && (isFollowed || isWhole)) ? 200 : 409;
        expect([path, next, status]).toEqual([path, next, expected]);
        asked += 1;
      }
      for (const what of WHATS) {
        const path = `/v1/events?since=now${what}`;
        const headers = { 'last-event-id': `${market}.${other.timeOf(next - 1)}` };
        const { status } = await other.get(path, { method: 'HEAD', headers });
        expect([what, next, status]).toEqual([what, next, isSame ? 200 : 409]);
        const socket = await other.connect();
        const resolution = what === '&resolution=1s' ? { resolution: '1s' } : {};
        const named = what.startsWith('&what') ? { what: what.slice(6) } : resolution;
        const since = other.timeOf(next - 1);
        const request = { type: 'subscribe', id: 1, symbols: '*', since, market, ...named };
        const url = `${other.server.url.replace('http', 'ws')}/v1/stream`;
        const binary = new TestSocket(url, 'tickwell.v1.bin');
        await binary.next('hello');
        for (const reader of [socket, binary]) {
          const { type, code } = await reader.ask(request);
          const expected = isSame ? ['subscribed', undefined] : ['error', 'market_changed'];
          expect([what, next, type, code]).toEqual([what, next, ...expected]);
        }
        await binary.close();
        const fetched = await socket.ask({ type: 'fetch', id: 2, symbols: '*', since, market });
        if (!isSame) expect(fetched).toMatchObject({ type: 'error', code: 'market_changed' });
        await socket.close();
      }
    }
    expect(asked).toBeGreaterThan(150);
  });
});

describe('a reader that has rows from a server whose clock is ahead', () => {
  it('is sent away by an entry before them, and then refused', async () => {
    const server = await lived([]);
    const { feed } = server.server;
    const { id: market } = server.market;
    const [behind, ahead] = [await server.connect(), await server.connect()];
    const asked = { type: 'subscribe', id: 1, symbols: '*', market };
    await behind.ask({ ...asked, since: server.timeOf(ROWS + 4) }, 'subscribed');
    await ahead.ask({ ...asked, since: server.timeOf(ROWS + 5) }, 'subscribed');
    feed.add(crash(ROWS + 5));
    expect(await ahead.next('bye')).toMatchObject({ code: 4006 });
    expect((await ahead.closed).code).toBe(4006);
    const again = await server.connect();
    const refused = await again.ask({ ...asked, since: server.timeOf(ROWS + 5) });
    expect(refused).toMatchObject({ type: 'error', code: 'market_changed' });
    server.clock.pass(10 * server.market.grid.intervalMs);
    expect(await behind.next('market')).toMatchObject({ market: feed.timeline.id });
    expect(await behind.next('rows')).toMatchObject({ since: server.timeOf(ROWS + 4) });
    await behind.close();
    await again.close();
  });
});
