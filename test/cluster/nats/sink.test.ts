import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { connectNats } from '../../../src/cluster/nats-connection.ts';
import type { SinkMessage } from '../../../src/cluster/sinks/message.ts';
import { NatsBroker } from '../../../src/cluster/sinks/nats-broker.ts';
import { Sink } from '../../../src/cluster/sinks/sink.ts';
import type { SinkSource } from '../../../src/cluster/sinks/source.ts';
import { killAll, ServerProcess } from '../../faults/server-process.ts';
import { runCli } from '../../helpers/cli.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type Brokers, startBrokers } from '../../helpers/nats.ts';
import { checkRows, Publisher, runSinks, timeIn } from '../sink-run.ts';
import { brokerOfRun, makeStream, readStream, STREAM } from './streams.ts';

const NANOS = 1e6;
const AN_HOUR_MS = 3_600_000;

const started: Brokers[] = [];
const publishers: Publisher[] = [];

afterEach(async () => {
  await Promise.all(publishers.splice(0).map((publisher) => publisher.end('SIGKILL')));
  await killAll();
});
afterAll(() => Promise.all(started.map((brokers) => brokers.stop())));

/** A broker with a stream that remembers ids so long. */
async function start(windowMs = 1000): Promise<Brokers> {
  const brokers = await startBrokers();
  started.push(brokers);
  await makeStream(brokers.urls, { duplicate_window: windowMs * NANOS });
  return brokers;
}

const serve = (...more: string[]) =>
  ServerProcess.start({ args: ['--interval', '100ms', '--count', '3', ...more] });

/** A publisher to a broker, of the rows of a server. */
function publish({ urls }: Brokers, { url }: ServerProcess, ...more: string[]): Publisher {
  const args = ['nats', '--url', urls.join(), '--stream', STREAM, '--from', url, ...more];
  const publisher = new Publisher(args);
  publishers.push(publisher);
  publisher.start();
  return publisher;
}

/** The first messages of a stream, as soon as there are so many. */
function first(brokers: Brokers, count: number) {
  return eventually(async () => {
    const all = await readStream(brokers.urls);
    expect(all.length).toBeGreaterThanOrEqual(count);
    return all.slice(0, count);
  });
}

describe('tickwell sink nats', () => {
  it('has each row in the stream once, whoever is killed, stopped or frozen', async () => {
    const brokers = await start();
    const times = { pausedMs: 2500, frozenMs: 6000, calmMs: 500 };
    const { rows } = await runSinks(brokerOfRun(brokers), { ...times, intervalMs: 20, symbols: 5 });
    expect(rows).toBeGreaterThan(400);
  }, 120_000);

  it('publishes each symbol under a subject of its own, in the order that was asked for', async () => {
    const [brokers, server] = [await start(), await serve()];
    publish(brokers, server, '--subject', 'prices.{symbol}', '--symbols', 'ticker_2,ticker_0');
    const all = await first(brokers, 6);
    const [row] = all.map(({ id }) => timeIn(id));
    expect(all.map(({ subject }) => subject)).toEqual(
      Array.from({ length: 3 }, () => ['prices.ticker_2', 'prices.ticker_0']).flat(),
    );
    expect(all.map(({ id }) => timeIn(id) - row!)).toEqual([0, 0, 100, 100, 200, 200]);
    const body = JSON.parse(all[1]!.body);
    expect(body).toEqual({ time: row, prices: { ticker_0: expect.any(Number) } });
  });

  it('goes on behind what it finds, and begins as it is told where there is nothing', async () => {
    const origin = Math.floor(Date.now() / 1000) * 1000 - AN_HOUR_MS;
    const server = await serve('--origin', new Date(origin).toISOString());
    const brokers = await start();
    const one = publish(brokers, server, '--since', 'origin', '--metrics-port', '0');
    await first(brokers, 3000);
    const metrics = await eventually(() => {
      const [, url] = /metrics at (\S+)/.exec(one.said) ?? [];
      return fetch(url!).then((answer) => answer.text());
    });
    expect(
      Number(/^tickwell_sink_published_messages_total (\d+)$/m.exec(metrics)?.[1]),
    ).toBeGreaterThan(999);
    expect(Number(/^tickwell_sink_lag_rows (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(0);
    expect(await one.end('SIGTERM')).toBe(0);
    const before = (await readStream(brokers.urls)).length;
    const other = publish(brokers, server);
    await first(brokers, before + 20);
    expect(await other.end('SIGTERM')).toBe(0);
    const all = await readStream(brokers.urls);
    expect(timeIn(all[0]!.id)).toBe(origin);
    await checkRows(server, all, 100);
  });

  it('publishes frames too, each of which holds the market id and the time in its message id', async () => {
    const [brokers, server] = [await start(), await serve()];
    publish(brokers, server, '--format', 'bin', '--fields', 'last,bid');
    const { id } = (await first(brokers, 2))[0]!;
    const { market } = (await (await fetch(`${server.url}/v1/market`)).json()) as {
      market: string;
    };
    expect(id).toMatch(new RegExp(`^${market}:\\*:\\d+$`));
    const since = `since=${timeIn(id) - 100}&until=${timeIn(id)}`;
    const own = await fetch(`${server.url}/v1/rows?format=bin&fields=last,bid&${since}`);
    const [stored] = await readStream(brokers.urls);
    expect(stored!.bytes).toEqual(Buffer.from(await own.arrayBuffer()));
  });

  it('says once of a stream that is full that it takes nothing', async () => {
    const [brokers, server] = [await startBrokers(), await serve()];
    started.push(brokers);
    await makeStream(brokers.urls, { max_msgs: 2, discard: 'new' });
    const publisher = publish(brokers, server, '--metrics-port', '0');
    await eventually(() => expect(publisher.said).toContain('the broker takes nothing for PRICES'));
    const tried = () => publisher.metric('tickwell_sink_unknown_total');
    await eventually(async () => expect(await tried()).toBeGreaterThan(3));
    expect(publisher.said.split('the broker takes nothing')).toHaveLength(2);
  });

  it('takes no stream that it would have written otherwise, and says which', async () => {
    const [brokers, server] = [await start(), await serve()];
    await publish(brokers, server)
      .end('SIGKILL')
      .then(() => publish(brokers, server));
    await first(brokers, 2);
    await Promise.all(publishers.splice(0).map((publisher) => publisher.end('SIGKILL')));
    const args = ['sink', 'nats', '--url', brokers.urls.join(), '--from', server.url];
    const asked = (...more: string[]) => runCli([...args, '--stream', STREAM, ...more]);
    const fields = await asked('--fields', 'last,bid');
    expect(fields.stderr).toMatch(/^tickwell: stream must hold what this sink writes, .+; given: /);
    const parts = await asked('--subject', 'prices.{symbol}');
    expect(parts.stderr).toMatch(
      /^tickwell: stream must go on with what this sink has, .+; given: /,
    );
    const none = await runCli([...args, '--stream', 'OTHER']);
    expect(none.stderr).toBe('tickwell: stream must be there before a sink is; given: OTHER\n');
    const subject = await asked('--subject', 'other');
    expect(subject.stderr).toBe(
      'tickwell: stream must have the subject other; given: PRICES, which has prices, prices.>\n',
    );
    expect([fields.code, parts.code, none.code, subject.code]).toEqual([2, 2, 2, 2]);
    await server.kill();
    const another = await serve('--seed', '2');
    const changed = await runCli([...args.slice(0, -1), another.url, '--stream', STREAM]);
    expect(changed.stderr).toMatch(/^tickwell: market_changed: market must be /);
    expect(changed.code).toBe(3);
  });

  it('says which market id each row has where something is done to it, from a start before or after', async () => {
    const [brokers, server] = [await start(), await serve()];
    const one = publish(brokers, server);
    await first(brokers, 2);
    const done = await runCli(['control', 'shift', '--percent', '-5', '--url', server.url]);
    const [, time, id] = /effect at (\S+),.*\nMarket (\w+)/.exec(done.stdout)!;
    const at = Date.parse(time!);
    const marketsOf = async () => {
      const all = await readStream(brokers.urls);
      return all.map((message) => [timeIn(message.id), message.id.split(':')[0]] as const);
    };
    const behind = (ms: number) =>
      eventually(async () => expect((await marketsOf()).at(-1)![0]).toBeGreaterThan(at + ms));
    await behind(500);
    expect(await one.end('SIGTERM')).toBe(0);
    publish(brokers, server);
    await behind(2500);
    const all = await marketsOf();
    expect(new Set(all.filter(([own]) => own >= at).map(([, market]) => market))).toEqual(
      new Set([id]),
    );
    const [[, old]] = all as [readonly [number, string]];
    expect(new Set(all.filter(([own]) => own < at).map(([, market]) => market))).toEqual(
      new Set([old]),
    );
    expect(old).not.toBe(id);
    // Who begins with the first row is told of the same ids.
    const [url] = brokers.urls;
    await publishers.pop()!.end('SIGTERM');
    await makeStream(brokers.urls, { name: 'AGAIN', subjects: ['again'] });
    const since = ['--since', String(all[0]![0] - 100), '--subject', 'again'];
    const again = new Publisher([
      ...['nats', '--url', url!, '--stream', 'AGAIN', '--from', server.url, ...since],
    ]);
    publishers.push(again);
    again.start();
    await eventually(async () => {
      const ids = (await readStream(brokers.urls, 'AGAIN')).map((message) => message.id);
      expect(ids.slice(0, all.length)).toEqual(all.map(([own, market]) => `${market}:*:${own}`));
    });
  });

  it('waits for a broker and a server that are not there yet', async () => {
    const [brokers, server] = [await start(), await serve()];
    const [broker] = brokers.each as [Brokers['each'][number]];
    await broker.kill();
    const publisher = publish(brokers, server);
    await eventually(() => expect(publisher.said).toContain('NATS at '));
    await broker.start();
    await first(brokers, 2);
    expect(await publisher.end('SIGTERM')).toBe(0);
  });
});

/** Rows that come as fast as somebody says. */
class TimedSource implements SinkSource {
  head = 0;

  intervalMs = async () => 1;

  async *read(since: number | string, _: unknown, signal: AbortSignal) {
    let row = typeof since === 'number' ? since + 1 : this.head;
    while (!signal.aborted) {
      const messages: SinkMessage[] = [];
      for (; row < this.head; row++) {
        messages.push({ market: 'abc', time: row, name: '*', body: Buffer.from(`row ${row}`) });
      }
      if (messages.length > 0) yield { messages, lagRows: 0 };
      await sleep(2, undefined, { signal }).catch(() => {});
    }
  }
}

/** A connection whose messages are held up at times, as those of a process that is stopped. */
class HeldConnection {
  readonly #connection: NatsConnection;
  readonly #hasSequence: boolean;
  #held: (() => void)[] | undefined;

  constructor(connection: NatsConnection, hasSequence: boolean) {
    this.#connection = connection;
    this.#hasSequence = hasSequence;
  }

  get connection(): NatsConnection {
    const publish: NatsConnection['publish'] = (subject, body, options) => {
      if (!this.#hasSequence) options?.headers?.delete('Nats-Expected-Last-Sequence');
      const say = () => this.#connection.publish(subject, body, options);
      if (this.#held !== undefined && subject === 'prices') this.#held.push(say);
      else say();
    };
    return new Proxy(this.#connection, {
      get: (connection, name) => {
        if (name === 'publish') return publish;
        const value = Reflect.get(connection, name, connection) as unknown;
        return typeof value === 'function' ? value.bind(connection) : value;
      },
    });
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    for (const say of this.#held?.splice(0) ?? []) say();
    this.#held = undefined;
  }
}

/** The ids in a stream of two publishers, the messages of one of which come long after their time. */
async function idsAfterHolding(hasSequence: boolean): Promise<readonly string[]> {
  const brokers = await start(200);
  const source = new TimedSource();
  const stop = new AbortController();
  const ways = await Promise.all(
    [0, 1].map(async () => {
      const own = await connectNats({ servers: brokers.urls }, { name: 'test' });
      return { own, way: new HeldConnection(own, hasSequence) };
    }),
  );
  const runs = ways.map(async ({ way }) => {
    const about = { stream: STREAM, subject: 'prices', tell: () => {} };
    const broker = await NatsBroker.open({ connection: way.connection, ...about });
    await new Sink({ broker, source, since: 'now', signal: stop.signal, tell: () => {} }).run();
  });
  for (let step = 0; step < 60; step++) {
    if (step === 20) ways[0]!.way.hold();
    if (step === 50) ways[0]!.way.release();
    source.head += 10;
    await sleep(30);
  }
  stop.abort();
  await Promise.all(runs);
  const all = await readStream(brokers.urls);
  await Promise.all(ways.map(({ own }) => own.close()));
  return all.map(({ id }) => id);
}

describe('messages that come after the broker has forgotten their ids', () => {
  it('are not taken again', async () => {
    const ids = await idsAfterHolding(true);
    const times = ids.map(timeIn);
    expect(times).toEqual(times.map((_, n) => times[0]! + n));
    expect(times.length).toBeGreaterThan(400);
  });

  it('would be, by their ids alone', async () => {
    const ids = await idsAfterHolding(false);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
  });
});
