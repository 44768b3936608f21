import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { FaultProxy } from '../helpers/fault-proxy.ts';
import { marketOf } from '../helpers/market.ts';
import { Oracle } from '../helpers/row-log.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import { Reader } from './reader.ts';
import { headOf, killAll, limitArgs, marketArgs, ServerProcess } from './server-process.ts';

const INTERVAL = 20;
const SPEC = { seed: 5, count: 20, interval: INTERVAL, capacity: 100 };
/** All of them shorter than the server stands still, so that it could take everyone for gone. */
const LIMITS = {
  stallMs: 4000,
  pongMs: 3500,
  pingMs: 1000,
  heartbeatMs: 1500,
  firstRequestMs: 3500,
};
const FROZEN_MS = 5000;
/** Long enough for everyone whose time ran out meanwhile to be cut. */
const AFTERWARDS_MS = 4000;

/** Of pongs on their way: some are always owed, also at the moment at which the server stops. */
const DELAY_MS = 300;

let testServer: TestServer | undefined;
let proxy: FaultProxy | undefined;

afterEach(async () => {
  await killAll();
  await testServer?.stop();
  testServer = undefined;
  await proxy?.close();
  proxy = undefined;
});

/** Readers of both encodings, from different rows on and some way off, that are live. */
async function liveReaders(port: number, oracle: Oracle, headMs: number): Promise<Reader[]> {
  const between = await FaultProxy.before(port);
  proxy = between;
  between.set({ delayMs: DELAY_MS });
  const readers = Array.from({ length: 20 }, (_, n) => {
    const sinceMs = headMs - 10 * n * INTERVAL;
    return new Reader({ port: between.port, oracle, sinceMs, isBinary: n % 2 === 1 });
  });
  await eventually(() => {
    for (const { log } of readers) expect(log.cursorMs).toBeGreaterThan(headMs);
  });
  return readers;
}

/** All of them are live again, and missed nothing. */
async function expectUnharmed(readers: readonly Reader[]): Promise<void> {
  const nowMs = Date.now();
  await eventually(() => {
    for (const { log } of readers) expect(log.cursorMs).toBeGreaterThan(nowMs);
  });
  for (const { log, ending, words } of readers) {
    expect(ending).toBeUndefined();
    expect(String(log)).toBe('0 gaps, 0 duplicates, 0 differences');
    expect(words.filter((word) => word !== 'heartbeat')).toEqual(['hello', 'subscribed']);
  }
}

describe('a server that stands still for 5 s loses no row and cuts no client that reads', () => {
  it('when its process is stopped, as that of a machine that sleeps', async () => {
    const args = [...marketArgs(SPEC), ...limitArgs(LIMITS)];
    const server = await ServerProcess.start({ args });
    const oracle = new Oracle(marketOf(SPEC));
    const readers = await liveReaders(server.port, oracle, await headOf(server));

    server.signal('SIGSTOP');
    await sleep(FROZEN_MS);
    const newestMs = Math.max(...readers.map(({ log }) => log.cursorMs));
    expect(Date.now() - newestMs).toBeGreaterThan(FROZEN_MS - 1000);
    server.signal('SIGCONT');
    await sleep(AFTERWARDS_MS);
    await expectUnharmed(readers);
  });

  it('when its event loop is held up, and those of its clients with it', async () => {
    testServer = await startTestServer({ spec: SPEC, clock: systemClock, limits: LIMITS });
    const { server, market } = testServer;
    const port = Number(new URL(server.url).port);
    const headMs = testServer.timeOf(server.feed.head - 1);
    const readers = await liveReaders(port, new Oracle(market), headMs);

    const untilMs = performance.now() + FROZEN_MS;
    while (performance.now() < untilMs);
    await sleep(AFTERWARDS_MS);
    await expectUnharmed(readers);
    expect(testServer.failures).toEqual([]);
  });
});
