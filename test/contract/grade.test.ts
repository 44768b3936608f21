import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRADED_FORMATS, MEDIA_TYPES } from '../../src/protocols/tickwell/formats/format.ts';
import { deciderOf, rowsThatCome } from '../helpers/faults.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  UNHURRIED,
} from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';
import { StubbornClient } from '../helpers/tcp.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function grade(
  body: string | Uint8Array | ReadableStream,
  query = '',
  headers: Readonly<Record<string, string>> = { 'content-type': 'text/csv' },
) {
  const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
  return server.get(`/v1/grade${query}`, init);
}

const rows = async (query: string) => (await server.get(`/v1/rows?${query}`)).text;

describe('POST /v1/grade', () => {
  it.each(GRADED_FORMATS)('finds right what /v1/rows writes as %s', async (format) => {
    const text = Buffer.from(
      await (await fetch(`${server.server.url}/v1/rows?last=500&format=${format}`)).arrayBuffer(),
    );
    const [type] = MEDIA_TYPES[format];
    for (const headers of [
      { 'content-type': type },
      { 'content-type': `${type}; charset=utf-8` },
    ]) {
      const { status, json, headers: said } = await grade(text, '', headers);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        right: true,
        what: 'rows',
        market: server.market.id,
        from: server.timeOf(500),
        until: server.timeOf(999),
        records: 1500,
      });
      expect(Object.keys(json.symbols)).toEqual(['ticker_0', 'ticker_1', 'ticker_2']);
      expect(said.get('cache-control')).toBe('no-store');
      expect(said.get('content-type')).toBe('application/json; charset=utf-8');
    }
    // Bytes tell by themselves what they are.
    const bare = await grade(text, '', { 'content-type': 'application/octet-stream' });
    expect(bare.json).toMatchObject({ right: true, records: 1500 });
  });

  it('finds right what /v1/candles and /v1/trades write', async () => {
    const candles = await server.get(
      '/v1/candles?symbols=*&resolution=1s&count=9&format=csv&from=2026-01-05',
    );
    const asked = '?what=candles&resolution=1s';
    expect((await grade(candles.text, asked)).json).toMatchObject({ right: true, records: 27 });
    const trades = await server.get('/v1/trades?symbol=ticker_1&last=50&format=csv');
    const own = '?what=trades&symbols=ticker_1';
    expect((await grade(trades.text, own)).json).toMatchObject({ right: true, records: 50 });
  });

  it('finds right decimals and texts, of a market with an entry, by the id from there on', async () => {
    const other = await startTestServer();
    try {
      const taken = await other.get('/v1/control/events', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'shift', percent: 5, symbol: 'ticker_1' }),
      });
      other.clock.pass(2000);
      const query = 'last=150&format=csv&prices=decimal&time=iso';
      await expect
        .poll(async () => (await other.get(`/v1/rows?${query}`)).headers.get('tickwell-market'))
        .toBe(taken.json.market);
      const { text } = await other.get(`/v1/rows?${query}`);
      const init = { method: 'POST', body: text, headers: { 'content-type': 'text/csv' } };
      const { json } = await other.get('/v1/grade?prices=decimal', init);
      expect(json).toMatchObject({ right: true, market: taken.json.market });
      const without = await grade(text, '?prices=decimal');
      expect(without.json.symbols.ticker_1.right).toBe(false);
    } finally {
      await other.stop();
    }
  });

  it('says what is wrong, of each symbol', async () => {
    const text = await rows('last=100&format=csv&symbols=ticker_0');
    const lines = text.trimEnd().split('\n');
    const spoilt = [...lines.slice(0, 10), ...lines.slice(11, 51), ...lines.slice(50)];
    const { json } = await grade(`${spoilt.join('\n')}\n`);
    const at = (line: number) => server.timeOf(900 + line - 1);
    expect(json).toMatchObject({
      right: false,
      symbols: {
        ticker_0: {
          missing: { count: 1, ranges: [[at(10), at(10)]], isCut: false },
          twice: { count: 1, ranges: [[at(50), at(50)]], isCut: false },
        },
      },
    });
  });

  it('tells nothing of rows that are not there yet', async () => {
    const times = [999, 1000, 1500].map((index) => `${server.timeOf(index)},ticker_0,0\n`);
    const { json } = await grade(`time,symbol,price\n${times.join('')}`);
    const { offGrid, wrong, missing } = json.symbols.ticker_0;
    expect(offGrid).toEqual({ count: 2, first: [server.timeOf(1000), server.timeOf(1500)] });
    expect(wrong.count).toBe(1);
    expect(missing.count).toBe(0);
    // What is asked for ends with the newest row.
    const asked = `?symbols=ticker_0&since=${server.timeOf(989)}&until=2027-01-01`;
    const all = await grade('time,symbol,price\n', asked);
    expect(all.json).toMatchObject({ until: server.timeOf(999), records: 0, right: false });
    expect(all.json.symbols.ticker_0.missing.count).toBe(10);
  });

  it('waits for rows that are due: another worker may have told of them', async () => {
    const late = await startTestServer();
    try {
      const all = pricesOf(late.market, 0, 0, 1400);
      for (let head = 1000; head < 1400; head += 20) {
        late.clock.pass(20 * INTERVAL);
        const lines = Array.from({ length: 20 }, (_, n) => {
          return `${late.timeOf(head + n)},ticker_0,${all[head + n]}\n`;
        });
        const body = `time,symbol,price\n${lines.join('')}`;
        const init = { method: 'POST', body, headers: { 'content-type': 'text/csv' } };
        const { json } = await late.get('/v1/grade', init);
        expect(json).toMatchObject({ right: true, records: 20 });
      }
    } finally {
      await late.stop();
    }
  });

  it('takes what gzip has packed', async () => {
    const packed = gzipSync(await rows('last=500&format=csv'));
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
    const { json } = await grade(packed, '', headers);
    expect(json).toMatchObject({ right: true, records: 1500 });
    const torn = await grade(packed.subarray(0, -20), '', headers);
    expectError(torn, 'bad_request');
    expectSentence(torn.json.error.message, 'the body', 'Z_BUF_ERROR');
    const wrong = await grade('time,ticker_0\n', '', headers);
    expectSentence(wrong.json.error.message, 'the body', 'Z_DATA_ERROR');
    const other = await grade('', '', { ...headers, 'content-encoding': 'br' });
    expectError(other, 'unsupported_media_type');
    expectSentence(other.json.error.message, 'Content-Encoding of the body', 'br');
  });

  it('takes bodies of any length, in any pieces', async () => {
    const head = 'time,symbol,price\n';
    const line = `${server.timeOf(5)},ticker_0,${(await rows('format=csv&symbols=ticker_0&last=995')).split('\n')[1]!.split(',')[1]}\n`;
    const piece = Buffer.from(line.repeat(2000));
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pieces === 0) controller.enqueue(Buffer.from(head));
        pieces += 1;
        if (pieces > 200) controller.close();
        else controller.enqueue(piece);
      },
    });
    const { json } = await grade(body);
    expect(json.symbols.ticker_0).toMatchObject({ records: 400_000, wrong: { count: 0 } });
    expect(json.symbols.ticker_0.twice.count).toBe(399_999);
  });

  it.each<[query: string, field: string, given: string]>([
    ['?what=row', 'unknown kind', 'row'],
    ['?what=candles', 'resolution', 'nothing'],
    ['?resolution=1m', 'resolution', '1m'],
    ['?held=no', 'held', 'no'],
    ['?held=false', 'held', 'false'],
    ['?prices=x', 'unknown notation of prices', 'x'],
    ['?format=xml', 'unknown format', 'xml'],
    ['?since=x', 'since', 'x'],
    ['?since=2026-01-05&until=2026-01-05', 'until', '2026-01-05'],
    ['?symbols=', 'symbols', ''],
    ['?what=candles&resolution=1m&tz=Nowhere', 'unknown tz', 'Nowhere'],
    ['?simbols=ticker_0', 'unknown parameter', 'simbols'],
  ])('refuses %s in a sentence', async (query, field, given) => {
    const answer = await grade('time,ticker_0\n', query);
    expect(answer.status).toBe(400);
    expectSentence(answer.json.error.message, field, given);
  });

  it('refuses other symbols, markets and types by their codes', async () => {
    expectError(await grade('', '?symbols=ticker_9'), 'unknown_symbol');
    expectError(await grade('time,ticker_9\n'), 'unknown_symbol');
    const { id } = server.market;
    const changed = await grade('', '?market=0123456789abcdef');
    expectError(changed, 'market_changed', { market: id });
    const json = await grade('{}', '', { 'content-type': 'application/json' });
    expectError(json, 'unsupported_media_type');
    expectSentence(json.json.error.message, 'Content-Type of the body', 'application/json');
    expectError(await server.get('/v1/grade'), 'not_found');
    expectError(await grade(''), 'bad_request');
    const none = await server.get('/v1/grade', { method: 'POST' });
    expectError(none, 'bad_request');
  });

  it('names the line that is wrong, and answers before the rest has come', async () => {
    const bad = `time,symbol,price\n${ORIGIN},ticker_0,1\nnow,ticker_0,1\n`;
    const { json, status } = await grade(bad);
    expect([status, json.error.code, json.error.line]).toEqual([400, 'bad_request', 3]);
    // All that is left is read past, and the connection goes on.
    const head = `POST /v1/grade HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\n`;
    const rest = 'x'.repeat(300_000);
    const length = bad.length + rest.length;
    const next = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
    const client = new StubbornClient(
      server.server.url,
      `${head}content-length: ${length}\r\n\r\n${bad}`,
    );
    await expect.poll(() => client.received).toContain('line 3: time must be');
    client.write(rest);
    client.write(next);
    const all = await client.answered;
    expect(all.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('is not open to pages of other origins, and asks to be ready', async () => {
    const foreign = await grade('', '', {
      'content-type': 'text/csv',
      origin: 'http://example.com',
    });
    expectError(foreign, 'bad_origin');
  });
});

describe('a recording of a faulty stream', () => {
  const PROFILE = 'drop@4%,duplicate@4%,corrupt:ticks@3%,stale@3%';
  const FAULTS = `faults=${encodeURIComponent(PROFILE)}&faultSeed=7`;
  let faulty: TestServer;

  beforeAll(async () => {
    faulty = await startTestServer();
  });

  afterAll(() => faulty.stop());

  const indexOf = (time: number) => (time - ORIGIN) / INTERVAL;

  it('has an excuse for all that is wrong, and none once it is not', async () => {
    const url = `${faulty.server.url.replace('http', 'ws')}/v1/stream?${FAULTS}`;
    const socket = new TestSocket(url);
    await socket.next('hello');
    const subscribe = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    const { since: start } = await socket.ask(subscribe, 'subscribed');
    faulty.clock.pass(400 * INTERVAL);
    const end = faulty.clock.nowMs();
    const decider = deciderOf(faulty.market, PROFILE, 7);
    const coming = rowsThatCome(decider, indexOf(start) + 1, indexOf(end) + 1);
    let text = 'time,symbol,price\n';
    for (let n = 0; n < coming.length; n++) {
      const { until, prices } = await socket.next('rows');
      for (const [column, [price]] of (prices as number[][]).entries()) {
        text += `${until},ticker_${column},${price}\n`;
      }
    }
    await socket.close();

    const range = `symbols=*&since=${start}&until=${end}`;
    const post = async (body: string, faults: string) => {
      const init = { method: 'POST', body, headers: { 'content-type': 'text/csv' } };
      return (await faulty.get(`/v1/grade?${range}&${faults}`, init)).json;
    };
    const graded = await post(text, FAULTS);
    expect(graded.right).toBe(false);
    expect([graded.faults.profile, graded.faults.seed]).toEqual([PROFILE, 7]);
    expect(Object.values(graded.faults.noExcuse)).toEqual([0, 0, 0, 0, 0, 0]);
    const kinds = Object.entries<Record<string, number>>(graded.faults.kinds);
    expect(kinds.map(([kind]) => kind)).toEqual(['drop', 'duplicate', 'corrupt', 'stale']);
    for (const [, { strikes, notRecovered }] of kinds) {
      expect(notRecovered).toBeGreaterThan(0);
      expect(notRecovered).toBeLessThanOrEqual(strikes!);
    }
    // By another seed other rows were struck.
    const other = await post(text, FAULTS.replace(/7$/, '8'));
    expect(other.faults.noExcuse.missing).toBeGreaterThan(0);
    const rows = await faulty.get(`/v1/rows?since=${start}&until=${end}&format=csv`);
    const healthy = await post(rows.text, FAULTS);
    expect(healthy.right).toBe(true);
    for (const { strikes, ...kind } of Object.values<Record<string, number>>(
      healthy.faults.kinds,
    )) {
      expect(kind).toEqual({ recovered: strikes, notRecovered: 0 });
    }
  });

  it.each([
    ['?faults=dorp@1%25', 'unknown fault', 'dorp'],
    ['?faultSeed=7', 'faultSeed', '7'],
    ['?faults=drop@1%25&faultSeed=-1', 'faultSeed', '-1'],
    ['?faults=drop@200%25', 'when of drop in clause 1 of faults', '200%'],
  ])('is refused of %s in a sentence', async (query, field, given) => {
    const answer = await grade('time,ticker_0\n', query);
    expectError(answer, 'bad_request');
    expectSentence(answer.json.error.message, field, given);
  });
});

describe('recordings that are graded at a time', () => {
  it('are as many as the limit says, and the next is told to come again', async () => {
    const busy = await startTestServer({ limits: { ...UNHURRIED, maxGradings: 1 } });
    try {
      const head = 'POST /v1/grade HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\ntime,';
      const client = new StubbornClient(busy.server.url, head);
      const ask = () =>
        busy.get('/v1/grade', {
          method: 'POST',
          body: 'time,x\n',
          headers: { 'content-type': 'text/csv' },
        });
      await expect.poll(async () => (await ask()).status).toBe(429);
      const refused = await ask();
      expectError(refused, 'too_many', { retryAfterMs: 2000 });
      expect(refused.headers.get('retry-after')).toBe('2');
      client.destroy();
      await expect.poll(async () => (await ask()).status).toBe(404);
    } finally {
      await busy.stop();
    }
  });
});
