import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { headAt, timeOf } from '../../src/core/market/grid.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import type { StartTime } from '../../src/server/start-time.ts';
import { ManualClock } from '../helpers/clock.ts';
import { marketOf } from '../helpers/market.ts';

const HOST = Date.UTC(2026, 2, 4, 9, 30);
const market = marketOf({ seed: 7, origin: Date.UTC(2026, 0, 5), count: 3, capacity: 500 });
const { grid } = market;
const folder = mkdtempSync(join(tmpdir(), 'tickwell-clock-'));
let logs = 0;
const newLog = () => join(folder, `${++logs}.log`);

let servers: TickwellServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

afterAll(() => rmSync(folder, { recursive: true }));

async function start({
  log,
  time,
  hostMs = HOST,
}: {
  log?: string;
  time?: StartTime;
  hostMs?: number;
} = {}) {
  const clock = new ManualClock(hostMs);
  const server = await startServer({
    ...{ market, host: '127.0.0.1', port: 0, clock },
    ...(time === undefined ? {} : { time }),
    ...(log === undefined ? {} : { log }),
  });
  servers.push(server);
  await server.ready;
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}/v1/control/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, json: await answer.json() };
  };
  const state = async () => {
    const { now, speed, head } = await (await fetch(`${server.url}/v1/market`)).json();
    return { now, speed, head };
  };
  return { clock, server, post, state };
}

describe('the clock of a market', () => {
  it('is stopped, moved on by rows and by time, goes on, and goes faster', async () => {
    const { clock, post, state } = await start();
    const index = headAt(grid, HOST);
    const paused = await post({ paused: true, key: 'stop' });
    expect(paused).toEqual({
      status: 200,
      json: {
        ...{ key: 'stop', index, time: timeOf(grid, index), market: market.id },
        ...{ now: HOST, speed: 0 },
      },
    });
    clock.pass(60_000);
    expect(await state()).toEqual({ now: HOST, speed: 0, head: HOST });
    expect((await post({ step: 5 })).json).toMatchObject({ index, now: HOST + 5000, speed: 0 });
    expect(await state()).toEqual({ now: HOST + 5000, speed: 0, head: HOST + 5000 });
    expect((await post({ step: '90s' })).json).toMatchObject({ now: HOST + 95_000 });
    expect(await state()).toMatchObject({ head: HOST + 95_000 });
    expect((await post({ speed: 60 })).json).toMatchObject({ now: HOST + 95_000, speed: 60 });
    clock.pass(1000);
    expect(await state()).toMatchObject({ now: HOST + 155_000, speed: 60 });
    await post({ paused: true });
    expect((await post({ paused: false })).json).toMatchObject({ speed: 60 });
  });

  it('is changed once by the same key, and by another body not at all', async () => {
    const { post, state } = await start({ time: { isPaused: true } });
    const first = await post({ step: 5, key: 'five' });
    expect(await post({ step: 5, key: 'five' })).toEqual(first);
    expect(await state()).toMatchObject({ now: HOST + 5000 });
    expect(await post({ step: 6, key: 'five' })).toMatchObject({
      status: 409,
      json: { error: { code: 'conflict' } },
    });
    expect(await state()).toMatchObject({ now: HOST + 5000 });
  });

  it.each([
    [{}, 'a change of the clock must be one of speed, paused, step'],
    [{ speed: 1, step: 1 }, 'a change of the clock must be one of speed, paused, step'],
    [
      { speed: 20_000 },
      'speed must be a number from 0.001 to 10000, or 0 for a pause; given: 20000',
    ],
    [{ sped: 2 }, 'unknown field "sped"; did you mean "speed"?'],
    [{ step: 1 }, 'step must be of a market that stands still: pause it first; its speed is 1'],
    [{ paused: true, key: 'a key' }, 'key must be 1 to 64 of A-Z a-z 0-9 . _ : -; given: a key'],
    [[1], 'the body must be an object; given: [1]'],
  ])('is not changed by what is wrong: %j', async (body, message) => {
    const { post, state } = await start();
    expect(await post(body)).toEqual({
      status: 400,
      json: { error: { code: 'bad_request', message } },
    });
    expect(await state()).toMatchObject({ now: HOST, speed: 1 });
  });

  it('is not changed by a page of another port of this machine', async () => {
    const { post, state } = await start();
    const answer = await post({ paused: true }, { origin: 'http://127.0.0.1:1' });
    expect(answer.status).toBe(403);
    expect(await state()).toMatchObject({ speed: 1 });
  });
});

describe('the log of a market', () => {
  it('has its clock go on where it would be, however it was changed', async () => {
    const log = newLog();
    const at = Date.UTC(2031, 0, 1);
    const one = await start({ log, time: { at, speed: 60 } });
    one.clock.pass(1000);
    await one.post({ speed: 2, key: 'slower' });
    one.clock.pass(1000);
    expect(await one.state()).toMatchObject({ now: at + 62_000, speed: 2 });
    await one.server.stop();
    const other = await start({ log, hostMs: HOST + 10_000 });
    expect(await other.state()).toMatchObject({ now: at + 78_000, speed: 2 });
    // The same key is the same change, in every life.
    const again = await other.post({ speed: 2, key: 'slower' });
    expect(again.json).toMatchObject({ key: 'slower', now: at + 60_000, speed: 2 });
    await other.post({ paused: true });
    await other.server.stop();
    const last = await start({ log, hostMs: HOST + 1_000_000 });
    expect(await last.state()).toMatchObject({ now: at + 78_000, speed: 0 });
    await last.post({ paused: false });
    expect(await last.state()).toMatchObject({ now: at + 78_000, speed: 2 });
  });

  it.each<[string, StartTime, number]>([
    ['at a time', { at: '2031-01-01' }, Date.UTC(2031, 0, 1) + 3_600_000],
    ['and a speed', { at: '2031-01-01', speed: 60 }, Date.UTC(2031, 0, 1) + 60 * 3_600_000],
    ['standing still', { at: '2031-01-01', isPaused: true }, Date.UTC(2031, 0, 1)],
    ['at the time of the host', { speed: 60 }, HOST + 60 * 3_600_000],
    ['standing still there', { isPaused: true }, HOST],
  ])('goes on when a server is started again as it was, %s', async (_, time, now) => {
    const log = newLog();
    const one = await start({ log, time });
    await one.server.stop();
    const other = await start({ log, time, hostMs: HOST + 3_600_000 });
    expect(await other.state()).toMatchObject({ now });
    await other.server.stop();
    // Nor need it be said again.
    const last = await start({ log, hostMs: HOST + 3_600_000 });
    expect(await last.state()).toMatchObject({ now });
  });

  it('goes on as it was changed, when a server is started again as it was', async () => {
    const log = newLog();
    const at = Date.UTC(2031, 0, 1);
    const one = await start({ log, time: { at, isPaused: true } });
    await one.post({ step: '1h' });
    await one.post({ speed: 2 });
    await one.server.stop();
    const time = { at: new Date(at).toISOString(), isPaused: true };
    const other = await start({ log, time, hostMs: HOST + 1000 });
    expect(await other.state()).toMatchObject({ now: at + 3_602_000, speed: 2 });
  });

  it('that has begun is not begun otherwise', async () => {
    const log = newLog();
    const begun = { at: '2031-01-01', speed: 60 };
    const one = await start({ log, time: begun });
    await one.server.stop();
    const before = readFileSync(log, 'utf8');
    const given: [StartTime, string][] = [
      [{ at: '2031-01-02', speed: 60 }, '2031-01-02T00:00:00Z, speed 60'],
      [{ at: '2031-01-01' }, '2031-01-01T00:00:00Z, speed 1'],
      [{ ...begun, isPaused: true }, '2031-01-01T00:00:00Z, speed 60, paused'],
      [{ speed: 60 }, 'the time of the host, speed 60'],
    ];
    for (const [time, words] of given) {
      const starting = startServer({ market, port: 0, log, time });
      await expect(starting).rejects.toThrow(
        `the log "${log}" has begun: at, speed and paused must be left out, or be what it began ` +
          `with, 2031-01-01T00:00:00Z, speed 60; given: ${words}`,
      );
    }
    expect(readFileSync(log, 'utf8')).toBe(before);
  });

  it('that began with the time of the host has no other beginning', async () => {
    const log = newLog();
    const one = await start({ log });
    await one.server.stop();
    for (const time of [{ at: '2026-02-01' }, { speed: 60 }, { isPaused: true }]) {
      const starting = startServer({ market, port: 0, log, time });
      await expect(starting).rejects.toThrow('it began with, the time of the host, speed 1; given');
    }
  });
});
