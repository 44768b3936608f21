import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkEffects } from '../../src/core/market/entries/effects.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { killAll, marketArgs, ServerProcess } from '../faults/server-process.ts';
import { eventually } from '../helpers/eventually.ts';
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
function truthOf(
  log: { entries: readonly (Said & { effects: unknown })[] },
  from: number,
  rows: number,
) {
  const timeline = new Timeline(marketOf(SPEC));
  for (const { key, index, effects } of log.entries) {
    const check = checkEffects(effects, timeline);
    if (!check.ok) throw new Error(check.problems[0]!.message);
    timeline.add({ key, index, effects: check.effects });
  }
  return timeline.symbols.map((_, column) => {
    const prices: number[] = [];
    const block = timeline.newPrices(2 ** 14);
    for (let row = from; row < from + rows; ) {
      const number = Math.floor(row / 2 ** 14);
      timeline.fillBlock(block, column, number);
      const at = row - number * 2 ** 14;
      const count = Math.min(2 ** 14 - at, from + rows - row);
      prices.push(...block.subarray(at, at + count));
      row += count;
    }
    return prices;
  });
}

describe('four workers', () => {
  it('give the same rows under entries, although they are killed, stopped and replaced', async () => {
    folder = mkdtempSync(join(tmpdir(), 'tickwell-control-'));
    const log = join(folder, 'market.log');
    const several = ['--workers', '4', '--log-level', 'info', '--log', log];
    const server = await ServerProcess.start({ args: [...several, ...marketArgs(SPEC)] });
    await eventually(() => expect(server.workers).toHaveLength(4));
    const taken: Said[] = [];
    const [one, two] = server.workers;
    for (let n = 0; n < 24; n++) {
      if (n === 6) process.kill(one!, 'SIGKILL');
      if (n === 10) process.kill(two!, 'SIGSTOP');
      if (n === 18) process.kill(two!, 'SIGCONT');
      const body = { kind: 'shift', percent: n % 2 === 0 ? 4 : -3, key: `k${n}` };
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
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(readFileSync(log, 'utf8').match(/"entry":/g)).toHaveLength(24);

    // One process alone goes on with the same log.
    const alone = await ServerProcess.start({ args: ['--log', log, ...marketArgs(SPEC)] });
    expect(await rowsOf(alone, first, rows)).toEqual(truth);
    const again = await ask(alone, '/v1/control/events', {
      ...{ kind: 'shift', percent: 4, key: 'k0' },
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
