/**
 * Messages a second into one broker on this machine, each a row of 50 symbols: `tickwell sink` in a
 * process of its own, catching up with a server in another; beside it, in turn, a bare client of
 * NATS that publishes a body as long, as many at once, and names no place.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, createInbox } from '@nats-io/transport-node';
import { createClient } from '@redis/client';
import { findNatsServer, NO_NATS_SERVER } from '../scripts/nats-server.mjs';
import { findRedisServer, NO_REDIS_SERVER } from '../scripts/redis-server.mjs';
import { withServer } from '../scripts/server.mjs';
import { keep, median, report } from './lib.mjs';

const PROGRAM = fileURLToPath(new URL('../dist/bin/tickwell.js', import.meta.url));
const ROUNDS = 3;
const SECONDS = 6;
/** The compilers are not done before. */
const WARM_UP_MS = 2000;
const IN_FLIGHT = 2048;

async function freePort() {
  const held = createServer().listen(0, '127.0.0.1');
  await once(held, 'listening');
  const { port } = held.address();
  await new Promise((closed) => held.close(closed));
  return port;
}

/** A broker in a folder of its own while `work` is under way. */
async function withBroker(program, argsOf, work) {
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-bench-'));
  const port = await freePort();
  const child = spawn(program, argsOf(port, folder), { stdio: 'ignore' });
  try {
    return await work(port);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `ask` gives as soon as it gives anything. */
async function patiently(ask) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(50);
    }
  }
}

/** Messages a second while something publishes; `count` says how many there are. */
async function rateOf(count) {
  while ((await count()) === 0) await sleep(20);
  await sleep(WARM_UP_MS);
  const [from, start] = [await count(), performance.now()];
  await sleep(SECONDS * 1000);
  return ((await count()) - from) / ((performance.now() - start) / 1000);
}

async function withSink(args, work) {
  const child = spawn(process.execPath, [PROGRAM, 'sink', ...args], { stdio: 'ignore' });
  try {
    return await work();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Publishes one body time and again, so many at once; gives what ends that. */
function publishBare(connection, body) {
  const inbox = createInbox();
  const say = () => connection.publish('bare', body, { reply: inbox });
  const answers = connection.subscribe(inbox, { callback: say });
  for (let n = 0; n < IN_FLIGHT; n++) say();
  return () => answers.unsubscribe();
}

async function natsRates(url) {
  const program = findNatsServer();
  if (program === undefined) throw new Error(NO_NATS_SERVER);
  const argsOf = (port, folder) => ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', folder];
  return withBroker(program, argsOf, async (port) => {
    const servers = `nats://127.0.0.1:${port}`;
    const connection = await patiently(() => connect({ servers }));
    const { streams } = await jetstreamManager(connection);
    const countOf = (name) => async () => (await streams.info(name)).state.messages;
    const rates = { sink: [], bare: [] };
    const [row] = (await (await fetch(`${url}/v1/rows?last=1&format=ndjson`)).text()).split('\n');
    for (let round = 0; round < ROUNDS; round++) {
      const from = ['--from', url, '--since', 'origin'];
      await streams.add({ name: 'SINK', subjects: ['prices'] });
      const args = ['nats', '--url', servers, '--stream', 'SINK', ...from];
      rates.sink.push(await withSink(args, () => rateOf(countOf('SINK'))));
      await streams.delete('SINK');
      await streams.add({ name: 'BARE', subjects: ['bare'] });
      const stop = publishBare(connection, row);
      rates.bare.push(await rateOf(countOf('BARE')));
      stop();
      await streams.delete('BARE');
    }
    await connection.close();
    return rates;
  });
}

async function redisRates(url) {
  const program = findRedisServer();
  if (program === undefined) throw new Error(NO_REDIS_SERVER);
  const argsOf = (port) => ['--bind', '127.0.0.1', '--port', `${port}`, '--save', ''];
  return withBroker(program, argsOf, async (port) => {
    const address = `redis://127.0.0.1:${port}`;
    const client = await patiently(() => createClient({ url: address, RESP: 2 }).connect());
    const rates = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Of those that were added: some are dropped by then.
      const count = async () => {
        if ((await client.exists('prices')) === 0) return 0;
        const info = await client.sendCommand(['XINFO', 'STREAM', 'prices']);
        return Number(info[info.indexOf('entries-added') + 1]);
      };
      const args = ['redis', '--url', address, '--stream', 'prices', '--max-length', '100000'];
      const from = ['--from', url, '--since', 'origin'];
      rates.push(await withSink([...args, ...from], () => rateOf(count)));
      await client.del('prices');
    }
    client.destroy();
    return rates;
  });
}

const perSecond = (rate) => `${Math.round(rate).toLocaleString('en')} /s`;

await withServer(['--count', '50', '--interval', '100ms'], async ({ url }) => {
  const { sink, bare } = await natsRates(url);
  const redis = await redisRates(url);
  const ratio = (median(sink) / median(bare)).toFixed(2);
  report('rows of 50 symbols into one nats-server', perSecond(median(sink)), '10,000 /s');
  report('the same, of a bare publisher', ratio, '');
  report('rows of 50 symbols into one redis-server', perSecond(median(redis)), '10,000 /s');
  keep({ sink, bare, redis });
});
