import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { type LoggedEntry, RowsFollower, timelineOf } from '../helpers/followed-rows.ts';
import { marketOf } from '../helpers/market.ts';
import { seededRandom } from '../helpers/random.ts';
import { killAll, marketArgs, ServerProcess } from './server-process.ts';

/** How often the server is killed. */
const LIVES = 3;
const ENTRIES_PER_LIFE = 5;

let folder: string | undefined;

afterEach(async () => {
  await killAll();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

const KINDS = [
  { kind: 'shift', percent: -7 },
  { kind: 'halt', symbol: 'ticker_1', for: '5s' },
  { kind: 'volatility', factor: 4, for: '1m' },
  { kind: 'liquidity', spread: 2, depth: 0.5, volume: 3, for: '30s' },
  { kind: 'shift', symbol: 'ticker_0', percent: 9 },
  { kind: 'halt', for: '3s', resume: 'frozen' },
];

interface Body {
  readonly key: string;
}

/** What is answered; undefined if nobody does any more. */
async function enter(url: string, body: Body): Promise<LoggedEntry | undefined> {
  const response = await fetch(`${url}/v1/control/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  const json = await response.json().catch(() => undefined);
  if (json !== undefined) expect([response.status, json]).toEqual([200, json]);
  return json;
}

/** Grids on which some rows a second come, or some thousand. */
const PACES = [
  { speed: 1, interval: 50 },
  { speed: 60, interval: 1000 },
  { speed: 10_000, interval: 5000 },
];

describe('a server that is killed while things are done to its market', () => {
  it.each(PACES)(
    'gives every reader all rows of its log, once: %j',
    async (pace) => {
      const { speed, interval } = pace;
      const spec = { seed: 3, count: 2, interval, capacity: 3000 };
      const market = marketOf(spec);
      folder = mkdtempSync(join(tmpdir(), 'tickwell-entries-'));
      const own = ['--log', join(folder, 'market.log'), '--at', '2026-03-02T14:30:00Z'];
      const args = [...own, '--speed', String(speed), ...marketArgs(spec)];
      let server = await ServerProcess.start({ args });
      const { port, url } = server;
      const random = seededRandom(speed);
      const followers = (['json', 'bin', 'events'] as const).map(
        (how) => new RowsFollower(url, market, how),
      );
      await eventually(() => {
        for (const { next } of followers) expect(next).toBeGreaterThan(0);
      });
      const bodies: Body[] = [];
      const answers = new Map<string, LoggedEntry>();
      for (let life = 0; life < LIVES; life++) {
        const asked = Array.from({ length: ENTRIES_PER_LIFE }, async (_, n) => {
          await sleep(400 * random());
          const kind = KINDS[(life * ENTRIES_PER_LIFE + n) % KINDS.length];
          const body = { ...kind, key: `life-${life}-${n}` };
          bodies.push(body);
          const answer = await enter(url, body);
          if (answer !== undefined) answers.set(body.key, answer);
        });
        // Some are answered by then, some not.
        await sleep(100 + 300 * random());
        await server.kill();
        await Promise.all(asked);
        const had = followers.map(({ next }) => next);
        server = await ServerProcess.start({ args, port });
        for (const follower of followers) follower.retry();
        await eventually(() => {
          for (const [n, { next }] of followers.entries()) expect(next).toBeGreaterThan(had[n]!);
        });
      }
      // Whoever got no answer asks again; whoever did gets the same.
      for (const body of bodies) {
        const answer = (await enter(url, body))!;
        if (answers.has(body.key)) expect(answer).toEqual(answers.get(body.key));
        answers.set(body.key, answer);
      }
      const response = await fetch(`${url}/v1/control/log`);
      const { entries } = (await response.json()) as { entries: readonly LoggedEntry[] };
      const indexes = new Map(entries.map(({ key, index }) => [key, index]));
      expect(indexes).toEqual(new Map([...answers].map(([key, { index }]) => [key, index])));
      // All of them are in force, and followed by rows.
      const last = Math.max(...indexes.values());
      await eventually(() => {
        for (const { next, error } of followers) {
          expect(error).toBeUndefined();
          expect(next).toBeGreaterThan(last + 20);
        }
      });
      await Promise.all(followers.map((follower) => follower.end()));
      const timeline = timelineOf(market, entries);
      for (const follower of followers) {
        expect(follower.firstWrong(timeline)).toBeUndefined();
        expect(follower.from).toBeLessThan(Math.min(...indexes.values()));
        expect(follower.reconnects).toBeGreaterThanOrEqual(LIVES);
        expect(follower.ids).toContain(timeline.id);
      }
      // And so does a server that begins with the log, over HTTP.
      await server.kill();
      const later = await ServerProcess.start({ args });
      const [{ from, next, values }] = followers as [RowsFollower];
      const first = Math.max(from, Math.min(...indexes.values()) - 10);
      const count = Math.min(300, next - first);
      const since = market.grid.originMs + (first - 1) * interval;
      const path = `/v1/rows?symbols=*&since=${since}&until=${since + count * interval}`;
      const { prices } = (await (await fetch(later.url + path)).json()) as { prices: number[][] };
      const given = values.last.map((list) => list.slice(first - from, first - from + count));
      expect(prices).toEqual(given);
    },
    120_000,
  );
});
