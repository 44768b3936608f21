import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { killAll, ServerProcess } from '../../faults/server-process.ts';
import { runCli } from '../../helpers/cli.ts';
import { eventually } from '../../helpers/eventually.ts';
import { RedisServer } from '../../helpers/redis.ts';
import { checkRows, Publisher, runSinks } from '../sink-run.ts';
import { brokerOfRun, KEY, readAll } from './streams.ts';

const started: RedisServer[] = [];
const publishers: Publisher[] = [];

afterEach(async () => {
  await Promise.all(publishers.splice(0).map((publisher) => publisher.end('SIGKILL')));
  await killAll();
});
afterAll(() => Promise.all(started.map((redis) => redis.stop())));

async function start(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  started.push(redis);
  return redis;
}

const serve = (...more: string[]) =>
  ServerProcess.start({ args: ['--interval', '100ms', '--count', '3', ...more] });

function publish(redis: RedisServer, { url }: ServerProcess, ...more: string[]): Publisher {
  const args = ['redis', '--url', redis.url, '--stream', KEY, '--from', url, ...more];
  const publisher = new Publisher(args);
  publishers.push(publisher);
  publisher.start();
  return publisher;
}

const first = (redis: RedisServer, count: number) =>
  eventually(async () => {
    const all = await readAll(redis);
    expect(all.length).toBeGreaterThanOrEqual(count);
    return all;
  });

describe('tickwell sink redis', () => {
  it('has each row in the stream once, whoever is killed, stopped or frozen', async () => {
    const redis = await start();
    const times = { pausedMs: 2500, frozenMs: 6000, calmMs: 500 };
    const { rows } = await runSinks(brokerOfRun(redis), { ...times, intervalMs: 20, symbols: 5 });
    expect(rows).toBeGreaterThan(400);
  }, 120_000);

  it('goes on behind what it finds, and keeps about as many as it is told', async () => {
    const [redis, server] = [await start(), await serve()];
    const one = publish(redis, server);
    await first(redis, 3);
    expect(await one.end('SIGTERM')).toBe(0);
    const { length } = await readAll(redis);
    const other = publish(redis, server);
    await checkRows(server, await first(redis, length + 5), 100);
    expect(await other.end('SIGTERM')).toBe(0);
    const third = publish(
      redis,
      server,
      '--max-length',
      '5',
      '--stream',
      'few',
      '--since',
      'origin',
    );
    await eventually(async () => {
      const info = (await redis.ask(['XINFO', 'STREAM', 'few'])) as readonly unknown[];
      const said = (name: string) => Number(info[info.indexOf(name) + 1]);
      expect(said('entries-added')).toBeGreaterThan(2000);
      expect(said('length')).toBeLessThan(500);
    });
    expect(await third.end('SIGTERM')).toBe(0);
  });

  it('loses no row to a Redis that has no memory for a while, and says so once', async () => {
    const [redis, server] = [await start(), await serve()];
    const publisher = publish(redis, server, '--metrics-port', '0');
    await first(redis, 3);
    await redis.ask(['CONFIG', 'SET', 'maxmemory', '1']);
    await eventually(() => expect(publisher.said).toContain('Redis takes nothing: OOM '));
    // It is asked again and again meanwhile, and that is said once.
    const tried = () => publisher.metric('tickwell_sink_unknown_total');
    await eventually(async () => expect(await tried()).toBeGreaterThan(3));
    expect(publisher.said.split('Redis takes nothing')).toHaveLength(2);
    const { length } = await readAll(redis);
    await redis.ask(['CONFIG', 'SET', 'maxmemory', '0']);
    await checkRows(server, await first(redis, length + 10), 100);
  });

  it('takes no stream that it would have written otherwise, and says which', async () => {
    const [redis, server] = [await start(), await serve()];
    const args = ['sink', 'redis', '--url', redis.url, '--from', server.url, '--stream'];
    await redis.ask(['XADD', 'foreign', '*', 'hello', 'world']);
    const foreign = await runCli([...args, 'foreign']);
    expect(foreign.stderr).toMatch(/^tickwell: stream must hold rows of a sink alone; given: /);
    await redis.ask(['SET', 'text', 'hello']);
    const text = await runCli([...args, 'text']);
    expect(text.stderr).toMatch(/^tickwell: Redis must have a stream text .+; given: WRONGTYPE /);
    const one = publish(redis, server);
    await first(redis, 2);
    await one.end('SIGKILL');
    const fields = await runCli([...args, KEY, '--fields', 'bid']);
    expect(fields.stderr).toMatch(/^tickwell: stream must hold what this sink writes, .+; given: /);
    expect([foreign.code, text.code, fields.code]).toEqual([2, 2, 2]);
  });

  it('waits for a Redis that is not there yet', async () => {
    const [redis, server] = [await start(), await serve()];
    await redis.kill();
    const publisher = publish(redis, server);
    await eventually(() => expect(publisher.said).toContain('Redis does not answer: '));
    await redis.start();
    await first(redis, 2);
    expect(await publisher.end('SIGTERM')).toBe(0);
  });
});
