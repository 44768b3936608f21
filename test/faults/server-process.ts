import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK_VARIABLE } from '../../src/cli/clock.ts';
import { PROGRAM } from '../helpers/cli.ts';

const HOST = '127.0.0.1';
const running = new Set<ServerChild>();

// Nothing of a test may outlive it, even if it is stopped amid its work.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Ends what a test has left running; for its `afterEach`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map(kill));
}

export interface ServeOptions {
  readonly args: readonly string[];
  /** 0 for any free one. */
  readonly port?: number;
  /** The most files it may have open. */
  readonly maxFiles?: number;
  /** By how much its clock is ahead. */
  readonly aheadMs?: number;
  /** Whether to come back as soon as it listens. */
  readonly isUnready?: boolean;
}

/** The program as it is shipped, serving in a process of its own. */
export class ServerProcess {
  readonly port: number;
  /** What it has said on standard error. */
  readonly log: readonly string[];
  /**
   * Resolves when it has ended, and all that it started, which had its standard error too: its exit
   * code, or null after a signal.
   */
  readonly ended: Promise<number | null>;
  readonly #child: ServerChild;

  private constructor(child: ServerChild, port: number, log: readonly string[]) {
    this.#child = child;
    this.ended = once(child, 'close').then(([code]) => code);
    this.port = port;
    this.log = log;
  }

  /** Comes back when it is ready: its ring is full, and rows flow. */
  static async start(options: ServeOptions): Promise<ServerProcess> {
    const child = spawnServer(options);
    running.add(child);
    child.on('exit', () => running.delete(child));
    const log: string[] = [];
    createInterface(child.stderr).on('line', (line) => log.push(line));
    for await (const line of createInterface(child.stdout)) {
      const port = / on http:\S+:(\d+)$/.exec(line)?.[1];
      if (port === undefined) continue;
      const server = new ServerProcess(child, Number(port), log);
      while (!options.isUnready && !(await fetch(`${server.url}/readyz`)).ok) await sleep(10);
      return server;
    }
    throw new Error(`the server must come up; given: ${log.join('\n')}`);
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Pids of the processes that serve, the newest last; some may have ended. Needs the level info. */
  get workers(): readonly number[] {
    const lines = this.log.map((line) => JSON.parse(line) as { pid: number; msg: string });
    return lines.filter(({ msg }) => msg === 'ready').map(({ pid }) => pid);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    await kill(this.#child);
  }

  /** Its memory now and at most, in bytes; undefined where the system does not tell. */
  memory(): { readonly nowBytes: number; readonly peakBytes: number } | undefined {
    return memoryOf(this.#child.pid ?? 0);
  }
}

/** Resident memory of a process, in bytes; undefined where the system does not tell. */
export function memoryOf(pid: number | 'self') {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytesOf = (name: string) =>
      1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return { nowBytes: bytesOf('VmRSS'), peakBytes: bytesOf('VmHWM') };
  } catch {
    return undefined;
  }
}

type ServerChild = ReturnType<typeof spawnServer>;

async function kill(child: ServerChild): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function spawnServer({ args, port = 0, maxFiles, aheadMs }: ServeOptions) {
  const serve = [PROGRAM, 'serve', '--host', HOST, '--port', String(port), ...args];
  const names = Object.keys(process.env).filter((name) => !name.startsWith('TICKWELL_'));
  const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  if (aheadMs !== undefined) env[CLOCK_VARIABLE] = String(aheadMs);
  const [program, ...words] =
    maxFiles === undefined
      ? [process.execPath, ...serve]
      : ['bash', '-c', `ulimit -n ${maxFiles}; exec "$0" "$@"`, process.execPath, ...serve];
  return spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The options by which it serves the market of a spec. */
export function marketArgs(spec: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(spec).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** The options that change limits. */
export function limitArgs(limits: Readonly<Record<string, number>>): string[] {
  return Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]);
}

/** The time of the newest row. */
export async function headOf({ url }: ServerProcess): Promise<number> {
  const answer = await fetch(`${url}/v1/market`);
  return ((await answer.json()) as { head: number }).head;
}
