import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { FaultProxy, type Faults, randomFaults } from '../helpers/fault-proxy.ts';
import { seededRandom } from '../helpers/random.ts';
import { msOf } from '../helpers/stopwatch.ts';

const servers: Server[] = [];
const proxies: FaultProxy[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const proxy of proxies.splice(0)) await proxy.close();
  for (const server of servers.splice(0)) server.close();
});

/** A server on a port, 0 for any, which treats each connection as it is told. */
async function listen(serve: (socket: Socket) => void, port = 0): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    // Of some tests; others look at them too.
    socket.on('error', () => {});
    serve(socket);
  });
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

/** A proxy before such a server, and a client's socket. */
async function open(serve: (socket: Socket) => void) {
  const port = await listen(serve);
  const proxy = await FaultProxy.before(port);
  proxies.push(proxy);
  return { port, proxy, client: await connectTo(proxy.port) };
}

async function connectTo(port: number): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(client);
  client.on('error', () => {});
  await once(client, 'connect');
  return client;
}

/** Far more than the kernel holds between two sockets. */
const TOTAL = 2 ** 26;

const echo = (socket: Socket) => void socket.pipe(socket);

function bytesOf(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint8Array.from({ length }, () => random() * 256));
}

/** What comes until there are so many bytes. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    got += chunk.length;
    if (got >= length) break;
  }
  return Buffer.concat(chunks);
}

describe('bytes through the proxy are what was sent', () => {
  it.each<[string, Faults, number]>([
    ['without a fault', {}, 3_000_000],
    ['delayed', { delayMs: 5 }, 1_000_000],
    ['sliced into single bytes', { isSliced: true }, 20_000],
    ['throttled', { bytesPerSecond: 100_000 }, 50_000],
    ['delayed, sliced and throttled', { delayMs: 3, isSliced: true, bytesPerSecond: 5000 }, 300],
  ])('%s', async (_, faults, length) => {
    const { proxy, client } = await open(echo);
    proxy.set(faults);
    const sent = bytesOf(1, length);
    client.write(sent);
    expect((await read(client, length)).equals(sent)).toBe(true);
  });

  it('however often the faults change on the way', async () => {
    const seed = 20_260_105;
    const random = seededRandom(seed);
    const { proxy, client } = await open(echo);
    const sent = bytesOf(seed, 200_000);
    client.write(sent);
    const changing = setInterval(() => {
      const faults = randomFaults(random);
      proxy.set(faults.stalled ? { ...faults, bytesPerSecond: 1e6 } : faults);
    }, 3);
    const calm = sleep(1500).then(() => {
      clearInterval(changing);
      proxy.set({});
    });
    expect((await read(client, sent.length)).equals(sent), `seed ${seed}`).toBe(true);
    await calm;
  });
});

describe('a fault', () => {
  it('delays what comes by at least its time', async () => {
    const { proxy, client } = await open(echo);
    proxy.set({ delayMs: 60 });
    const startMs = performance.now();
    client.write('a');
    await read(client, 1);
    // Once up and once down; a timer may be a millisecond early.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(118);
  });

  it('slices: whoever reads at once gets single bytes', async () => {
    const { proxy, client } = await open(echo);
    proxy.set({ isSliced: true });
    let readings = 0;
    client.on('data', () => readings++);
    client.write(bytesOf(2, 400));
    await eventually(() => expect(client.bytesRead).toBe(400));
    // The kernel joins those that wait for a reader that is late.
    expect(readings).toBeGreaterThan(100);
  });

  it('throttles to its bytes a second, each way', async () => {
    const { proxy, client } = await open(echo);
    proxy.set({ bytesPerSecond: 16_000 });
    const startMs = performance.now();
    client.write(bytesOf(3, 16_000));
    const tookMs = await msOf(read(client, 16_000));
    expect(performance.now() - startMs).toBeGreaterThan(950);
    expect(tookMs).toBeLessThan(4000);
  });

  it.each(['up', 'down', 'both'] as const)(
    'stalls %s until it is over, and then goes on',
    async (stalled) => {
      const { proxy, client } = await open(echo);
      client.write('a');
      await read(client, 1);
      proxy.set({ stalled });
      client.write('b');
      const [wire] = proxy.wires;
      const passed = { up: stalled === 'down' ? 2 : 1, down: 1 };
      await eventually(() => expect(wire.passed).toEqual(passed));
      await sleep(100);
      expect(wire.passed).toEqual(passed);
      proxy.set({});
      expect(String(await read(client, 1))).toBe('b');
    },
  );

  it('of one wire leaves the others alone', async () => {
    const { proxy, client } = await open(echo);
    const [wire] = proxy.wires;
    const other = await connectTo(proxy.port);
    wire.set({ stalled: 'both' });
    client.write('a');
    other.write('b');
    expect(String(await read(other, 1))).toBe('b');
    expect(client.bytesRead).toBe(0);
  });

  it('cuts with FIN: both sides see an end and no error', async () => {
    const ends: string[] = [];
    const { proxy, client } = await open((socket) => {
      socket.on('end', () => ends.push('server')).on('error', () => ends.push('error'));
      socket.on('end', () => socket.end()).resume();
    });
    client.on('end', () => ends.push('client')).on('error', () => ends.push('error'));
    client.on('end', () => client.end()).resume();
    const [wire] = proxy.wires;
    wire.cut();
    await wire.closed;
    await eventually(() => expect(ends.sort()).toEqual(['client', 'server']));
    expect(proxy.wires.size).toBe(0);
  });

  it('resets with RST: both sides see ECONNRESET', async () => {
    const errors: unknown[] = [];
    const note = (error: NodeJS.ErrnoException) => errors.push(error.code);
    const { proxy, client } = await open((socket) => socket.on('error', note).resume());
    client.on('error', note).resume();
    client.write('a');
    const [wire] = proxy.wires;
    await eventually(() => expect(wire.passed.up).toBe(1));
    wire.reset();
    await wire.closed;
    await eventually(() => expect(errors).toEqual(['ECONNRESET', 'ECONNRESET']));
  });

  it('ends a stalled wire too, by FIN and by RST', async () => {
    const { proxy, client } = await open((socket) => socket.resume().on('end', () => socket.end()));
    const other = await connectTo(proxy.port);
    await eventually(() => expect(proxy.wires.size).toBe(2));
    proxy.set({ stalled: 'both' });
    for (const socket of [client, other]) {
      socket.on('error', () => {}).on('end', () => socket.end());
      socket.resume().write(bytesOf(4, 1000));
    }
    const [first, second] = proxy.wires;
    first.cut();
    second.reset();
    await Promise.all([first.closed, second.closed]);
    expect(proxy.wires.size).toBe(0);
  });
});

describe('the proxy', () => {
  it('holds up a sender whose reader does not read: what it keeps is bounded', async () => {
    let fromServer: Socket | undefined;
    const { proxy, client } = await open((socket) => {
      fromServer = socket;
    });
    await eventually(() => expect(fromServer).toBeDefined());
    proxy.set({ stalled: 'down' });
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    const push = () => {
      for (let hasRoom = true; hasRoom && sent < TOTAL; sent += chunk.length) {
        hasRoom = fromServer!.write(chunk);
      }
    };
    fromServer!.on('drain', push);
    push();
    await sleep(300);
    // Not the proxy's memory but what the kernel holds between the two of them.
    expect(sent).toBeLessThan(20e6);
    const [wire] = proxy.wires;
    expect(wire.passed.down).toBe(0);
    proxy.set({});
    expect(await read(client, TOTAL)).toHaveLength(TOTAL);
  });

  it('hands on the end of one side while the other still speaks', async () => {
    const { client } = await open((socket) => {
      socket.resume().on('end', () => socket.end('and good-bye'));
    });
    client.end('hello');
    expect(String(await read(client, 12))).toBe('and good-bye');
  });

  it('resets who comes while the server is not there, and serves who comes when it is back', async () => {
    const { port, proxy, client } = await open(echo);
    client.destroy();
    const [server] = servers.splice(0);
    server.close();
    await once(server, 'close');
    const early = await connectTo(proxy.port);
    const [error] = await once(early.resume(), 'error');
    expect(error.code).toBe('ECONNRESET');

    await listen(echo, port);
    const late = await connectTo(proxy.port);
    late.write('a');
    expect(String(await read(late, 1))).toBe('a');
  });
});
