import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/follow.mjs', import.meta.url));
const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const INTERVAL = 100;
const MARKET = ['--interval', '100ms', '--count', '3', '--capacity', '50'];

/** What it says on standard error of the rows that it prints. */
const IN_TICKS = 'prices of ticker_0,ticker_1,ticker_2 in ticks';

type Child = ReturnType<typeof spawnCli>;

const running = new Set<Child>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

/** A server on `port`, 0 for any, that is ready. */
async function serve(port: string, ...more: string[]): Promise<{ child: Child; url: string }> {
  const child = spawnCli(['serve', '--host', '127.0.0.1', '--port', port, ...MARKET, ...more]);
  running.add(child);
  for await (const line of createInterface(child.stdout)) {
    const url = / on (http:\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    while (!(await fetch(`${url}/readyz`)).ok) await sleep(20);
    return { child, url };
  }
  throw new Error(`The server must come up on port ${port}; given: ${child.stderr.read()}`);
}

async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
  running.delete(child);
}

/** The example at work, and all that it has said so far. */
function follow(url: string) {
  const child = spawn(process.execPath, [EXAMPLE, url], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const lines: string[] = [];
  const said = { errors: '' };
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text;
  });
  return { child, lines, said };
}

/** Waits until the example has printed so many lines. */
async function printed({ lines, said }: ReturnType<typeof follow>, count: number): Promise<void> {
  while (lines.length < count) {
    expect(said.errors).not.toContain('Error');
    await sleep(50);
  }
}

describe('examples/follow.mjs', () => {
  it('prints each row once, in order, though the server is killed and comes back', async () => {
    const first = await serve('0');
    const { url } = first;
    const { port } = new URL(url);
    const follower = follow(url);
    let server = first.child;
    await printed(follower, 5);
    for (const downMs of [0, 1200]) {
      await kill(server);
      const before = follower.lines.length;
      await sleep(downMs);
      ({ child: server } = await serve(port));
      await printed(follower, before + 10);
    }
    await kill(follower.child);

    const rows = follower.lines.map((line) => line.split(' ').map(Number));
    const times = rows.map(([time]) => time);
    expect(times).toEqual(rows.map((_, n) => times[0] + n * INTERVAL));
    const range = `since=${times[0] - INTERVAL}&until=${times.at(-1)}`;
    const answer = await (await fetch(`${url}/v1/rows?${range}`)).json();
    const prices = times.map((_, n) => answer.prices.map((column: number[]) => column[n]));
    expect(rows.map(([, ...ticks]) => ticks)).toEqual(prices);
    // Between two servers it may have met none, or not.
    const told = follower.said.errors.trimEnd().split('\n');
    expect(new Set(told)).toEqual(new Set([IN_TICKS, `no rows from ${url} yet`]));
    expect(told[0]).toBe(IN_TICKS);
  });

  it('waits for a server that is not there yet, and stops if another market comes back', async () => {
    const { child, url } = await serve('0');
    await kill(child);
    const follower = follow(url);
    while (follower.said.errors === '') await sleep(20);
    const { port } = new URL(url);
    const late = await serve(port);
    await printed(follower, 3);
    await kill(late.child);
    await serve(port, '--seed', '2');
    const [code] = await once(follower.child, 'close');

    expect(code).toBe(1);
    const [first, second, ...more] = follower.said.errors.split('\n');
    expect([first, second]).toEqual([`no rows from ${url} yet`, IN_TICKS]);
    expect(more.join('\n')).toContain('Error: market must be ');
  });

  it('is at most 12 lines of code, and README.md shows it as it is', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    const code = text.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line));
    expect(code.length).toBeLessThanOrEqual(12);
    if (existsSync(README)) expect(readFileSync(README, 'utf8')).toContain(text);
  });
});
