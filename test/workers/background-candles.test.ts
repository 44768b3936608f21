import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { killAll, ServerProcess } from '../faults/server-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics } from '../helpers/exposition.ts';

const MARKET = ['--count', '3', '--interval', '10s', '--capacity', '100'];
const SINCE_AUGUST = [...MARKET, '--origin', '2026-08-01'];
const RANGES = [
  'resolution=1d&from=2026-08-01&to=2026-11-01&fields=volume,trades',
  'resolution=1h&from=2026-09-01&to=2026-10-01&fields=volume',
  'resolution=1d&from=2026-08-01&to=2026-11-01&tz=America/New_York',
  'resolution=1mo&from=2026-08-01&to=2026-11-01&fields=trades&tz=Asia/Kolkata',
];

/** Threads that let all others go first wait for as long as others are at work. */
const IDLE_MS = 300_000;
const DAY_MS = 86_400_000;

afterEach(killAll);

async function start(...args: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start({ args: ['--log-level', 'debug', ...args] });
}

/** What all that serve keep, in bytes. */
async function keptBytes({ url }: ServerProcess): Promise<number> {
  const { samples } = parseMetrics(await (await fetch(`${url}/metrics`)).text());
  return samples.get('tickwell_candles_kept_bytes')!;
}

/** How often candles were made until none were missing. */
const made = ({ log }: ServerProcess) =>
  log.filter((line) => line.includes('candles are made')).length;

async function candles({ url }: ServerProcess, range: string): Promise<string> {
  const answer = await fetch(`${url}/v1/candles?symbols=ticker_0,ticker_2&${range}`);
  expect(answer.status).toBe(200);
  return answer.text();
}

/** The priorities of the threads of a process, as `nice` has them. */
function niceness(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((task) =>
    Number(
      readFileSync(`${tasks}/${task}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[16],
    ),
  );
}

describe('candles that are made in the background', () => {
  it(
    'are those that are made when they are asked for',
    async () => {
      const [server, plain] = await Promise.all([
        start(...SINCE_AUGUST),
        start(...SINCE_AUGUST, '--cache-mb', '0'),
      ]);
      await eventually(() => expect(made(server)).toBe(1), IDLE_MS);
      expect(await keptBytes(server)).toBeGreaterThan(0);
      for (const range of RANGES) {
        expect(await candles(server, range)).toBe(await candles(plain, range));
      }
      expect([made(plain), await keptBytes(plain)]).toEqual([0, 0]);
    },
    2 * IDLE_MS,
  );

  it.runIf(process.platform === 'linux')(
    'are made by a thread that lets all others go first, and ends with its server',
    async () => {
      const server = await start('--preset', 'equities', '--origin', '2000-01-01');
      const { pid } = JSON.parse(server.log[0]!) as { pid: number };
      await eventually(() => expect(niceness(pid)).toContain(19));
      expect(niceness(pid).filter((nice) => nice !== 19)).toContain(niceness(process.pid)[0]);
      server.signal('SIGTERM');
      expect(await server.ended).toBe(0);
    },
  );

  it(
    'are made by one of several workers, for all, and again for one that comes later',
    async () => {
      const market = [...MARKET, '--origin', new Date(Date.now() - 20 * DAY_MS).toISOString()];
      const alone = await start(...market, '--cache-mb', '30');
      const server = await start(...market, '--cache-mb', '90', '--workers', '3');
      await eventually(() => expect([made(alone), made(server)]).toEqual([1, 1]), IDLE_MS);
      const bytes = await keptBytes(alone);
      expect(bytes).toBeGreaterThan(0);
      await eventually(async () => expect(await keptBytes(server)).toBe(3 * bytes));
      process.kill(server.workers.at(-1)!, 'SIGKILL');
      await eventually(async () => {
        expect(made(server)).toBe(2);
        expect(await keptBytes(server)).toBe(3 * bytes);
      }, IDLE_MS);
    },
    4 * IDLE_MS,
  );
});
