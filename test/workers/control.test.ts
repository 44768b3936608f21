import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { rowsOf as rowsIn } from '../core/timeline/done.ts';
import { killAll, marketArgs, ServerProcess } from '../faults/server-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { type LoggedEntry, RowsFollower, timelineOf } from '../helpers/followed-rows.ts';
import { marketOf } from '../helpers/market.ts';

const SPEC = { seed: 3, count: 3, interval: 50, capacity: 400 };

let folder: string | undefined;

afterEach(async () => {
  await killAll();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

interface Said {
  readonly key: string;
  readonly index: number;
  readonly market: string;
}

/** What is done, over and over; some of it is still in force when the next one comes. */
const KINDS = [
  { kind: 'shift', percent: 4 },
  { kind: 'halt', symbol: 'ticker_1', for: '400ms' },
  { kind: 'volatility', factor: 3, for: '2s' },
  { kind: 'shift', symbol: 'ticker_0', percent: -3 },
  { kind: 'liquidity', spread: 3, depth: 0.5, volume: 2, for: '1s' },
  { kind: 'halt', for: '250ms', resume: 'frozen' },
];

/** Each request by a connection of its own: so it comes to any of the workers. */
async function ask(server: ServerProcess, path: string, body?: object) {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

/** The rows behind `since`, as one of the workers gives them. */
async function rowsOf(server: ServerProcess, from: number, rows: number) {
  const market = marketOf(SPEC);
  const { originMs, intervalMs } = market.grid;
  const since = originMs + (from - 1) * intervalMs;
  const until = since + rows * intervalMs;
  const path = `/v1/rows?symbols=*&since=${since}&until=${until}`;
  const { status, json } = await ask(server, path);
  return status === 200 ? (json.prices as number[][]) : undefined;
}

/** The prices as the log makes them. */
function truthOf(log: { entries: readonly LoggedEntry[] }, from: number, rows: number) {
  const timeline = timelineOf(marketOf(SPEC), log.entries);
  return timeline.symbols.map((_, column) => [...rowsIn(timeline, column, from, from + rows).last]);
}

describe('four workers', () => {
  it('give the same rows under entries, although they are killed, stopped and replaced', async () => {
    folder = mkdtempSync(join(tmpdir(), 'tickwell-control-'));
    const log = join(folder, 'market.log');
    const several = ['--workers', '4', '--log-level', 'info', '--log', log];
    const server = await ServerProcess.start({ args: [...several, ...marketArgs(SPEC)] });
    await eventually(() => expect(server.workers).toHaveLength(4));
    const followers = (['json', 'bin', 'events', 'json', 'bin', 'events'] as const).map(
      (how) => new RowsFollower(server.url, marketOf(SPEC), how),
    );
    await eventually(() => {
      for (const { next } of followers) expect(next).toBeGreaterThan(0);
    });
    const taken: Said[] = [];
    const [one, two] = server.workers;
    // Others ask meanwhile, of whichever worker.
    let isBusy = true;
    const asking = Array.from({ length: 3 }, async () => {
      while (isBusy) {
        await fetch(`${server.url}/v1/candles?symbol=ticker_0&resolution=1s&last=200`, {
          headers: { connection: 'close' },
          signal: AbortSignal.timeout(3000),
        }).catch(() => {});
        await new Promise((later) => setTimeout(later, 20));
      }
    });
    for (let n = 0; n < 24; n++) {
      if (n === 6) process.kill(one!, 'SIGKILL');
      if (n === 10) process.kill(two!, 'SIGSTOP');
      if (n === 18) process.kill(two!, 'SIGCONT');
      const body = { ...KINDS[n % KINDS.length], key: `k${n}` };
      // A worker that is killed or stopped answers nobody: asked again, it is done once.
      const { json } = await eventually(() =>
        Promise.race([
          ask(server, '/v1/control/events', body),
          new Promise<never>((_, reject) => setTimeout(() => reject(new Error('slow')), 3000)),
        ]),
      );
      taken.push(json);
    }
    await eventually(() => expect(server.workers).toHaveLength(5));
    isBusy = false;
    await Promise.all(asking);
    const said = (await ask(server, '/v1/control/log')).json;
    expect(said.entries.map(({ key }: Said) => key)).toEqual(taken.map(({ key }) => key));
    expect(said.entries.map(({ index }: Said) => index)).toEqual(taken.map(({ index }) => index));
    expect(said.market).toBe(taken.at(-1)!.market);
    const first = taken[0]!.index - 20;
    const rows = taken.at(-1)!.index + 20 - first;
    const truth = truthOf(said, first, rows);
    await eventually(async () => expect(await rowsOf(server, first, rows)).toEqual(truth));
    // As many as there are workers, and more.
    for (let n = 0; n < 12; n++) expect(await rowsOf(server, first, rows)).toEqual(truth);
    // Whoever followed a worker that was killed or stopped has come back, and lacks nothing.
    await eventually(() => {
      for (const { next, error } of followers) {
        expect(error).toBeUndefined();
        expect(next).toBeGreaterThan(first + rows);
      }
    });
    await Promise.all(followers.map((follower) => follower.end()));
    expect(followers.reduce((sum, { reconnects }) => sum + reconnects, 0)).toBeGreaterThan(0);
    const timeline = timelineOf(marketOf(SPEC), said.entries);
    for (const follower of followers) {
      expect(follower.from).toBeLessThan(taken[0]!.index);
      expect(follower.firstWrong(timeline)).toBeUndefined();
      expect(follower.ids).toContain(said.market);
    }
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(readFileSync(log, 'utf8').match(/"entry":/g)).toHaveLength(24);

    // One process alone goes on with the same log.
    const alone = await ServerProcess.start({ args: ['--log', log, ...marketArgs(SPEC)] });
    expect(await rowsOf(alone, first, rows)).toEqual(truth);
    const live = new RowsFollower(alone.url, marketOf(SPEC), 'bin');
    await eventually(() => expect(live.next).toBeGreaterThan(live.from + 5));
    await live.end();
    expect(live.firstWrong(timeline)).toBeUndefined();
    const again = await ask(alone, '/v1/control/events', {
      ...{ ...KINDS[0], key: 'k0' },
    });
    expect(again.json).toEqual(taken[0]);
    const next = await ask(alone, '/v1/control/events', { kind: 'halt', for: '1s' });
    expect(next.json.index).toBeGreaterThan(taken.at(-1)!.index);
  }, 120_000);

  it('stand still together, at the row that the answer names, and go on by steps', async () => {
    const server = await ServerProcess.start({
      args: ['--workers', '2', '--log-level', 'info', ...marketArgs(SPEC)],
    });
    const market = marketOf(SPEC);
    const headOf = async () => {
      const { head } = (await ask(server, '/v1/market')).json;
      return (head - market.grid.originMs) / market.grid.intervalMs + 1;
    };
    const { json } = await ask(server, '/v1/control/clock', { paused: true });
    await eventually(async () => expect(await headOf()).toBe(json.index));
    for (let n = 0; n < 6; n++) expect(await headOf()).toBe(json.index);
    await ask(server, '/v1/control/clock', { step: 7 });
    for (let n = 0; n < 6; n++) {
      await eventually(async () => expect(await headOf()).toBe(json.index + 7));
    }
    const { index } = (await ask(server, '/v1/control/events', { kind: 'halt', for: '1s' })).json;
    expect(index).toBe(json.index + 7);
  });

  it('do once what comes at once with one key, and refuse another body', async () => {
    const server = await ServerProcess.start({
      args: ['--workers', '2', '--log-level', 'info', ...marketArgs(SPEC)],
    });
    for (let n = 0; n < 5; n++) {
      const key = `at once ${n}`.replaceAll(' ', '-');
      const bodies = [4, 4, 5, 4, 5, 4, 5, 5].map((percent) => ({ kind: 'shift', percent, key }));
      const answers = await Promise.all(
        bodies.map((body) => ask(server, '/v1/control/events', body)),
      );
      const done = answers.filter(({ status }) => status === 200).map(({ json }) => json);
      const refused = answers.filter(({ status }) => status !== 200);
      // Whichever came first is done, for all who asked for the same.
      expect(done).toHaveLength(4);
      for (const answer of done) expect(answer).toEqual(done[0]);
      for (const { status, json } of refused) {
        expect([status, json.error.code]).toEqual([409, 'conflict']);
      }
    }
    const { entries } = (await ask(server, '/v1/control/log')).json;
    expect(entries).toHaveLength(5);
  });

  it('refuse what one alone would, in the same words', async () => {
    const server = await ServerProcess.start({
      args: ['--workers', '2', '--log-level', 'info', ...marketArgs(SPEC)],
    });
    await ask(server, '/v1/control/events', { kind: 'halt', for: '1s', key: 'k' });
    for (let n = 0; n < 4; n++) {
      const { status, json } = await ask(server, '/v1/control/events', {
        ...{ kind: 'halt', for: '2s', key: 'k' },
      });
      expect(status).toBe(409);
      expect(json.error).toEqual({
        code: 'conflict',
        message: 'key must be one of its own: something else was done with k',
      });
    }
  });
});
