import { afterEach, describe, expect, it } from 'vitest';
import { startBrokers } from '../helpers/nats.ts';
import { RedisServer } from '../helpers/redis.ts';
import { makeStream, brokerOfRun as natsOfRun } from './nats/streams.ts';
import { brokerOfRun as redisOfRun } from './redis/streams.ts';
import { type BrokerOfRun, type RunReport, runSinks } from './sink-run.ts';

const WINDOW_NANOS = 5e9;
/** One publisher sleeps for longer than the broker remembers ids. */
const OPTIONS = {
  ...{ pausedMs: 9000, frozenMs: 12_000, calmMs: 3000 },
  ...{ intervalMs: 10, symbols: 50 },
};

const say = (line: string) => void process.stdout.write(line);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function nats(count: 1 | 3): Promise<BrokerOfRun> {
  const brokers = await startBrokers({ count });
  stops.push(() => brokers.stop());
  await makeStream(brokers.urls, { duplicate_window: WINDOW_NANOS, num_replicas: count });
  return natsOfRun(brokers);
}

async function redis(): Promise<BrokerOfRun> {
  const server = await RedisServer.start();
  stops.push(() => server.stop());
  return redisOfRun(server);
}

function told(name: string, { rows, grownMb }: RunReport): void {
  say(`| ${name} | ${rows} | 0 | 0 | ${grownMb.toFixed(1)} MB |\n`);
}

describe('two publishers, one killed twice and one stopped, and their broker frozen and killed', () => {
  it.each<[string, () => Promise<BrokerOfRun>]>([
    ['one nats-server', () => nats(1)],
    ['three, of which the leader is frozen and killed', () => nats(3)],
    ['one redis-server', redis],
  ])(
    'leave each row once in the stream of %s',
    async (name, start) => {
      say(
        '\n| stream of | rows | lost | twice | memory grew by at most |\n|---|---|---|---|---|\n',
      );
      const report = await runSinks(await start(), OPTIONS);
      told(name, report);
      expect(report.rows).toBeGreaterThan(2000);
    },
    400_000,
  );
});
