import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CliThread, spawnCli } from '../helpers/cli.ts';
import { CLOCK_VARIABLE } from '../helpers/clock.ts';
import { expectSentence } from '../helpers/sentence.ts';

const DAY_MS = 86_400_000;
const SMALL = ['--count=2', '--capacity=10', '--interval=1ms', '--origin=2020-01-01'];
const SERVE = ['serve', ...SMALL, '--host=127.0.0.1', '--port=0'];
const GENERATE = ['generate', ...SMALL, '--to=now', '--format=ndjson'];

let cli: CliThread;
const children: ReturnType<typeof spawnCli>[] = [];

beforeAll(() => {
  cli = new CliThread();
});

afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
});

afterAll(() => cli.end());

async function end(child: ReturnType<typeof spawnCli>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** A server whose clock is `offsetMs` ahead; `lines` are those it begins with. */
async function serve(offsetMs: number, args: readonly string[] = []) {
  const child = spawnCli([...SERVE, ...args], { [CLOCK_VARIABLE]: `${offsetMs}` });
  children.push(child);
  const logged = once(createInterface(child.stderr), 'line');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === 3) break;
  }
  const url = /http:\S+:\d+/.exec(lines[0]!)![0];
  const ready = async () => (await fetch(`${url}/readyz`)).ok;
  await expect.poll(ready).toBe(true);
  const market = async () => (await fetch(`${url}/v1/market`)).json();
  return { child, lines, log: JSON.parse((await logged)[0]), market };
}

/** Runs `what` and expects that its result lies between the times before and after it. */
async function expectNow(offsetMs: number, what: () => Promise<number>): Promise<void> {
  const before = Date.now() + offsetMs;
  const time = await what();
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now() + offsetMs);
}

it('a server by a test clock gives rows of that time, and says so at its start and in its log', async () => {
  for (const offsetMs of [-1000.5 * DAY_MS, 3 * DAY_MS]) {
    const { lines, log, market } = await serve(offsetMs);
    await expectNow(offsetMs, async () => (await market()).now);
    const { head, now } = await market();
    expect(Math.abs(now - head)).toBeLessThan(DAY_MS);
    const told = /test clock is in use, by which it is (\S+);/;
    const [, time = ''] = told.exec(lines[2]!) ?? [];
    expect(Math.abs(Date.parse(time) - now)).toBeLessThan(DAY_MS);
    expect(log).toMatchObject({ level: 40, msg: expect.stringMatching(told) });
  }
});

it('a server that is killed and comes back finds that its time went on', async () => {
  const offsetMs = -365 * DAY_MS;
  const first = await serve(offsetMs);
  const before = await first.market();
  await end(first.child);
  const second = await serve(offsetMs);
  const after = await second.market();
  expect(after.head).toBeGreaterThan(before.head);
  await expectNow(offsetMs, async () => (await second.market()).now);
});

it('several workers go by one test clock', async () => {
  const offsetMs = -365 * DAY_MS;
  const { market } = await serve(offsetMs, ['--workers=2']);
  for (let asked = 0; asked < 4; asked++) {
    await expectNow(offsetMs, async () => (await market()).now);
  }
});

it('a market begins at a time of its own, and stands still: each of several workers says so', async () => {
  const begin = ['--at=2031-03-02T14:30:00Z', '--speed=60', '--paused'];
  const { market } = await serve(0, [...begin, '--workers=2']);
  const now = Date.UTC(2031, 2, 2, 14, 30);
  for (let asked = 0; asked < 4; asked++) {
    expect(await market()).toMatchObject({ now, speed: 0, head: now });
  }
});

it('several workers go on together, however fast', async () => {
  const beganMs = Date.now();
  const { market } = await serve(0, ['--at=2031-03-02', '--speed=10000', '--workers=2']);
  let before = Date.UTC(2031, 2, 2);
  for (let asked = 0; asked < 4; asked++) {
    const { now, speed } = await market();
    expect(speed).toBe(10_000);
    expect(now).toBeGreaterThan(before);
    expect(now - Date.UTC(2031, 2, 2)).toBeLessThanOrEqual((Date.now() - beganMs) * 10_000);
    before = now;
  }
});

it('generate goes by it where it is asked for what is due by now, and says so', async () => {
  const offsetMs = -365 * DAY_MS;
  const env = { [CLOCK_VARIABLE]: `${offsetMs}` };
  await expectNow(offsetMs, async () => {
    const from = `--from=${Date.now() + offsetMs - 50}`;
    const { code, stdout, stderr } = await cli.run([...GENERATE, from], env);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^tickwell: a test clock is in use/)]);
    return new Date(JSON.parse(stdout.trimEnd().split('\n').at(-1)!).time).getTime();
  });
});

it.each(['', ' ', '1.5', '+5', '1e3', '2026-06-01T00:00:00Z', '3155760000001', '-3155760000001'])(
  'an invalid test clock is told in a sentence, and nothing begins: "%s"',
  async (text) => {
    for (const args of [SERVE, [...GENERATE, '--from=2020-01-01']]) {
      const { code, stdout, stderr } = await cli.run(args, { [CLOCK_VARIABLE]: text });
      expect([code, stdout]).toEqual([2, '']);
      expectSentence(stderr.slice('tickwell: '.length, -1), CLOCK_VARIABLE, text);
    }
  },
);
