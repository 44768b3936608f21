import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { leaveUnheard } from '../../../src/host/access/sockets.ts';
import { Turns } from '../../../src/host/access/turns.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';

/** Answers requests when the test says so, and upgrades to a protocol that says what it hears. */
class EchoServer {
  readonly turns: Turns;
  readonly #server: Server;
  /** Of the requests whose turn it is. */
  readonly answers: ServerResponse[] = [];
  /** What its one client sent so far has come over. */
  socket: Socket | undefined;
  isUpgraded = false;
  onAnswer: (answer: ServerResponse) => void = () => {};

  constructor() {
    this.#server = createServer((_request: IncomingMessage, answer: ServerResponse) => {
      this.answers.push(answer);
      this.onAnswer(answer);
    });
    this.turns = new Turns(this.#server);
    this.#server.on('connection', (socket: Socket) => {
      this.socket = socket;
    });
    this.#server.on('upgrade', (_request: IncomingMessage, socket: Socket) => {
      this.turns.whenFree(socket, () => {
        this.isUpgraded = true;
        socket.on('error', () => {}).on('data', (data) => socket.write(`heard ${data}`));
        socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      });
    });
  }

  async connect(): Promise<Client> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const client = new Client((this.#server.address() as AddressInfo).port);
    await once(client.socket, 'connect');
    return client;
  }

  async stop(): Promise<void> {
    this.socket?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

class Client {
  readonly socket: Socket;
  #text = '';

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('latin1');
    this.socket.on('data', (text) => {
      this.#text += text;
    });
  }

  /** Resolves when this has come. */
  async hears(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.socket, 'data');
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

let server: EchoServer;
let hasEnded = false;

/** Until `isTrue`, some turns later, or the test has failed. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue() && !hasEnded) await turn();
}

beforeEach(() => {
  hasEnded = false;
  server = new EchoServer();
});

afterEach(async () => {
  hasEnded = true;
  vi.useRealTimers();
  await server.stop();
});

describe('the turns of a connection', () => {
  it('hold its socket while a request waits, and no longer', async () => {
    const client = await server.connect();
    await until(() => server.socket !== undefined);
    expect(server.turns.holds(server.socket!)).toBe(false);
    client.socket.write(GET + GET);
    await until(() => server.answers.length === 1);
    await until(() => server.turns.holds(server.socket!) && server.socket!.isPaused());
    server.answers[0]!.end('first');
    await client.hears('first');
    await until(() => server.answers.length === 2);
    expect([server.turns.holds(server.socket!), server.socket!.isPaused()]).toEqual([false, false]);
    server.answers[1]!.end('second');
    await client.hears('second');
    expect(server.turns.holds(server.socket!)).toBe(false);
  });

  it('hold a socket that an upgrade has asked for, from then on', async () => {
    const client = await server.connect();
    client.socket.write(GET + UPGRADE);
    await until(() => server.answers.length === 1);
    expect([server.turns.holds(server.socket!), server.isUpgraded]).toEqual([true, false]);
    server.answers[0]!.end('first');
    await client.hears('101 Switching');
    expect(server.turns.holds(server.socket!)).toBe(true);
    client.socket.write('one');
    await client.hears('heard one');
    expect(server.turns.holds(server.socket!)).toBe(true);
  });

  it('lose nothing of what comes behind an upgrade while requests before it wait', async () => {
    const client = await server.connect();
    client.socket.write(GET + GET + UPGRADE);
    await until(() => server.answers.length === 1);
    server.answers[0]!.end('first');
    await until(() => server.answers.length === 2);
    client.socket.write('early');
    for (let n = 0; n < 10; n++) await turn();
    server.answers[1]!.end('second');
    await client.hears('101 Switching');
    await client.hears('heard early');
  });

  it('let no silence after a refusal fall on an upgrade behind it', async () => {
    // A silence that began would not end.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    server.onAnswer = (answer) => leaveUnheard(server.socket!, answer, server.turns);
    const client = await server.connect();
    client.socket.write(GET + UPGRADE);
    await until(() => server.answers.length === 1);
    server.answers[0]!.end('refused');
    await client.hears('101 Switching');
    for (let n = 0; n < 10; n++) await turn();
    expect(server.socket!.isPaused()).toBe(false);
    client.socket.write('one');
    await client.hears('heard one');
  });

  it('end a silence after a second, with what came meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    server.onAnswer = (answer) => leaveUnheard(server.socket!, answer, server.turns);
    const client = await server.connect();
    client.socket.write(GET);
    await until(() => server.answers.length === 1);
    server.answers[0]!.end('refused');
    await client.hears('refused');
    await until(() => server.socket!.isPaused());
    // It is heard after a second, and not before.
    client.socket.write(GET);
    for (let n = 0; n < 10; n++) await turn();
    expect(server.answers).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    await until(() => server.answers.length === 2);
  });
});
