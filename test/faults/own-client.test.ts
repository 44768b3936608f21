import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { faults } from '../../src/client/grade.ts';
import { fetchRows, type Rows, type Subscription, subscribe } from '../../src/client/index.ts';
import { OWN_PROFILES } from '../../src/core/faults/own.ts';
import { runCli, spawnCli } from '../helpers/cli.ts';

const SINCE = Date.UTC(2026, 2, 2, 14, 30);
/** 500 rows: each profile strikes by each of its clauses that a stream can meet. */
const UNTIL = SINCE + 500_000;
/** Market time in a second: all has come after 25 s. */
const SPEED = '20';
const SEED = 1;
const WAYS = [
  { transport: 'websocket', format: 'bin' },
  { transport: 'websocket', format: 'json' },
  { transport: 'events', format: 'json' },
] as const;

let child: ReturnType<typeof spawnCli>;
let url: string;

beforeAll(async () => {
  const time = ['--at', new Date(SINCE).toISOString(), '--speed', SPEED, '--paused'];
  const options = ['--limit', 'heartbeatMs=1000', '--host', '127.0.0.1', '--port', '0'];
  child = spawnCli(['serve', '--count', '3', ...time, ...options]);
  for await (const line of createInterface(child.stdout)) {
    url ??= / on (http:\S+)$/.exec(line)?.[1] as string;
    if (url !== undefined) break;
  }
  while (!(await fetch(`${url}/readyz`)).ok) await sleep(20);
});

afterAll(() => child.kill('SIGKILL'));

interface Case {
  readonly name: string;
  readonly profile: string;
  readonly stream: Subscription;
  readonly rows: Map<number, readonly number[]>;
}

/** Reads to the end, and checks that each row comes after the one before. */
async function read({ name, stream, rows }: Case): Promise<void> {
  let until = SINCE;
  for await (const batch of stream as AsyncIterable<Rows>) {
    expect(batch.since, name).toBe(until);
    until = batch.until;
    for (const { time, prices } of batch) rows.set(time, Object.values(prices));
    if (until >= UNTIL) return;
  }
}

it('the client has every row once under each profile with a name, by each way', {
  timeout: 300_000,
  // Time goes on: there is no second beginning.
  retry: 0,
}, async () => {
  const cases = OWN_PROFILES.flatMap(({ name: profile }) =>
    WAYS.map((way): Case => {
      const asked = { url, symbols: '*', since: SINCE, faults: profile, faultSeed: SEED } as const;
      const stream = subscribe({ ...asked, ...way, WebSocket });
      const name = `${profile} by ${way.transport} (${way.format})`;
      return { name, profile, stream, rows: new Map() };
    }),
  );
  const reading = cases.map(read);
  while (cases.some(({ stream }) => stream.state.kind !== 'live')) await sleep(50);
  expect(await runCli(['control', 'resume', '--url', url])).toMatchObject({ code: 0 });
  await Promise.all(reading);

  const { prices } = await fetchRows({ url, symbols: '*', since: SINCE, until: UNTIL });
  for (const { profile } of OWN_PROFILES.map(({ name }) => ({ profile: name }))) {
    // What nobody can see: a price that is another.
    const unseen = new Set<string>();
    const asked = { url, faults: profile, faultSeed: SEED, since: SINCE, until: UNTIL };
    for await (const { time, kind, symbol } of faults(asked)) {
      if (kind === 'stale' || kind === 'corrupt') unseen.add(`${time} ${symbol}`);
    }
    for (const { name, rows } of cases.filter((one) => one.profile === profile)) {
      for (let n = 0; n < 500; n++) {
        const time = SINCE + (n + 1) * 1000;
        const told = rows.get(time);
        expect(told, `${name}: ${time}`).toBeDefined();
        for (const [column, ticks] of told!.entries()) {
          if (unseen.has(`${time} ticker_${column}`)) continue;
          expect(ticks, `${name}: ${time}, column ${column}`).toBe(prices[column]![n]);
        }
      }
    }
  }
  const storms = cases.filter(({ profile }) => profile === 'reconnect-storm');
  for (const { name, stream } of storms)
    expect(stream.counters.reconnects, name).toBeGreaterThan(5);
  // What comes while one catches up is told as it is: which of them meet what is a matter of time.
  const vendors = cases.filter(({ profile }) => profile === 'bad-vendor');
  const met = vendors.map(({ stream: { counters } }) => counters.gaps + counters.duplicates);
  expect(met.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
});
