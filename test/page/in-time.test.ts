import { expect, test } from 'vitest';
import { type Fetch, market } from '../../src/client/index.ts';
import { inTime } from '../../src/page/in-time.ts';

/** Answers when it is told to; until then it waits, or is given up. */
function server(begin: Promise<void>, body = Promise.resolve('{"market":"ab"}')) {
  const signals: (AbortSignal | undefined)[] = [];
  const fetch: Fetch = async (_url, { signal }) => {
    signals.push(signal);
    await Promise.race([begin, abortOf(signal)]);
    return { status: 200, headers: { get: () => null }, text: () => body };
  };
  return { fetch, signals };
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

const NEVER = new Promise<void>(() => {});
const URL = 'http://localhost:8080';

test('an answer that never begins is that of a server which cannot be reached', async () => {
  const { fetch } = server(NEVER);
  await expect(market({ url: URL, fetch: inTime(fetch, 20) })).rejects.toMatchObject({
    code: 'unreachable',
  });
});

test('one that has begun may take as long as it comes', async () => {
  const body = new Promise<string>((resolve) => {
    setTimeout(() => resolve('{"market":"ab"}'), 60);
  });
  const { fetch, signals } = server(Promise.resolve(), body);
  expect(await market({ url: URL, fetch: inTime(fetch, 20) })).toEqual({ market: 'ab' });
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
});

test('who asks may still leave, before it begins and while it comes', async () => {
  const leaving = new AbortController();
  const { fetch, signals } = server(Promise.resolve());
  await inTime(fetch)(URL, { signal: leaving.signal });
  leaving.abort();
  expect(signals[0]?.aborted).toBe(true);

  const early = new AbortController();
  const { signal } = early;
  const gone = market({ url: URL, fetch: inTime(server(NEVER).fetch), signal });
  early.abort();
  await expect(gone).rejects.toBe(signal.reason);
});
