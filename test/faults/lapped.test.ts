import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
import { Oracle } from '../helpers/row-log.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import { Reader } from './reader.ts';
import { headOf, killAll, marketArgs, ServerProcess } from './server-process.ts';

let testServer: TestServer | undefined;

afterEach(async () => {
  await killAll();
  await testServer?.stop();
  testServer = undefined;
});

describe('a socket that stalls while the ring wraps three times', () => {
  it('is then sent the rows that are in the ring no more, as they were', async () => {
    // A row is 600 bytes of JSON: within a second more is unread than may be.
    const spec = { seed: 11, count: 100, interval: 2, capacity: 200 };
    const wrapMs = spec.capacity * spec.interval;
    const server = await ServerProcess.start({ args: marketArgs(spec) });
    const sinceMs = await headOf(server);
    const oracle = new Oracle(marketOf(spec));
    const readers = [false, true].map(
      (isBinary) => new Reader({ port: server.port, oracle, sinceMs, isBinary }),
    );
    await eventually(() => {
      for (const { log } of readers) expect(log.rows).toBeGreaterThan(50);
    });

    for (const reader of readers) reader.readAt(0);
    const fromMs = await headOf(server);
    let headMs = fromMs;
    while (headMs < fromMs + 3 * wrapMs + 1500) {
      await sleep(50);
      headMs = await headOf(server);
    }
    for (const reader of readers) {
      expect(reader.log.cursorMs).toBeLessThan(headMs - 3 * wrapMs);
      reader.readAt(Number.POSITIVE_INFINITY);
    }
    await eventually(() => {
      for (const { log } of readers) expect(log.cursorMs).toBeGreaterThan(headMs);
    });

    for (const { log, words, ending } of readers) {
      expect(String(log)).toBe('0 gaps, 0 duplicates, 0 differences');
      expect(words).toEqual(['hello', 'subscribed']);
      expect(ending).toBeUndefined();
    }
  });

  it('leaves megabytes of frames in the server, none of which changes with the ring', async () => {
    // 9 MB of JSON: the kernel takes 4 MB at most, the rest waits in the server's memory.
    const spec = { count: 300, capacity: 5000 };
    const rows = 5000;
    testServer = await startTestServer({ spec, rows, limits: { maxUnreadBytes: 2 ** 26 } });
    const { market, clock, timeOf } = testServer;
    const port = Number(new URL(testServer.server.url).port);
    const reader = new Reader({ port, oracle: new Oracle(market), sinceMs: timeOf(-1) });
    reader.stopAfter('subscribed');
    const sentBytes = async () => {
      const { text } = await testServer!.get('/metrics');
      return Number(/^tickwell_sent_bytes_total (\S+)$/m.exec(text)?.[1]);
    };
    await eventually(async () => expect(await sentBytes()).toBeGreaterThan(8.5e6));
    const { head } = testServer.server.feed;
    for (let wraps = 1; wraps <= 3; wraps++) {
      clock.pass(spec.capacity * market.grid.intervalMs);
      const { feed } = testServer.server;
      await eventually(() => expect(feed.head).toBe(head + wraps * spec.capacity));
    }

    expect(reader.readBytes).toBeLessThan(100_000);
    reader.readAt(Number.POSITIVE_INFINITY);
    await eventually(() => expect(reader.log.rows).toBeGreaterThan(rows + 100));
    expect(String(reader.log)).toBe('0 gaps, 0 duplicates, 0 differences');
    reader.destroy();
  });
});
