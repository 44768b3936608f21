import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
import { Oracle } from '../helpers/row-log.ts';
import { Reader } from './reader.ts';
import { headOf, killAll, marketArgs, ServerProcess } from './server-process.ts';

const SPEC = { seed: 2, count: 10, interval: 50, capacity: 200 };
const MAX_FILES = 256;
const SOCKETS = 400;

const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await killAll();
});

/** A socket of someone who says nothing; whether the server has hung up is seen by `destroyed`. */
async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {}).on('end', () => socket.destroy());
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** Whether one who connects now is served. */
async function isServed({ port }: ServerProcess): Promise<boolean> {
  const request = get({ host: '127.0.0.1', port, path: '/healthz', agent: false, timeout: 1000 });
  request.on('timeout', () => request.destroy());
  const [answer] = await once(request, 'response').catch(() => []);
  answer?.resume();
  return answer?.statusCode === 200;
}

describe.skipIf(process.platform === 'win32')('more sockets than a process may have', () => {
  it('leave those alone that are there; others are served once some have gone', async () => {
    const server = await ServerProcess.start({ args: marketArgs(SPEC), maxFiles: MAX_FILES });
    const { port } = server;
    const sinceMs = await headOf(server);
    const oracle = new Oracle(marketOf(SPEC));
    const reader = new Reader({ port, oracle, sinceMs });
    await eventually(() => expect(reader.log.rows).toBeGreaterThan(2));

    const opened = await Promise.all(Array.from({ length: SOCKETS }, () => openSocket(port)));
    await eventually(() => {
      const gone = opened.filter(({ destroyed }) => destroyed).length;
      expect(gone).toBeGreaterThan(SOCKETS - MAX_FILES);
    });
    expect(await isServed(server)).toBe(false);
    const rowsBefore = reader.log.rows;
    await eventually(() => expect(reader.log.rows).toBeGreaterThan(rowsBefore + 5));
    expect(server.hasExited).toBe(false);
    expect(server.log.join('\n')).toContain('too many connections');

    for (const socket of opened) socket.destroy();
    await eventually(async () => expect(await isServed(server)).toBe(true));
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const dropped = Number(/^tickwell_sockets_dropped_total (\d+)$/m.exec(metrics)?.[1]);
    expect(dropped).toBeGreaterThan(SOCKETS - MAX_FILES);
    const late = new Reader({ port, oracle, sinceMs });
    await eventually(() => expect(late.log.cursorMs).toBeGreaterThan(reader.log.cursorMs - 1000));
    for (const { log, ending } of [reader, late]) {
      expect(String(log)).toBe('0 gaps, 0 duplicates, 0 differences');
      expect(ending).toBeUndefined();
    }
  });
});
