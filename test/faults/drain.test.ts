import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Balancer } from '../helpers/balancer.ts';
import { eventually } from '../helpers/eventually.ts';
import { rolling } from './rolling.ts';
import { killAll, marketArgs, ServerProcess } from './server-process.ts';

const SPEC = { count: 5, interval: 1000, capacity: 100 };

afterEach(killAll);

function start(drain: string, ...args: string[]): Promise<ServerProcess> {
  return ServerProcess.start({ args: [...marketArgs(SPEC), '--drain', drain, ...args] });
}

async function reasonOf({ url }: ServerProcess): Promise<unknown> {
  const answer = await fetch(`${url}/readyz`);
  const { error } = (await answer.json()) as { error?: { reason: string } };
  return error?.reason;
}

describe('a program that is told to end', () => {
  it.each([[[]], [['--workers', '2']]])(
    'serves on for its drain, and says so, with %j',
    async (args) => {
      const server = await start('2s', ...args);
      const startMs = performance.now();
      server.signal('SIGTERM');
      await eventually(async () => expect(await reasonOf(server)).toBe('draining'));
      expect((await fetch(`${server.url}/v1/market`)).status).toBe(200);
      expect(await server.ended).toBe(0);
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(2000);
    },
    60_000,
  );

  it('begins its stop at a second signal, and at Ctrl-C', async () => {
    const server = await start('10m');
    server.signal('SIGTERM');
    await eventually(async () => expect(await reasonOf(server)).toBe('draining'));
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    const other = await start('10m');
    other.signal('SIGINT');
    expect(await other.ended).toBe(0);
  }, 60_000);

  it('ends with its drain although each of its processes was told to', async () => {
    const server = await start('2s', '--workers', '2', '--log-level', 'info');
    await eventually(() => expect(server.workers).toHaveLength(2));
    const startMs = performance.now();
    for (const pid of server.workers) process.kill(pid, 'SIGTERM');
    server.signal('SIGTERM');
    await sleep(1000);
    expect(await reasonOf(server)).toBe('draining');
    expect(await server.ended).toBe(0);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(2000);
  }, 60_000);
});

describe('three servers behind a proxy, of which one after the other is restarted', () => {
  it('lose and repeat no row, and let no request fail', async () => {
    const front = (ports: readonly number[]) => Balancer.before(ports);
    const report = await rolling({ clients: 16, rounds: 1, drainMs: 2000, front });
    expect(report.violations, report.table).toEqual([]);
    expect(report.restarts).toBe(3);
    expect(report.requests).toBeGreaterThan(50);
    expect(report.goodbyes).toBeGreaterThan(3);
  }, 240_000);
});
