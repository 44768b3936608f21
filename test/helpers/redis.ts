import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { findRedisServer, NO_REDIS_SERVER } from '../../scripts/redis-server.mjs';
import { eventually } from './eventually.ts';

const HOST = '127.0.0.1';

/** A redis-server in a process and a folder of its own, that keeps what it acknowledges. */
export class RedisServer {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(program: string, port: number, folder: string) {
    this.#program = program;
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<RedisServer> {
    const program = findRedisServer();
    if (program === undefined) throw new Error(NO_REDIS_SERVER);
    const held = createServer().listen(0, HOST);
    await once(held, 'listening');
    const { port } = held.address() as AddressInfo;
    await new Promise((closed) => held.close(closed));
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-redis-'));
    const server = new RedisServer(program, port, folder);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  /** Starts it, on what it kept. */
  async start(...more: string[]): Promise<void> {
    const args = ['--bind', HOST, '--port', String(this.port), '--dir', this.#folder];
    const keeping = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    this.#process = spawn(this.#program, [...args, ...keeping, ...more], { stdio: 'ignore' });
    await eventually(() => this.ask(['PING']));
  }

  /** What it answers, on a connection of its own. */
  async ask(words: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, RESP: 2, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
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
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
