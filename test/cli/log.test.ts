import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { bareEnvironment, PROGRAM } from '../helpers/cli.ts';
import { parseMetrics, type Scrape } from '../helpers/exposition.ts';

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK } = constants;
const SERVE = ['serve', '--host=127.0.0.1', '--count=2', '--capacity=10'];
const LOUD = '--log-level=debug';
const DROPPED = 'tickwell_log_lines_dropped_total';
/** Each is logged, in some 200 bytes: more than a pipe takes and may wait. */
const REQUESTS = 2200;

const children: ChildProcess[] = [];
const descriptors: number[] = [];
let folder: string | undefined;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const fd of descriptors.splice(0)) closeSync(fd);
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

function opened(path: string, flags: number): number {
  const fd = openSync(path, flags);
  descriptors.push(fd);
  return fd;
}

function newPipe(): string {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  const path = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  return path;
}

/** Takes the pipe's last room. */
function fill(fd: number): void {
  try {
    for (;;) writeSync(fd, 'x'.repeat(4096));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
  }
}

/** The descriptor of a pipe without room, which a writer would wait for. */
function openedFull(): number {
  const path = newPipe();
  fill(opened(path, O_RDWR | O_NONBLOCK));
  return opened(path, O_WRONLY);
}

/** What standard error may be, and the descriptor of it. */
const KINDS = {
  'a full disk': () => opened('/dev/full', O_WRONLY),
  'a pipe that nobody reads': () => opened(newPipe(), O_RDWR),
  'a pipe whose reader is gone': () => {
    const path = newPipe();
    const reader = openSync(path, O_RDONLY | O_NONBLOCK);
    const writer = opened(path, O_WRONLY);
    closeSync(reader);
    return writer;
  },
} as const;
type Kind = keyof typeof KINDS;

function run(
  args: readonly string[],
  stdout: 'pipe' | number,
  stderr: 'pipe' | number,
  variables: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', stdout, stderr],
    env: { ...bareEnvironment(), ...variables },
  });
  children.push(child);
  return { child, ended: once(child, 'exit') };
}

/** Serves at a free port, which it says; gives that. */
async function serve(
  args: readonly string[],
  stderr: number,
  variables?: Readonly<Record<string, string>>,
) {
  const all = [...SERVE, '--port=0', LOUD, ...args];
  const { child, ended } = run(all, 'pipe', stderr, variables);
  const [line] = await once(child.stdout!.setEncoding('utf8'), 'data');
  const port = Number(/ on http:\S+:(\d+)\n/.exec(line)?.[1]);
  return { child, ended, port };
}

/** Asks so often, on one connection, and waits for all answers. */
async function ask(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const request = `GET /${'x'.repeat(59)} HTTP/1.1\r\nhost: a\r\n\r\n`;
  socket.write(request.repeat(REQUESTS - 1));
  socket.write(request.replace('host', 'connection: close\r\nhost'));
  await buffer(socket);
}

async function scrape(port: number): Promise<Scrape> {
  return parseMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await new Promise((closed) => other.close(closed));
  return port;
}

/** 0 while nobody answers. */
async function statusOf(port: number): Promise<number> {
  const signal = AbortSignal.timeout(1000);
  return fetch(`http://127.0.0.1:${port}/readyz`, { signal }).then(
    ({ status }) => status,
    () => 0,
  );
}

function workersOf({ pid }: ChildProcess): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** Processes start. */
const LONG = { timeout: 60_000 };
const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('a server whose log cannot be written', () => {
  it.each<[Kind, ...string[]]>([
    ['a full disk'],
    ['a full disk', '--workers=2'],
    ['a pipe that nobody reads'],
    ['a pipe whose reader is gone'],
  ])('because it is %s goes on, counts and ends on SIGTERM: %s', LONG, async (kind, ...args) => {
    const { child, ended, port } = await serve(args, KINDS[kind]());
    await ask(port);
    expect((await scrape(port)).value(DROPPED)).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('says how many lines it has dropped once it can', LONG, async () => {
    const path = newPipe();
    const reader = opened(path, O_RDWR | O_NONBLOCK);
    const { child, ended, port } = await serve([], opened(path, O_WRONLY));
    await ask(port);
    const dropped = (await scrape(port)).value(DROPPED);
    expect(dropped).toBeGreaterThan(0);
    let text = '';
    const bytes = Buffer.alloc(2 ** 16);
    await expect
      .poll(() => {
        try {
          for (;;) text += bytes.toString('utf8', 0, readSync(reader, bytes));
        } catch {
          return text.includes('log lines were dropped');
        }
      })
      .toBe(true);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const told = lines.find(({ msg }) => msg === 'log lines were dropped');
    expect(told).toMatchObject({ level: 50, dropped: expect.any(Number) });
    expect(told.dropped).toBeGreaterThanOrEqual(dropped);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe.skipIf(!isLinux)('two workers on a pipe that is full', LONG, () => {
  it.each(['standard output', 'standard error', 'both'])(
    'as %s serve on when one is replaced, and end on SIGTERM',
    async (which) => {
      const port = await freePort();
      const full = openedFull();
      const none = opened('/dev/null', O_WRONLY);
      const args = [...SERVE, `--port=${port}`, '--workers=2', '--log-level=trace'];
      const [stdout, stderr] = [
        which === 'standard error' ? none : full,
        which === 'standard output' ? none : full,
      ];
      const { child, ended } = run(args, stdout, stderr);
      await expect.poll(() => statusOf(port), LONG).toBe(200);
      const [first, second] = workersOf(child);
      // As of its own accord: Node then puts back what the descriptors were.
      process.kill(first!, 'SIGTERM');
      const others = () => workersOf(child).filter((pid) => pid !== first && pid !== second);
      await expect.poll(() => others().length, LONG).toBe(1);
      // One for each worker, and one more.
      for (let n = 0; n < 3; n++) await expect.poll(() => statusOf(port), LONG).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  );
});

describe.skipIf(!isLinux)('the program', LONG, () => {
  it.each(['a full disk', 'a pipe whose reader is gone'] as const)(
    'that cannot start ends with its code, although standard error is %s',
    async (kind) => {
      const { ended } = run(['serve', '--port=x'], 'pipe', KINDS[kind]());
      expect(await ended).toEqual([2, null]);
    },
  );

  it('that cannot start waits for no reader of the reason', async () => {
    const { ended } = run(['serve', '--port=x'], 'pipe', openedFull());
    expect(await ended).toEqual([2, null]);
  });

  it.each([...Object.keys(KINDS), 'full'] as (Kind | 'full')[])(
    'serves although a note cannot be written: standard error is %s',
    async (kind) => {
      const stderr = kind === 'full' ? openedFull() : KINDS[kind]();
      const { child, ended, port } = await serve([], stderr, { TICKWELL_FOO: '1' });
      await expect.poll(() => statusOf(port), LONG).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  );

  it('serves although standard output is full', async () => {
    const port = await freePort();
    const { child, ended } = run(
      [...SERVE, `--port=${port}`],
      opened('/dev/full', O_WRONLY),
      'pipe',
    );
    await expect.poll(() => statusOf(port), LONG).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('serves although the reader of its first line has gone', async () => {
    const { child, ended, port } = await serve([], opened('/dev/null', O_WRONLY));
    child.stdout!.destroy();
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
