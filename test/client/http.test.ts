import { describe, expect, test } from 'vitest';
import { ClientError } from '../../src/client/error.ts';
import {
  type Fetch,
  fetchCandles,
  fetchRows,
  fetchSparklines,
  market,
} from '../../src/client/http.ts';
import { httpUrl, streamUrl } from '../../src/client/url.ts';

const url = 'http://somewhere:8080/feeds';

/** A `fetch` that always answers this, and what it was asked for. */
function answering(body: unknown, status = 200, headers: Record<string, string> = {}) {
  const asked: string[] = [];
  const fetch: Fetch = async (from) => {
    asked.push(from);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Response(text, { status, headers });
  };
  return { asked, fetch };
}

const thrownBy = (promise: Promise<unknown>): Promise<ClientError> =>
  promise.then(
    () => expect.fail('it should have thrown'),
    (error) => error,
  );

describe('a call', () => {
  test('asks for what its options say, and gives the answer as it is', async () => {
    const answer = { market: 'm1', prices: [[1]] };
    const { asked, fetch } = answering(answer);
    const symbols = ['a', 'b'];
    expect(await market({ url, fetch })).toEqual(answer);
    await fetchRows({ url, fetch, symbols, since: '2026-01-31T14:00:00+02:00', limit: 3 });
    await fetchRows({ url: new URL(url), fetch, market: 'm1', symbols: '*', last: 5 });
    await fetchRows({ url, fetch, since: 0, until: 1_000 });
    await fetchCandles({ url, fetch, symbol: 'a', resolution: '1m', from: 0, count: 2 });
    await fetchCandles({ url, fetch, symbol: 'a', resolution: '1m', from: 0, to: 60_000 });
    await fetchCandles({ url, fetch, symbol: 'a', resolution: '1m', last: 2 });
    await fetchSparklines({ url, fetch, symbols, points: 9, spanMs: 60_000 });
    await fetchSparklines({ url, fetch });
    expect(asked.map((from) => from.replace(`${url}/v1/`, ''))).toEqual([
      'market',
      'rows?symbols=a%2Cb&since=2026-01-31T14%3A00%3A00%2B02%3A00&limit=3',
      'rows?market=m1&symbols=*&last=5',
      'rows?since=0&until=1000',
      'candles?symbol=a&resolution=1m&from=0&count=2',
      'candles?symbol=a&resolution=1m&from=0&to=60000',
      'candles?symbol=a&resolution=1m&last=2',
      'sparklines?symbols=a%2Cb&points=9&span=60000',
      'sparklines',
    ]);
  });

  test('refuses options that it does not have, whether the server has them or not', async () => {
    const { asked, fetch } = answering({ market: 'm1' });
    const one = { url, fetch, symbol: 'a', resolution: '1m', last: 2 };
    const calls: readonly (readonly [string, (own: object) => Promise<unknown>])[] = [
      ['timezone format prices singal', (own) => fetchCandles({ ...one, ...own })],
      ['symbol from whole time', (own) => fetchRows({ url, fetch, last: 1, ...own })],
      ['span', (own) => fetchSparklines({ url, fetch, ...own })],
      ['symbols', (own) => market({ url, fetch, ...own })],
    ];
    for (const [names, call] of calls) {
      for (const name of names.split(' ')) {
        const { code, message } = await thrownBy(call({ [name]: 'x' }));
        expect([code, message]).toEqual([
          'bad_request',
          expect.stringContaining(`unknown option "${name}"; there are url signal fetch market`),
        ]);
      }
    }
    const { message } = await thrownBy(calls[0]![1]({ zone: 'x' }));
    expect(message).toMatch(/ resolution tz offset /);
    expect(asked).toEqual([]);
  });

  test('throws the error that the server answers', async () => {
    const body = { error: { code: 'cursor_ahead', message: 'Too far.', head: 7 } };
    const { fetch } = answering(body, 400);
    const error = await thrownBy(fetchRows({ url, fetch, since: 9 }));
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({
      code: 'cursor_ahead',
      message: 'Too far.',
      status: 400,
      retry: true,
      retryAfterMs: undefined,
      details: { head: 7 },
    });
  });

  test('says when to come back, by the error or by the header', async () => {
    const error = { code: 'not_ready', message: 'Soon.' };
    const byHeader = answering({ error }, 503, { 'retry-after': '2' });
    expect((await thrownBy(market({ url, fetch: byHeader.fetch }))).retryAfterMs).toBe(2_000);
    const byError = answering({ error: { ...error, retryAfterMs: 350 } }, 503, {
      'retry-after': '1',
    });
    expect((await thrownBy(market({ url, fetch: byError.fetch }))).retryAfterMs).toBe(350);
  });

  test('tells a network that fails from a server that says no', async () => {
    const cause = new TypeError('fetch failed');
    const fetch: Fetch = () => Promise.reject(cause);
    const error = await thrownBy(market({ url, fetch }));
    expect(error).toMatchObject({ code: 'unreachable', status: undefined, retry: true, cause });
  });

  test('tells an answer that broke off', async () => {
    const text = () => Promise.reject(new TypeError('terminated'));
    const fetch: Fetch = async () => ({ status: 200, headers: new Headers(), text });
    expect(await thrownBy(market({ url, fetch }))).toMatchObject({ code: 'unreachable' });
  });

  test.each([
    ['a page', '<html>', 200, false],
    ['nothing', '', 200, false],
    ['an answer of something else', '{"hello":1}', 200, false],
    ['null', 'null', 200, false],
    ["a proxy's error", '<html>', 502, true],
    ["a proxy's limit", '{"error":"slow down"}', 429, true],
  ])('does not take %s for an answer', async (_, body, status, retry) => {
    const { fetch } = answering(body, status);
    const error = await thrownBy(market({ url, fetch }));
    expect(error).toMatchObject({ code: 'unexpected_answer', status, retry });
  });

  test('refuses the answer of another market', async () => {
    const { fetch } = answering({ market: 'm2' });
    const error = await thrownBy(fetchSparklines({ url, fetch, market: 'm1' }));
    expect(error).toMatchObject({ code: 'market_changed', details: { market: 'm2' } });
  });

  test('is given up by its signal, with what the signal says', async () => {
    const controller = new AbortController();
    const fetch: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason));
      });
    const asked = thrownBy(market({ url, fetch, signal: controller.signal }));
    controller.abort();
    expect((await asked).name).toBe('AbortError');
  });
});

describe('the address of a server', () => {
  test.each([
    ['http://a', 'http://a/v1/rows', 'ws://a/v1/stream'],
    ['https://a:8/b/', 'https://a:8/b/v1/rows', 'wss://a:8/b/v1/stream'],
    ['https://a/b?s=1#c', 'https://a/b/v1/rows', 'wss://a/b/v1/stream'],
    ['ws://a/v1/stream', 'http://a/v1/rows', 'ws://a/v1/stream'],
    ['wss://a/b/v1/stream?key=1', 'https://a/b/v1/rows', 'wss://a/b/v1/stream?key=1'],
    ['ws://a', 'http://a/v1/rows', 'ws://a/v1/stream'],
  ])('%s', (server, http, stream) => {
    expect(httpUrl(server, 'v1/rows').href).toBe(http);
    expect(streamUrl(new URL(server))).toBe(stream);
  });

  test.each(['', 'localhost:8080', '/v1', 'ftp://a'])('is not %j', (server) => {
    expect(() => streamUrl(server)).toThrow(expect.objectContaining({ code: 'bad_url' }));
  });
});
