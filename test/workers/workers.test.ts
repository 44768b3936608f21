import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { headOf, killAll, marketArgs, ServerProcess } from '../faults/server-process.ts';
import { SoakClient } from '../faults/soak-client.ts';
import { runCli, spawnCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics, type Scrape } from '../helpers/exposition.ts';
import { marketOf } from '../helpers/market.ts';
import { Oracle } from '../helpers/row-log.ts';
import { TestSocket } from '../helpers/socket.ts';

const SPEC = { seed: 3, count: 5, interval: 50, capacity: 100 };
/** Processes start; only what hangs takes longer, however busy the machine. */
const SLOW = { timeout: 45_000, interval: 50 };

const clients: SoakClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await killAll();
});

function start(...args: readonly string[]): Promise<ServerProcess> {
  return startSeveral(2, args);
}

/** Comes back when all have said that they are ready, and not only the one that was asked. */
async function startSeveral(workers: number, args: readonly string[]): Promise<ServerProcess> {
  const several = ['--workers', String(workers), '--log-level', 'info'];
  const server = await ServerProcess.start({ args: [...several, ...args] });
  await expect.poll(() => server.workers.length, SLOW).toBe(workers);
  return server;
}

async function scrape({ url }: ServerProcess) {
  return parseMetrics(await (await fetch(`${url}/metrics`)).text());
}

/** So many clients, one after the other, that are told which market it is. */
async function greetedSockets(server: ServerProcess, count: number): Promise<TestSocket[]> {
  const sockets: TestSocket[] = [];
  for (let n = 0; n < count; n++) {
    const socket = new TestSocket(streamOf(server));
    expect(await socket.next('hello')).toMatchObject({ market: marketOf(SPEC).id });
    sockets.push(socket);
  }
  return sockets;
}

/** The metrics once they say this: a worker that is slow to tell its own has those of before. */
async function scrapeOf(
  server: ServerProcess,
  told: Record<'workers' | 'opened' | 'connections', number>,
) {
  let last: Scrape | undefined;
  const read = async () => {
    last = await scrape(server);
    const { value } = last;
    return {
      workers: value('tickwell_workers'),
      opened: value('tickwell_connections_opened_total'),
      connections: value('tickwell_connections{kind="json"}'),
    };
  };
  await expect.poll(read, SLOW).toEqual(told);
  return last!;
}

/** Kills a worker, and waits until another serves in its place. */
async function killWorker(server: ServerProcess, pid: number): Promise<void> {
  const had = server.workers.length;
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => server.workers.length, SLOW).toBe(had + 1);
}

describe('a market that two workers serve', () => {
  it('gives every reader every row, although each worker is killed', async () => {
    const server = await start(...marketArgs(SPEC));
    const [one, two] = server.workers;
    const oracle = new Oracle(marketOf(SPEC));
    const head = await headOf(server);
    for (let n = 0; n < 8; n++) {
      const client = new SoakClient({
        ...{ url: server.url, oracle, format: n % 2 === 0 ? 'bin' : 'json', slownessMs: 0 },
        ...{ columns: n < 4 ? undefined : [n % 5], sinceMs: head - 50 * (n < 2 ? 1000 : 10) },
        ...{ impatienceMs: undefined, isMeasured: false },
      });
      clients.push(client);
    }
    const allLive = async () => {
      const untilMs = Date.now();
      const late = () => clients.filter(({ log }) => log.cursorMs < untilMs).length;
      await expect.poll(late, SLOW).toBe(0);
    };
    await allLive();
    await killWorker(server, one!);
    await allLive();
    await killWorker(server, two!);
    await allLive();
    const reconnects = clients.reduce((sum, { counters }) => sum + counters.reconnects, 0);
    expect(reconnects).toBeGreaterThanOrEqual(8);
    for (const { log, violations } of clients) {
      expect(violations).toEqual([]);
      expect(log.isRight, `${log}`).toBe(true);
      expect(log.rows).toBeGreaterThan(10);
    }
  });

  it('stays that market and counts on, although a worker is replaced', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
    const config = join(folder, 'market.json');
    try {
      writeFileSync(config, JSON.stringify(SPEC));
      const server = await start('--config', config);
      writeFileSync(config, JSON.stringify({ ...SPEC, seed: 4 }));
      const sockets = await greetedSockets(server, 8);
      const before = await scrapeOf(server, { workers: 2, opened: 8, connections: 8 });

      await killWorker(server, server.workers[0]!);
      // Those of the one that is gone, however many it had been given.
      const areKept = await Promise.all(
        sockets.map((socket) =>
          socket.ask({ type: 'ping', id: 1 }, 'pong').then(
            () => true,
            () => false,
          ),
        ),
      );
      const lost = sockets.filter((_, n) => !areKept[n]);
      expect(lost.length).toBeGreaterThan(0);
      for (const { closed } of lost) expect((await closed).code).toBe(1006);
      await greetedSockets(server, 8);
      const connections = 16 - lost.length;
      const after = await scrapeOf(server, { workers: 2, opened: 16, connections });
      expect(after.value('tickwell_worker_restarts_total')).toBe(1);
      for (const [sample, value] of before.samples) {
        if (!/_total|_count|_bucket|_sum/.test(sample) || sample.startsWith('process')) continue;
        expect(after.value(sample), sample).toBeGreaterThanOrEqual(value);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('holds its limits for both together', async () => {
    const limit = ['--limit', 'maxConnectionsPerAddress=3'];
    const server = await start(...marketArgs(SPEC), ...limit);
    const greeted = async () => (await new TestSocket(streamOf(server)).next()).type;
    const first: string[] = [];
    for (let n = 0; n < 3; n++) {
      first.push(await greeted());
      // Each tells the other what it holds, a moment later.
      const held = async () => (await scrape(server)).value('tickwell_connections{kind="json"}');
      await expect.poll(held).toBe(n + 1);
    }
    expect(first).toEqual(['hello', 'hello', 'hello']);
    // Whichever they come to.
    expect(await Promise.all([1, 2, 3, 4].map(greeted))).toEqual(['bye', 'bye', 'bye', 'bye']);
  });

  it('has the same faults in each, for all who ask for no others', async () => {
    const server = await start(...marketArgs(SPEC), '--faulty', 'drop@1%:3');
    for (let n = 0; n < 4; n++) {
      const socket = new TestSocket(streamOf(server));
      const { faults } = await socket.next('hello');
      expect(faults).toEqual({ profile: 'drop@1%', seed: 3 });
      await socket.close();
    }
  });

  it('says bye to all readers on SIGTERM, and ends with 0', async () => {
    const server = await start(...marketArgs(SPEC));
    const sockets = Array.from({ length: 4 }, () => new TestSocket(streamOf(server)));
    for (const socket of sockets) await socket.next('hello');
    server.signal('SIGTERM');
    for (const socket of sockets) {
      expect(await socket.next('bye')).toMatchObject({ code: 4000 });
      expect((await socket.closed).code).toBe(4000);
    }
    expect(await server.ended).toBe(0);
  });

  it('leaves no worker behind that hangs, and ends with 0', async () => {
    const server = await start(...marketArgs(SPEC));
    const [one] = server.workers;
    process.kill(one!, 'SIGSTOP');
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(() => process.kill(one!, 0)).toThrow('ESRCH');
  });

  it.skipIf(process.platform !== 'linux')(
    'leaves no worker behind that hangs before all could serve, and ends with 0',
    async () => {
      const child = spawnCli(['serve', '--workers=2', '--host=127.0.0.1', '--port=0']);
      const ended = once(child, 'close');
      const [one] = await eventually(() => {
        const children = childrenOf(child.pid!);
        expect(children).toHaveLength(2);
        return children;
      });
      process.kill(one!, 'SIGSTOP');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      await eventually(() => expect(stateOf(one!)).toMatch(/^(gone|Z|X)$/));
    },
  );

  it('ends with its primary, however that ends', async () => {
    const server = await start(...marketArgs(SPEC));
    await server.kill();
    expect(await server.ended).toBe(null);
  });

  it.skipIf(process.platform !== 'linux')(
    'ends when one of them ends before all could serve, and says so',
    async () => {
      // Some seconds to fill.
      const slow = ['--count=2000', '--capacity=100000', '--model=gbm', '--dtype=uint8'];
      const child = spawnCli(['serve', '--workers=2', '--host=127.0.0.1', '--port=0', ...slow]);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      const ended = once(child, 'close');
      await once(child.stdout, 'data');
      process.kill(childrenOf(child.pid!)[1]!, 'SIGKILL');
      expect(await ended).toEqual([1, null]);
      expect(stderr).toContain('a worker ended before all could serve, with SIGKILL');
    },
  );

  it('divides the memory for kept answers among three, too', async () => {
    const server = await startSeveral(3, ['--cache-mb', '64', ...marketArgs(SPEC)]);
    expect(server.workers).toHaveLength(3);
  });

  it('does not begin where another program listens', async () => {
    const server = await start(...marketArgs(SPEC));
    const run = await runCli([
      ...['serve', '--workers=2', '--host=127.0.0.1', `--port=${server.port}`, '--capacity=10'],
    ]);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe(`tickwell: port ${server.port} is already in use\n`);
  });
});

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

/** As the system says it, in one letter: nobody may have asked how a process ended that did. */
function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]!;
  } catch {
    return 'gone';
  }
}

function streamOf({ url }: ServerProcess): string {
  return `${url.replace('http', 'ws')}/v1/stream`;
}
