import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { headOf, killAll, memoryOf, ServerProcess } from '../faults/server-process.ts';
import { bareEnvironment, PROGRAM, runCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';

const MARKET = ['--interval', '100ms', '--count', '3', '--capacity', '50'];
const SPAN_MS = 100;
const MB = 2 ** 20;

let folder: string;
const followers = new Set<ChildProcess>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-follow-'));
});

afterEach(async () => {
  for (const child of followers) child.kill('SIGKILL');
  followers.clear();
  await killAll();
});

afterAll(() => rmSync(folder, { recursive: true }));

const serve = (port = 0, ...more: string[]) =>
  ServerProcess.start({ args: [...MARKET, ...more], port });

/** The command at work, with what it has said so far. */
function follow(args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [PROGRAM, 'follow', ...args], {
    env: bareEnvironment(),
    stdio: ['ignore', stdout, 'pipe'],
  });
  followers.add(child);
  const said = { out: '', errors: '' };
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    said.errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { child, said, ended };
}

/** The same, all of whose output is kept. */
function followAll(args: readonly string[]) {
  const follower = follow(args);
  follower.child.stdout!.setEncoding('utf8').on('data', (text) => {
    follower.said.out += text;
  });
  return follower;
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** The lines of a range as the server writes them. */
async function served(url: string, first: number, last: number, more = ''): Promise<string> {
  const range = `since=${first - SPAN_MS}&until=${last}`;
  return (await fetch(`${url}/v1/rows?format=ndjson&${range}${more}`)).text();
}

const timeIn = (line: string | undefined) => (JSON.parse(line!) as { time: number }).time;

describe('tickwell follow', () => {
  it('writes each row once, in order, though the server is killed and comes back', async () => {
    let server = await serve();
    const { url, port } = server;
    const { said, ended, child } = followAll([url, '--fields', 'last,bid']);
    await eventually(() => expect(linesOf(said.out).length).toBeGreaterThan(5));
    for (const downMs of [0, 1200]) {
      await server.kill();
      const before = linesOf(said.out).length;
      await sleep(downMs);
      server = await serve(port);
      await eventually(() => expect(linesOf(said.out).length).toBeGreaterThan(before + 10));
    }
    child.kill('SIGTERM');

    expect(await ended).toBe(0);
    const lines = linesOf(said.out);
    const range = await served(url, timeIn(lines[0]), timeIn(lines.at(-1)), '&fields=last,bid');
    expect(said.out).toBe(range);
    expect(said.errors).toMatch(/^tickwell: no rows: The .+\n(.*\n)*tickwell: rows come again\n$/);
  });

  it('waits for a server that is not there yet, and says so once', async () => {
    const gone = await serve();
    const { url, port } = gone;
    await gone.kill();
    const { said } = followAll([url, '--since', 'origin']);
    const later = followAll([url]);
    await eventually(() => expect(said.errors).toContain('tickwell: no rows yet: '));
    // Several attempts fail.
    await sleep(2500);
    const lines = later.said.errors.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^tickwell: no rows: /);
    expect(lines).toEqual([...new Set(lines)]);
    await serve(port);
    await eventually(() => expect(linesOf(said.out).length).toBeGreaterThan(3));
    const [first] = linesOf(said.out);
    expect(timeIn(first)).toBe(Date.UTC(2026, 0, 1));
    expect(linesOf(said.out).slice(0, 4).map(timeIn)).toEqual(
      [0, 1, 2, 3].map((n) => timeIn(first) + n * SPAN_MS),
    );
  });

  it('has each row once in a file that is appended to, however often it is killed', async () => {
    const { url } = await serve();
    const [out, cursor] = [join(folder, 'killed.csv'), join(folder, 'killed.cursor')];
    const args = [url, '--since', 'origin', '--format', 'csv', '--cursor', cursor];
    for (let kills = 0; kills < 6; kills++) {
      const fd = openSync(out, 'a');
      const { child, ended } = follow(args, fd);
      closeSync(fd);
      const before = readFileSync(out).length;
      await eventually(() => expect(readFileSync(out).length).toBeGreaterThan(before + 20_000));
      await sleep(Math.random() * 300);
      child.kill('SIGKILL');
      await ended;
    }
    // As a kill amid a write leaves it.
    const whole = readFileSync(out, 'utf8');
    writeFileSync(out, `${whole}17965`);
    const fd = openSync(out, 'a');
    const { child, said, ended } = follow(args, fd);
    closeSync(fd);
    await eventually(() => expect(readFileSync(out).length).toBeGreaterThan(whole.length + 20_000));
    child.kill('SIGTERM');

    expect(await ended).toBe(0);
    expect(said.errors).toMatch(/^tickwell: \d+ bytes behind the cursor are written again\n$/);
    const text = readFileSync(out, 'utf8');
    const rows = linesOf(text).length - 1;
    const to = Date.UTC(2026, 0, 1) + rows * SPAN_MS;
    const range = ['--from', '2026-01-01', '--to', String(to)];
    const { stdout } = await runCli(['generate', '--interval', '100ms', '--count', '3', ...range]);
    expect(text === stdout).toBe(true);
  });

  it('gives a pipe no row less, and some again, after a kill', async () => {
    const { url } = await serve();
    const cursor = join(folder, 'pipe.cursor');
    const args = [url, '--since', 'origin', '--cursor', cursor];
    const times: number[][] = [];
    for (let kills = 0; kills < 4; kills++) {
      const { said, child, ended } = followAll(args);
      const before = times.length === 0 ? Number.NEGATIVE_INFINITY : times.at(-1)!.at(-1)!;
      const untilIn = () => JSON.parse(readFileSync(cursor, 'utf8')).until as number;
      await eventually(() => expect(untilIn()).toBeGreaterThan(before));
      await eventually(() => expect(said.out.length).toBeGreaterThan(50_000));
      await sleep(Math.random() * 200);
      child.kill('SIGKILL');
      await ended;
      times.push(linesOf(said.out).map(timeIn));
    }
    for (const [n, own] of times.entries()) {
      expect(own).toEqual(own.map((_, row) => own[0]! + row * SPAN_MS));
      if (n > 0) expect(own[0]).toBeLessThanOrEqual(times[n - 1]!.at(-1)! + SPAN_MS);
    }
    expect(times[3]![0]).toBeGreaterThan(times[0]![0]!);
  });

  it('waits for a slow pipe, with as much memory as before', async () => {
    const { url } = await serve();
    const { child, said } = follow([url, '--since', 'origin']);
    const peak = () => memoryOf(child.pid!)!.peakBytes;
    await once(child.stdout!, 'readable');
    // Until nothing moves: what waits is as much as may.
    let before = 0;
    await eventually(async () => {
      const now = peak();
      const hasGrown = now > before + MB;
      before = now;
      await sleep(500);
      expect(hasGrown).toBe(false);
    });
    expect(before).toBeLessThan(200 * MB);
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    await eventually(() => expect(text.length).toBeGreaterThan(20 * MB));
    const times = linesOf(text).map(timeIn);
    expect(times).toEqual(times.map((_, n) => Date.UTC(2026, 0, 1) + n * SPAN_MS));
    expect(peak() - before).toBeLessThan(64 * MB);
    expect(said.errors).toBe('');
  });

  it('ends without a word when nobody reads any more', async () => {
    const { url } = await serve();
    const { child, said, ended } = follow([url, '--since', 'origin']);
    await once(child.stdout!, 'readable');
    child.stdout!.destroy();
    expect([await ended, said.errors]).toEqual([0, '']);
  });

  it('ends at once when it is asked to, though its reader takes nothing', async () => {
    const { url } = await serve();
    const cursor = join(folder, 'stuck.cursor');
    const { child, ended } = follow([url, '--since', 'origin', '--cursor', cursor]);
    await once(child.stdout!, 'readable');
    await sleep(500);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    const { market, until } = JSON.parse(readFileSync(cursor, 'utf8'));
    expect([typeof market, until % SPAN_MS]).toEqual(['string', 0]);
  });

  it('says by its name that the server has another market, and ends with 3', async () => {
    const first = await serve();
    const { url, port } = first;
    const cursor = join(folder, 'changed.cursor');
    const { said, ended } = followAll([url, '--cursor', cursor]);
    await eventually(() => expect(linesOf(said.out).length).toBeGreaterThan(2));
    await first.kill();
    await serve(port, '--seed', '2');
    expect(await ended).toBe(3);
    expect(said.errors).toMatch(/\ntickwell: market_changed: market must be \w+, the one served/);
    const again = await runCli(['follow', url, '--cursor', cursor]);
    expect([again.code, again.stdout]).toEqual([3, '']);
    expect(again.stderr).toMatch(/^tickwell: market_changed: market must be .+; given: \w+\n$/);
  });

  it('says from when on something was done, and goes on behind it with the new id', async () => {
    const server = await serve();
    const { url } = server;
    const cursor = join(folder, 'entry.cursor');
    const before = (await (await fetch(`${url}/v1/market`)).json()) as { market: string };
    const { said, child, ended } = followAll([url, '--cursor', cursor, '--since', 'origin']);
    await eventually(() => expect(said.out).not.toBe(''));
    const { code, stdout } = await runCli(['control', 'shift', '--percent', '-5', '--url', url]);
    expect(code).toBe(0);
    child.kill('SIGKILL');
    await ended;
    expect(JSON.parse(readFileSync(cursor, 'utf8')).market).toBe(before.market);
    const id = / id (\w+)|Market (\w+)/.exec(stdout)?.at(-1);
    const { said: later } = followAll([url, '--symbols', 'ticker_1']);
    await eventually(() => expect(linesOf(later.out).length).toBeGreaterThan(1));
    const now = await headOf(server);
    const near = followAll([url, '--since', String(now - 20 * SPAN_MS), '--cursor', `${cursor}2`]);
    await eventually(() => expect(linesOf(near.said.out).length).toBeGreaterThan(25));
    near.child.kill('SIGTERM');
    expect(await near.ended).toBe(0);
    expect(JSON.parse(readFileSync(`${cursor}2`, 'utf8')).market).toBe(id);
  });
});
