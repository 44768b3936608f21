import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrowOf, bodyOf, textOf } from '../helpers/bodies.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  UNHURRIED,
} from '../helpers/server.ts';

/** Parts have 43,690 rows of three instruments: this is some of them, and a bit. */
const ROWS = 200_000;
const SOME = `since=${ORIGIN + 3 * INTERVAL}&until=${ORIGIN + 150_000 * INTERVAL}`;
const FROM = 4;
const NEXT = 150_001;

let server: TestServer;

beforeAll(async () => {
  const limits = { ...UNHURRIED, maxPricesPerAnswer: 60_000 };
  server = await startTestServer({ rows: ROWS, limits });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What the pages of an answer say together, each beginning where the last one ended. */
async function pages(format: 'csv' | 'ndjson'): Promise<string> {
  let text = '';
  const until = ORIGIN + (NEXT - 1) * INTERVAL;
  for (let since = ORIGIN + (FROM - 1) * INTERVAL; since < until; ) {
    const page = await bodyOf(server, `/v1/rows?since=${since}&until=${until}&format=${format}`);
    const lines = textOf(page);
    text += format === 'csv' && text !== '' ? lines.slice(lines.indexOf('\n') + 1) : lines;
    since = Number(page.headers.get('tickwell-until'));
  }
  return text;
}

describe('a whole range', () => {
  it.each(['csv', 'ndjson'] as const)('in %s is all its pages, byte by byte', async (format) => {
    const path = `/v1/rows?${SOME}&format=${format}&whole=true`;
    const body = await bodyOf(server, path);
    const { status, headers } = body;
    expect(status).toBe(200);
    expect(headers.get('content-length')).toBe(null);
    expect(headers.get('tickwell-since')).toBe(String(ORIGIN + (FROM - 1) * INTERVAL));
    expect(headers.get('tickwell-until')).toBe(String(ORIGIN + (NEXT - 1) * INTERVAL));
    // Not by toBe: megabytes of difference would be shown.
    expect(textOf(body) === (await pages(format))).toBe(true);
  });

  it('in arrow is one table of several batches', async () => {
    const table = arrowOf(await bodyOf(server, `/v1/rows?${SOME}&format=arrow&whole=true`));
    expect(table.batches.length).toBeGreaterThan(2);
    expect(table.numRows).toBe(NEXT - FROM);
    const about = table.schema.metadata;
    expect(about.get('since')).toBe(String(ORIGIN + (FROM - 1) * INTERVAL));
    expect(about.get('until')).toBe(String(ORIGIN + (NEXT - 1) * INTERVAL));
    const times = table.getChild('time')!;
    expect([times.get(0), times.get(NEXT - FROM - 1)].map(Number)).toEqual([
      ORIGIN + FROM * INTERVAL,
      ORIGIN + (NEXT - 1) * INTERVAL,
    ]);
    for (const [column, { symbol }] of server.market.instruments.entries()) {
      const prices: Int32Array = table.getChild(symbol)!.toArray();
      const made = Int32Array.from(pricesOf(server.market, column, FROM, NEXT));
      expect(prices.length).toBe(made.length);
      expect(
        prices.findIndex((price, row) => price !== made[row]),
        symbol,
      ).toBe(-1);
    }
  });

  it.each(['csv', 'ndjson', 'arrow'] as const)('without rows is right in %s', async (format) => {
    const empty = `since=${ORIGIN}&until=${ORIGIN}&format=${format}`;
    const whole = await bodyOf(server, `/v1/rows?${empty}&whole=true`);
    const byDefault = await bodyOf(server, `/v1/rows?${empty}`);
    expect(whole.bytes).toEqual(byDefault.bytes);
  });

  it('has fields and a limit like any other, and ends at the head', async () => {
    const asked = 'fields=last,volume&symbols=ticker_1&format=csv&whole=true';
    const some = await bodyOf(server, `/v1/rows?since=${ORIGIN}&limit=70000&${asked}`);
    const lines = textOf(some).trimEnd().split('\n');
    expect(lines).toHaveLength(70_001);
    expect(lines[0]).toBe('time,ticker_1.last,ticker_1.volume');
    const newest = await bodyOf(server, `/v1/rows?last=100000&${asked}`);
    expect(textOf(newest).trimEnd().split('\n')).toHaveLength(100_001);
    expect(newest.headers.get('tickwell-until')).toBe(newest.headers.get('tickwell-head'));
  });

  it.each([
    ['whole=true', 'whole', 'json'],
    ['whole=true&format=bin', 'whole', 'bin'],
    ['whole=yes&format=csv', 'whole', 'yes'],
    ['whole=&format=csv', 'whole', ''],
  ])('is refused as %s', async (query, field, given) => {
    const answer = await server.get(`/v1/rows?since=${ORIGIN}&${query}`);
    expectError(answer, 'bad_request');
    expectSentence(answer.json.error.message, field, given);
  });

  it('is not made for who asks for its head', async () => {
    const before = server.server.feed.history.regeneratedPrices;
    // Of blocks that nobody has read before.
    const path = `/v1/rows?since=${ORIGIN + 170_000 * INTERVAL}&format=csv&whole=true&symbols=ticker_2`;
    const { status, headers } = await server.get(path, { method: 'HEAD' });
    expect([status, headers.get('tickwell-market')]).toEqual([200, server.market.id]);
    expect(server.server.feed.history.regeneratedPrices).toBe(before);
  });
});

describe('a whole range that is long', () => {
  const spec = { count: 20, capacity: 100 };
  const rows = 20_000_000;
  const nowMs = ORIGIN + (rows - 1) * INTERVAL;
  const clock = { nowMs: () => nowMs, steadyMs: () => performance.now() };
  const request = `GET /v1/rows?since=${ORIGIN}&format=csv&whole=true HTTP/1.1\r\nhost: localhost\r\n\r\n`;

  it('is made no further than its client reads, and no longer than it is there', async () => {
    const own = await startTestServer({ spec, clock });
    const { history } = own.server.feed;
    const socket = connect(Number(new URL(own.server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(request);
    // Of 400 million prices, what fits the buffers on the way.
    await expect.poll(() => history.regeneratedPrices).toBeGreaterThan(0);
    const seen: number[] = [];
    await expect
      .poll(() => {
        seen.push(history.regeneratedPrices);
        return seen.length > 5 && seen.at(-1) === seen.at(-5);
      })
      .toBe(true);
    expect(seen.at(-1)).toBeLessThan(20_000_000);
    // It goes on when the client reads, and ends with it.
    socket.resume();
    await expect.poll(() => history.regeneratedPrices).toBeGreaterThan(2 * seen.at(-1)!);
    socket.destroy();
    await expect
      .poll(async () => {
        const before = history.regeneratedPrices;
        await new Promise((done) => setTimeout(done, 100));
        return history.regeneratedPrices - before;
      })
      .toBe(0);
    expect(own.failures).toEqual([]);
    await own.stop();
  });

  it('of more instruments than blocks are kept of pays for the blocks it has made', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1000, workBurst: 20_000_000 };
    const own = await startTestServer({ spec: { ...spec, count: 600 }, clock, limits });
    // Of 600 columns, two blocks each, for 30,000 prices: more than all that there is.
    await bodyOf(own, `/v1/rows?since=${ORIGIN}&limit=50&format=csv&whole=true`);
    expectError(await own.get('/v1/rows?last=1'), 'rate_limited', {
      retryAfterMs: expect.any(Number),
    });
    await own.stop();
  });

  it('waits for its work to be paid, and is refused nothing', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 60_000_000, workBurst: 10_000_000 };
    const own = await startTestServer({ spec, clock, limits });
    const path = `/v1/rows?since=${ORIGIN}&limit=20000&format=csv&whole=true`;
    const startMs = performance.now();
    const body = await bodyOf(own, path);
    expect(body.status).toBe(200);
    // 400,000 prices of 70 units each, a third of which is there at first.
    expect(performance.now() - startMs).toBeGreaterThan(250);
    expect(textOf(body).trimEnd().split('\n')).toHaveLength(20_001);
    await own.stop();
  });
});
