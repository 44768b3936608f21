import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NatsLogOptions } from '../../../src/cluster/cluster-options.ts';
import { connectNats } from '../../../src/cluster/nats-connection.ts';
import { UnusableLog } from '../../../src/cluster/nats-errors.ts';
import { sinceOf } from '../../../src/core/market/grid.ts';
import { WrongLog } from '../../../src/host/control/log-lines.ts';
import { type OwnServer, startOwnServer } from '../../../src/server/server.ts';
import { eventually } from '../../helpers/eventually.ts';
import { marketOf } from '../../helpers/market.ts';
import { type Brokers, startBrokers } from '../../helpers/nats.ts';

const market = marketOf({ count: 3, capacity: 100, interval: '100ms' });

let brokers: Brokers;
const servers: OwnServer[] = [];
let logs = 0;

beforeAll(async () => {
  brokers = await startBrokers();
});

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
afterAll(() => brokers.stop());

/** A way to a broker by which it says that it is Debian 12's. */
async function olderServer(port: number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    client.on('error', () => {}).on('close', () => broker.destroy());
    broker.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(broker);
    // What it says first is one line, and short.
    broker.once('data', (info) => {
      client.write(info.toString().replace(/"version":"[^"]+"/, '"version":"2.9.10"'));
      broker.pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** A log that no other test has. */
function newLog(): NatsLogOptions {
  return { servers: brokers.urls, replicas: 1, logName: `test-${++logs}` };
}

async function start(nats: NatsLogOptions, more: object = {}): Promise<OwnServer> {
  const logBroke = () => {};
  const server = await startOwnServer({ market, port: 0, nats, logBroke, ...more });
  servers.push(server);
  await server.ready;
  return server;
}

/** Has something done, and gives the answer. */
async function done(
  server: OwnServer,
  what: object,
  path = 'events',
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${server.url}/v1/control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(what),
  });
  return { ...((await answer.json()) as Readonly<Record<string, unknown>>), status: answer.status };
}

const SHIFT = { kind: 'shift', percent: 5 };

/** Rows `[from, next)` as each of them gives them, with the ids that speak for them. */
function rowsOf(all: readonly OwnServer[], from: number, next: number): Promise<string[]> {
  const { grid } = market;
  const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
  return Promise.all(
    all.map(async ({ url }) => {
      const answer = await fetch(`${url}/v1/rows?since=${since}&until=${until}`);
      expect(answer.status).toBe(200);
      const { head: _, ...rows } = (await answer.json()) as Record<string, unknown>;
      return JSON.stringify(rows);
    }),
  );
}

/** Does something with the stream of a log. */
async function withStream<T>(
  { logName }: NatsLogOptions,
  act: (manager: Awaited<ReturnType<typeof jetstreamManager>>, stream: string) => Promise<T>,
): Promise<T> {
  const connection = await connectNats({ servers: brokers.urls }, { name: 'test' });
  try {
    return await act(await jetstreamManager(connection), `TICKWELL_${logName}_${market.id}`);
  } finally {
    await connection.close();
  }
}

describe('servers of a log in NATS', () => {
  it('do the same at the same row, whoever was asked', async () => {
    const nats = newLog();
    const all = await Promise.all([start(nats), start(nats)]);
    const from = Math.max(...all.map(({ feed }) => feed.head)) - 10;
    const answers = await Promise.all([
      done(all[0]!, { ...SHIFT, key: 'a' }),
      done(all[1]!, { ...SHIFT, key: 'b' }),
      done(all[0]!, { ...SHIFT, percent: -3, key: 'same' }),
      done(all[1]!, { ...SHIFT, percent: -3, key: 'same' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers[2]).toEqual(answers[3]);
    const late = await start(nats);
    all.push(late);
    const last = Math.max(...answers.map(({ index }) => Number(index)));
    await eventually(() => {
      for (const { feed } of all) expect(feed.head).toBeGreaterThan(last + 5);
    });
    for (const { feed } of all) {
      const { entries, id } = feed.timeline;
      expect(entries).toEqual(late.feed.timeline.entries);
      expect(entries.map(({ key }) => key).sort()).toEqual(['a', 'b', 'same']);
      expect(id).toBe(late.feed.timeline.id);
    }
    const rows = await rowsOf(all, from, last + 5);
    expect(rows[0]).toContain('prices');
    for (const each of rows) expect(each).toBe(rows[0]);
  });

  it('give the same answer to a key for ever, and a conflict to another wish', async () => {
    const nats = newLog();
    const first = await start(nats);
    const answer = await done(first, { ...SHIFT, key: 'once' });
    await first.stop();
    const second = await start(nats);
    expect(await done(second, { ...SHIFT, key: 'once' })).toEqual(answer);
    const other = await done(second, { ...SHIFT, percent: 6, key: 'once' });
    expect(other).toMatchObject({ status: 409, error: { code: 'conflict' } });
  });

  it('change the time of the market at the same row, and step together', async () => {
    const nats = newLog();
    const all = await Promise.all([start(nats), start(nats)]);
    const paused = await done(all[0]!, { paused: true }, 'clock');
    expect(paused.status).toBe(200);
    await eventually(() => {
      for (const { feed } of all) expect(feed.head).toBe(paused.index);
    });
    const stepped = await done(all[1]!, { step: 7 }, 'clock');
    expect(stepped.status).toBe(200);
    // It is answered when its rows are readable.
    expect(all[1]!.feed.head).toBe(Number(paused.index) + 7);
    await eventually(() => expect(all[0]!.feed.head).toBe(Number(paused.index) + 7));
    const late = await start(nats);
    expect(late.feed.head).toBe(Number(paused.index) + 7);
  });

  it('begin the time of the market once, as the first of them was told', async () => {
    const nats = newLog();
    const time = { at: '2026-03-02T14:30:00Z', speed: 60 };
    const all = await Promise.all([start(nats, { time }), start(nats, { time })]);
    const anchors = all.map(({ parts }) => parts.service.clock.time.anchors);
    expect(anchors[0]).toHaveLength(1);
    expect(anchors[1]).toEqual(anchors[0]);
    const other = start(nats, { time: { at: '2026-03-02T14:30:00Z', speed: 61 } });
    await expect(other).rejects.toThrow(WrongLog);
    await expect(other).rejects.toThrow(
      /at, speed and paused must be left out, or be what it began/,
    );
  });

  it('have a log for each name', async () => {
    const [one, other] = await Promise.all([start(newLog()), start(newLog())]);
    await done(one!, SHIFT);
    expect(one!.feed.timeline.entries).toHaveLength(1);
    expect(other!.feed.timeline.entries).toHaveLength(0);
  });
});

describe('a log in NATS', () => {
  it.each([
    ['max_age', { max_age: 60_000_000_000 }],
    ['max_msgs', { max_msgs: 1000 }],
    ['discard', { discard: 'old' }],
    ['deny_purge', { deny_purge: false }],
    ['storage', { storage: 'memory' }],
    ['max_msgs_per_subject', { max_msgs_per_subject: 2 }],
  ])('whose stream has another %s is not begun with', async (field, config) => {
    const nats = newLog();
    await withStream(nats, ({ streams }, name) =>
      streams.add({
        ...{ name, subjects: [`tickwell.log.${nats.logName}.${market.id}.>`] },
        ...{ storage: 'file', discard: 'new', max_msgs_per_subject: 1, deny_delete: true },
        ...{ deny_purge: true, num_replicas: 1, ...config },
      } as never),
    );
    const wrong = start(nats);
    await expect(wrong).rejects.toThrow(UnusableLog);
    await expect(wrong).rejects.toThrow(
      new RegExp(`the stream TICKWELL_test-\\d+_\\w+ must have ${field} .*; given: `),
    );
  });

  it('is not begun with at a server that loses what it acknowledged, unless it is to be', async () => {
    const old = await olderServer(brokers.each[0]!.port);
    try {
      const nats = { ...newLog(), servers: [`nats://127.0.0.1:${old.port}`] };
      const refused = start(nats);
      await expect(refused).rejects.toThrow(UnusableLog);
      await expect(refused).rejects.toThrow(
        /nats-server must be 2\.10\.23 or newer: older ones .*; given: 2\.9\.10/,
      );
      const server = await start({ ...nats, anyVersion: true });
      expect((await done(server, SHIFT)).status).toBe(200);
      await server.stop();
    } finally {
      old.close();
    }
  });

  it('is kept by as many servers as are asked for, or not begun with', async () => {
    const wrong = start({ ...newLog(), replicas: 3 });
    await expect(wrong).rejects.toThrow(UnusableLog);
    await expect(wrong).rejects.toThrow('nats-replicas must be at most the servers that NATS has');
  });

  it('of which a server knows less than all stops it', async () => {
    const nats = newLog();
    const broken: Error[] = [];
    const server = await start(nats, { logBroke: (error: Error) => broken.push(error) });
    const { feed } = server;
    await withStream(nats, async ({ streams }, name) => {
      const { state } = await streams.info(name);
      // As a later version would write it: right in all but what this one knows.
      const connection = await connectNats({ servers: brokers.urls }, { name: 'test' });
      const subject = `tickwell.log.${nats.logName}.${market.id}.entry.0`;
      const message = JSON.stringify({ v: 2, behind: state.last_seq, what: 'is new' });
      await connection.request(subject, message);
      await connection.close();
    });
    await eventually(() => expect(broken).toHaveLength(1));
    expect(broken[0]?.message).toMatch(/it must say what this version of Tickwell knows/);
    const { head } = feed;
    const again = start(nats);
    await expect(again).rejects.toThrow(WrongLog);
    expect(feed.head).toBe(head);
  });

  it('says of a user who may not write to it that he may not', async () => {
    const deny = 'permissions: { publish: { deny: "tickwell.>" } }';
    const user = `authorization { users: [{ user: me, password: secret, ${deny} }] }`;
    const kept = await startBrokers({ config: user });
    try {
      const lines: string[] = [];
      const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
      const [url] = kept.urls.map((each) => each.replace('//', '//me:secret@'));
      const starting = start({ ...newLog(), servers: [url!] }, { logger });
      await eventually(() => expect(lines.join()).toContain('it takes nothing: Permissions Viol'));
      await starting;
    } finally {
      await kept.stop();
    }
  });

  it('that was made anew is not gone on with', async () => {
    const nats = newLog();
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const broken: Error[] = [];
    const logBroke = (error: Error) => broken.push(error);
    const server = await start(nats, { logger, logBroke });
    await done(server, SHIFT);
    await withStream(nats, ({ streams }, name) => streams.delete(name));
    const sealed = () => server.parts.service.director.mayMakeUntil;
    await eventually(() => expect(lines.join()).toContain('the log is not reached'));
    const before = sealed();
    // Another server may make it: it has never read the old one.
    const other = await start(nats);
    await eventually(() => expect(other.feed.head).toBeGreaterThan(before + 20));
    expect(sealed()).toBe(before);
    expect(server.feed.head).toBeLessThanOrEqual(before);
    expect(broken).toEqual([]);
    await done(other, { ...SHIFT, percent: 1 });
    await eventually(() => expect(broken).toHaveLength(1));
    expect(broken[0]).toMatchObject({ code: 'log_diverged' });
    expect(server.feed.head).toBeLessThanOrEqual(before);
  });

  it('is waited for, and what was due is made when it is there again', async () => {
    const own = await startBrokers();
    try {
      const nats = { servers: own.urls, replicas: 1 };
      const server = await start(nats);
      await own.each[0]!.kill();
      const { director } = server.parts.service;
      await eventually(() => expect(server.feed.head).toBe(director.mayMakeUntil));
      // All servers wait together: none tells a proxy at once, which would have none left.
      const readiness = () => fetch(`${server.url}/readyz`);
      const sinceMs = performance.now();
      expect((await readiness()).status).toBe(200);
      const refused = await eventually(async () => {
        const answer = await readiness();
        expect(answer.status).toBe(503);
        return answer.json();
      });
      expect(performance.now() - sinceMs).toBeGreaterThan(10_000);
      expect(refused).toMatchObject({ error: { code: 'not_ready', reason: 'log' } });
      await own.each[0]!.start();
      const head = server.feed.head;
      await eventually(() => expect(server.feed.head).toBeGreaterThan(head + 20));
      await eventually(async () => expect((await readiness()).status).toBe(200));
      await server.stop();
    } finally {
      await own.stop();
    }
  });
});
