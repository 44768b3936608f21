import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import Fastify from 'fastify';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { addressesOf, listen } from '../../src/host/listen.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** As localhost is 127.0.0.1 and ::1, only that every Linux has these two. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2'];

let server: TestServer;

afterEach(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const portOf = () => Number(new URL(server.server.url).port);

async function raw(host: string, bytes: string): Promise<string> {
  const socket = connect(portOf(), host);
  socket.write(bytes);
  return (await buffer(socket)).toString('latin1');
}

describe.skipIf(process.platform !== 'linux')('a server at two addresses', () => {
  it('is the same at both: pages, streams, refusals, broken requests', async () => {
    server = await startTestServer({ addresses: ADDRESSES });
    const answers = ADDRESSES.map(async (host) => {
      const url = `${host}:${portOf()}`;
      const rows = await (await fetch(`http://${url}/v1/rows?last=3`)).text();
      const socket = new WebSocket(`ws://${url}/v1/stream`);
      const [hello] = await once(socket, 'message');
      socket.terminate();
      const noHttp = await raw(host, 'nonsense\r\n\r\n');
      const tunnel = await raw(host, 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n');
      const other = await raw(
        host,
        'GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
      );
      return { rows, hello: String(hello), noHttp, tunnel, other: other.split(' ')[1] };
    });
    const [one, two] = await Promise.all(answers);
    expect(two).toEqual(one);
    expect(one!.other).toBe('421');
  });

  it('holds as many sockets in all as one at one, and ends them all', async () => {
    const limits = { maxConnections: 4, spareConnections: 2, closeGraceMs: 200 };
    server = await startTestServer({ addresses: ADDRESSES, limits });
    const sockets: Socket[] = [];
    for (let n = 0; n < 12; n++) {
      const socket = connect(portOf(), ADDRESSES[n % 2]!);
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const isOpen = () => sockets.filter((socket) => !socket.closed).length;
    for (const socket of sockets) socket.resume();
    while (isOpen() > 6) await new Promise(setImmediate);
    expect(isOpen()).toBe(6);
    await server.stop();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
    await expect(fetch(`http://127.0.0.2:${portOf()}/`)).rejects.toThrow();
  });

  it('is at one alone where the other is taken', async () => {
    server = await startTestServer({ addresses: ['127.0.0.1', '192.0.2.1'] });
    expect((await server.get('/healthz')).status).toBe(200);
  });
});

describe.skipIf(process.platform !== 'linux')('an address that another program has', () => {
  it('is left to it, and that is said', async () => {
    server = await startTestServer();
    const other = createServer().listen(0, '127.0.0.2');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const app = Fastify();
    const unlisten = await listen(app, ADDRESSES, port, logger);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    unlisten();
    await app.close();
    other.close();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { address: '127.0.0.2', port, code: 'EADDRINUSE' },
    ]);
  });
});

describe('localhost', () => {
  it('is every address it has, each once', async () => {
    server = await startTestServer();
    const addresses = await addressesOf('localhost');
    expect(addresses.length).toBeGreaterThan(0);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) expect(['127.0.0.1', '::1']).toContain(address);
    expect(await addressesOf('0.0.0.0')).toEqual(['0.0.0.0']);
  });
});
