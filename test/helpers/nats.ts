import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, NO_NATS_SERVER } from '../../scripts/nats-server.mjs';
import { eventually } from './eventually.ts';

const HOST = '127.0.0.1';

/** How brokers are started. */
export interface BrokerOptions {
  /** One, or three that are a cluster. Default: one. */
  readonly count?: 1 | 3;
  /** More lines of their configuration. */
  readonly config?: string;
  /** Default: the one that `npm test` has found. */
  readonly program?: string;
}

/** A nats-server in a process of its own, with a folder of its own, at a port that stays its own. */
export class Broker {
  readonly port: number;
  readonly monitorPort: number;
  readonly #program: string;
  readonly #config: string;
  #process: ChildProcess | undefined;
  #said = '';

  constructor(program: string, ports: { port: number; monitorPort: number }, config: string) {
    this.#program = program;
    this.port = ports.port;
    this.monitorPort = ports.monitorPort;
    this.#config = config;
  }

  get url(): string {
    return `nats://${HOST}:${this.port}`;
  }

  /** What it wrote to its log. */
  get said(): string {
    return this.#said;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** Starts it, on what it kept; resolves when JetStream answers. */
  async start(): Promise<void> {
    const child = spawn(this.#program, ['-c', this.#config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined;
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`a nats-server ended: ${this.#said}`);
    });
    // Later it may end as it likes.
    ended.catch(() => {});
    await Promise.race([this.healthy(), ended]);
  }

  /** Resolves when it has found the others, and JetStream answers. */
  async healthy(): Promise<void> {
    await eventually(async () => {
      const { status } = await fetch(`http://${HOST}:${this.monitorPort}/healthz`);
      if (status !== 200) throw new Error(`a nats-server is not healthy: ${this.#said}`);
    });
  }

  /** SIGSTOP: it hears nothing, and its sockets stay open. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Whether it leads the stream; what it says of itself may be old while others choose. */
  async leads(stream: string): Promise<boolean> {
    const url = `http://${HOST}:${this.monitorPort}/jsz?streams=true&accounts=true`;
    const answer = (await (await fetch(url)).json()) as {
      readonly server_name?: string;
      readonly account_details?: readonly {
        readonly stream_detail?: readonly {
          readonly name: string;
          readonly cluster?: { readonly leader?: string };
        }[];
      }[];
    };
    const streams =
      answer.account_details?.flatMap(({ stream_detail = [] }) => stream_detail) ?? [];
    const { cluster } = streams.find(({ name }) => name === stream) ?? {};
    return cluster?.leader === `n${this.port}`;
  }
}

/** Brokers of a test, on loopback. */
export class Brokers {
  readonly each: readonly Broker[];
  readonly #folder: string;

  constructor(each: readonly Broker[], folder: string) {
    this.each = each;
    this.#folder = folder;
  }

  get urls(): string[] {
    return this.each.map(({ url }) => url);
  }

  /** The one that leads a stream. */
  leader(stream: string): Promise<Broker> {
    return eventually(async () => {
      for (const broker of this.each) {
        if (broker.isUp && (await broker.leads(stream).catch(() => false))) return broker;
      }
      throw new Error(`nobody leads ${stream}`);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.each.map((broker) => broker.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Starts brokers; to be stopped by whoever has them. */
export async function startBrokers(options: BrokerOptions = {}): Promise<Brokers> {
  const { count = 1, config = '', program = findNatsServer() } = options;
  if (program === undefined) throw new Error(NO_NATS_SERVER);
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-nats-'));
  const ports = await freePorts(count * 3);
  const routes = ports.filter((_, n) => n % 3 === 2).map((port) => `nats://${HOST}:${port}`);
  const each = Array.from({ length: count }, (_, n) => {
    const [port, monitorPort, clusterPort] = ports.slice(n * 3) as [number, number, number];
    const file = join(folder, `n${port}.conf`);
    const cluster = `cluster { name: c, listen: "${HOST}:${clusterPort}", routes: ${JSON.stringify(routes)} }`;
    writeFileSync(
      file,
      [
        `server_name: n${port}`,
        `listen: "${HOST}:${port}"`,
        `http: "${HOST}:${monitorPort}"`,
        `jetstream { store_dir: ${JSON.stringify(join(folder, `n${port}`))} }`,
        count === 1 ? '' : cluster,
        config,
      ].join('\n'),
    );
    return new Broker(program, { port, monitorPort }, file);
  });
  const brokers = new Brokers(each, folder);
  try {
    await Promise.all(each.map((broker) => broker.start()));
  } catch (error) {
    await brokers.stop();
    throw error;
  }
  return brokers;
}

/** Ports that are free now; held at the same time, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
