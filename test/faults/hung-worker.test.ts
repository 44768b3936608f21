import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { PROTOCOL_NAMES } from '../../src/server/protocols.ts';
import type { Primary } from '../../src/workers/primary.ts';
import { startWorkers } from '../../src/workers/start-workers.ts';
import { PROGRAM } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics } from '../helpers/exposition.ts';
import { marketOf } from '../helpers/market.ts';

const BEAT_MS = 100;
/** Long beside what other processes of a busy machine take from a worker. */
const HUNG_MS = 20_000;
/** Of a primary that is held up: by any clock, no worker has said anything for too long. */
const HELD_UP_MS = HUNG_MS + 1000;
const HANGS = 'a worker hangs';

let primary: Primary | undefined;

afterEach(async () => {
  await primary?.stop();
  primary = undefined;
});

/** Two workers that serve, and what their primary says of them. */
async function start(): Promise<{ readonly log: readonly { msg: string }[] }> {
  const log: { msg: string }[] = [];
  const write = (line: string) => void log.push(JSON.parse(line));
  primary = await startWorkers({
    market: marketOf({ count: 5, interval: 1000, capacity: 100 }),
    ...{
      host: '127.0.0.1',
      port: 0,
      limits: limitsOf(),
      access: {},
      faults: {},
      cacheMb: 1,
      workers: 2,
    },
    protocols: PROTOCOL_NAMES,
    logger: pino({ level: 'fatal' }, { write }).child({}, { level: 'error' }),
    droppedLines: () => 0,
    clock: systemClock,
    logBroke: (error) => {
      throw error;
    },
    drainMs: 0,
    ...{ program: PROGRAM, args: ['worker'] },
    heartbeat: { beatMs: BEAT_MS, hungMs: HUNG_MS },
  });
  await primary.ready;
  return { log };
}

/** Those that run, the oldest first. */
function pids(): number[] {
  return Object.values(cluster.workers ?? {}).map((worker) => worker!.process.pid!);
}

async function scrape() {
  return parseMetrics(await (await fetch(`${primary!.url}/metrics`)).text());
}

describe('a worker', () => {
  it('that hangs while all serve is logged, counted, killed and replaced', async () => {
    const { log } = await start();
    const [one, two] = pids();
    process.kill(one!, 'SIGSTOP');
    await eventually(async () => {
      expect(pids()).toHaveLength(2);
      expect(pids()).not.toContain(one);
      expect((await scrape()).value('tickwell_workers')).toBe(2);
    });
    expect(pids()).toContain(two);
    expect(() => process.kill(one!, 0)).toThrow('ESRCH');
    const { value } = await scrape();
    expect(value('tickwell_worker_hangs_total')).toBe(1);
    expect(value('tickwell_worker_restarts_total')).toBe(1);
    expect(log).toEqual([
      expect.objectContaining({ msg: HANGS, worker: expect.any(Number), silentMs: HUNG_MS }),
      expect.objectContaining({ msg: 'a worker ended', signal: 'SIGKILL' }),
    ]);
  });

  it('is not killed because its primary was held up', async () => {
    const { log } = await start();
    const before = pids();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_UP_MS);
    await sleep(5 * BEAT_MS);
    expect(pids()).toEqual(before);
    expect(log).toEqual([]);
    expect((await scrape()).value('tickwell_worker_hangs_total')).toBe(0);
  });
});
