import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { memoryOf, ServerProcess } from '../faults/server-process.ts';
import { bareEnvironment, PROGRAM } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';

/** A broker with a stream in it, for a run. */
export interface BrokerOfRun {
  /** What `tickwell sink` is told of it. */
  readonly args: readonly string[];
  freeze(): Promise<void> | void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<unknown>;
  /** All that the stream holds, in order. */
  readAll(): Promise<readonly { readonly id: string; readonly body: string }[]>;
}

export interface RunOptions {
  /** How long one publisher is stopped. */
  readonly pausedMs: number;
  /** How long the broker is, before it is killed. */
  readonly frozenMs: number;
  /** How long all go on in between. */
  readonly calmMs: number;
  readonly intervalMs: number;
  readonly symbols: number;
}

/** What a run came to. */
export interface RunReport {
  readonly rows: number;
  /** By how much the memory of a publisher has grown at most. */
  readonly grownMb: number;
}

const MB = 2 ** 20;

/** A publisher at work, and what it has said. */
export class Publisher {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  said = '';

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  start(): void {
    const child = spawn(process.execPath, [PROGRAM, 'sink', ...this.#args], {
      env: bareEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.#child = child;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends it; gives its exit code, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) {
      return child.exitCode ?? child.signalCode!;
    }
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code, name] = await ended;
    return code ?? name;
  }

  /** A number of its metrics, where it tells them. */
  async metric(name: string): Promise<number> {
    const [, url] = /metrics at (\S+)/.exec(this.said)!;
    const text = await (await fetch(url!)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)![1]);
  }

  get peakBytes(): number {
    return memoryOf(this.#child!.pid!)?.peakBytes ?? 0;
  }
}

/**
 * Two publishers of the same rows: one is killed twice, one is stopped; the broker is frozen, killed
 * and started again. Checks that the stream then holds each row once.
 */
export async function runSinks(broker: BrokerOfRun, options: RunOptions): Promise<RunReport> {
  const { pausedMs, frozenMs, calmMs, intervalMs, symbols } = options;
  const market = ['--interval', `${intervalMs}ms`, '--count', String(symbols)];
  const server = await ServerProcess.start({ args: [...market, '--capacity', '1000'] });
  const args = [...broker.args, '--from', server.url];
  const [killed, paused] = [new Publisher(args), new Publisher(args)];
  try {
    killed.start();
    paused.start();
    const count = async () => (await broker.readAll()).length;
    await eventually(async () => expect(await count()).toBeGreaterThan(2));
    await sleep(calmMs);
    const [before, grown] = [killed.peakBytes, paused.peakBytes];

    await killed.end('SIGKILL');
    killed.start();
    await sleep(calmMs);
    paused.signal('SIGSTOP');
    await sleep(pausedMs / 2);
    await killed.end('SIGKILL');
    killed.start();
    await sleep(pausedMs / 2);
    paused.signal('SIGCONT');
    await sleep(calmMs);
    await broker.freeze();
    await sleep(frozenMs);
    await broker.kill();
    broker.thaw();
    await sleep(calmMs);
    await broker.start();

    const head = await headOf(server);
    await eventually(async () => {
      const [newest] = (await broker.readAll()).slice(-1);
      expect(timeIn(newest!.id)).toBeGreaterThan(head + 20 * intervalMs);
    });
    const grownMb = Math.max(killed.peakBytes - before, paused.peakBytes - grown) / MB;
    expect(grownMb).toBeLessThan(40);
    for (const publisher of [killed, paused]) {
      expect([await publisher.end('SIGTERM'), publisher.said]).toEqual([0, publisher.said]);
    }
    const all = await broker.readAll();
    await checkRows(server, all, intervalMs);
    return { rows: all.length, grownMb };
  } finally {
    await Promise.all([killed, paused].map((publisher) => publisher.end('SIGKILL')));
    await server.kill();
  }
}

/** Checks that these are the rows of a server, one after the other, from the first to the last. */
export async function checkRows(
  { url }: ServerProcess,
  all: readonly { readonly id: string; readonly body: string }[],
  intervalMs: number,
): Promise<void> {
  const times = all.map(({ id }) => timeIn(id));
  expect(times).toEqual(times.map((_, n) => times[0]! + n * intervalMs));
  let text = '';
  for (let since = times[0]! - intervalMs; since < times.at(-1)!; ) {
    const range = `since=${since}&until=${times.at(-1)}`;
    const answer = await fetch(`${url}/v1/rows?format=ndjson&${range}`);
    expect(answer.status).toBe(200);
    text += await answer.text();
    since = Number(answer.headers.get('tickwell-until'));
  }
  expect(all.map(({ body }) => body)).toEqual(text.split('\n').slice(0, -1));
}

export function timeIn(id: string): number {
  return Number(id.split(':').at(-1));
}

async function headOf({ url }: ServerProcess): Promise<number> {
  const answer = await fetch(`${url}/v1/market`);
  return ((await answer.json()) as { head: number }).head;
}
