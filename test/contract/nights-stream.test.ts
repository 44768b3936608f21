import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { SocketClass } from '../../src/client/host.ts';
import { subscribeCandles } from '../../src/client/index.ts';
import { startTestMarket, type TestMarket } from '../../src/testing/index.ts';
import { parseCandles } from '../../src/wire/binary-candles.ts';
import type { StreamedCandlesMessage } from '../../src/wire/messages.ts';
import { EventReader } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { MINUTE, NIGHTS_ORIGIN, NIGHTS_SPEC, NIGHTS_SYMBOLS } from '../helpers/nights.ts';
import { seededRandom } from '../helpers/random.ts';
import { TestSocket } from '../helpers/socket.ts';

/** `held=false` of streams: what it leaves out is what statuses say, wherever one goes on. */

type Told = Omit<StreamedCandlesMessage, 'type' | 'id'>;
type Next = () => Promise<Told>;

const NAMES = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const;
const FIELDS = ['volume', 'trades'] as const;

const running: TestMarket[] = [];
const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  for (const market of running.splice(0)) await market.stop();
});

async function start(at: string): Promise<TestMarket> {
  const market = await startTestMarket({ spec: NIGHTS_SPEC, at });
  running.push(market);
  return market;
}

const streamUrl = (market: TestMarket) => `${market.url.replace('http', 'ws')}/v1/stream`;

async function overText(market: TestMarket, asked: object): Promise<Next> {
  const socket = new TestSocket(streamUrl(market));
  endings.push(() => socket.close());
  await socket.next('hello');
  const said = await socket.ask({ type: 'subscribe', id: 7, ...asked }, 'subscribed');
  expect(said.held).toBe(false);
  return async () => {
    let message = await socket.next();
    while (message.type === 'clock') message = await socket.next();
    const { type, id: _id, ...told } = message;
    expect(type).toBe('candles');
    return told;
  };
}

async function overBytes(market: TestMarket, asked: object): Promise<Next> {
  const socket = new WebSocket(streamUrl(market), 'tickwell.v1.bin');
  endings.push(() => socket.close());
  const frames: Uint8Array[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(Uint8Array.from(data));
    wake();
  });
  await new Promise((opened) => socket.once('open', opened));
  socket.send(JSON.stringify({ type: 'subscribe', id: 7, ...asked }));
  return async () => {
    while (frames.length === 0) {
      await new Promise<void>((woken) => {
        wake = woken;
      });
    }
    const { since, until, lagRows: lag, isFinal: final, lists } = parseCandles(frames.shift()!)!;
    const { time, columns } = lists;
    const values = NAMES.map((name) => {
      const own = (n: number) =>
        lists.values[name]!.subarray(n * time.length, (n + 1) * time.length);
      const all = Array.from({ length: columns }, (_, n) => [...own(n)]);
      return [name, all.map((list) => list.map((value) => (Number.isNaN(value) ? null : value)))];
    });
    return {
      since,
      until,
      lag,
      time,
      ...(Object.fromEntries(values) as Pick<Told, 'open'>),
      final,
    } as Told;
  };
}

async function overEvents(market: TestMarket, asked: Record<string, unknown>): Promise<Next> {
  const said = Object.entries(asked).map(([name, value]) => [name, String(value)]);
  const { body } = await fetch(`${market.url}/v1/events?${new URLSearchParams(said)}`);
  const events = new EventReader(body!);
  endings.push(() => events.close());
  const { data } = await events.expect('subscribed');
  expect(data.held).toBe(false);
  return async () => {
    let event = await events.next();
    while (event?.name === 'clock') event = await events.next();
    expect(event?.name).toBe('candles');
    const { id, data: candles } = event!;
    expect(id).toBe(`${market.id}.${candles.until}`);
    return candles;
  };
}

const TRANSPORTS = [
  ['JSON', overText],
  ['bytes', overBytes],
  ['events', overEvents],
] as const;

interface Answered {
  readonly time: number[];
  readonly closed: number;
  readonly values: (number | null)[][][];
}

/** What HTTP says of the candles with `held=false`, of the rows up to the head. */
async function answered(market: TestMarket, symbols: readonly string[], how: string) {
  const range = `from=${NIGHTS_ORIGIN}&to=9999-01-01`;
  const path = `/v1/candles?symbols=${symbols.join()}&${range}&${how}&fields=${FIELDS.join()}`;
  const json = await (await fetch(`${market.url}${path}&held=false`)).json();
  return { time: json.time, closed: json.closed, values: NAMES.map((n) => json[n]) } as Answered;
}

/** Final candles one by one, as text; and how the newest message says the forming one. */
class Collected {
  readonly finals: string[] = [];
  forming: string | undefined;
  until: number;

  constructor(since: number) {
    this.until = since;
  }

  take(told: Told): void {
    expect(told.since).toBe(this.until);
    this.until = told.until;
    const values = NAMES.map((name) => told[name]!);
    for (const [n, time] of told.time.entries()) {
      const text = textOf(time, values, n);
      if (told.final) this.finals.push(text);
      else this.forming = text;
    }
    if (told.final || told.time.length === 0) this.forming = undefined;
  }
}

function textOf(
  time: number,
  values: readonly (readonly (readonly (number | null)[])[])[],
  n: number,
) {
  return JSON.stringify([time, ...values.map((of) => of.map((list) => list[n]))]);
}

/** Those of an answer that have rows after `since`. */
function expected(
  { time, closed, values }: Answered,
  since: number,
  endOf: (ms: number) => number,
) {
  const texts = time.map((ms, n) => [ms, textOf(ms, values, n)] as const);
  const finals = texts.slice(0, closed).filter(([ms]) => endOf(ms) - MINUTE > since);
  return { finals: finals.map(([, text]) => text), forming: texts[closed]?.[1] };
}

async function readTo(next: Next, collected: Collected, untilMs: number): Promise<void> {
  while (collected.until < untilMs) collected.take(await next());
}

const WIDTHS = [
  ['resolution=5m', 5 * MINUTE, 0],
  ['resolution=1h&offset=30m', 60 * MINUTE, 30 * MINUTE],
  ['resolution=1d&offset=-5h', 1440 * MINUTE, -300 * MINUTE],
] as const;
const GROUPS = [['NYSE'], ['NYSE', 'TOSE'], NIGHTS_SYMBOLS];

describe.each(TRANSPORTS)('a stream of candles without held ones, as %s', (_name, follow) => {
  it.each(WIDTHS)('goes on at any row: %s', async (how, widthMs, offsetMs) => {
    const market = await start('2026-03-10T15:06:00Z');
    const endOf = (ms: number) => Math.floor((ms + offsetMs) / widthMs + 1) * widthMs - offsetMs;
    const asked = Object.fromEntries(new URLSearchParams(how));
    const random = seededRandom(11);
    const headMs = market.head;
    for (const symbols of GROUPS) {
      const all = await answered(market, symbols, how);
      for (let turn = 0; turn < 6; turn++) {
        // The first from the market's beginning, some just around the head.
        const span = turn === 0 ? 0 : 10 ** (1 + random() * 3.9);
        const since = turn === 0 ? NIGHTS_ORIGIN - MINUTE : headMs - Math.floor(span / 10) * MINUTE;
        const collected = new Collected(since);
        const next = await follow(market, {
          symbols,
          since,
          held: false,
          fields: FIELDS,
          ...asked,
        });
        await readTo(next, collected, headMs);
        const { finals, forming } = expected(all, since, endOf);
        expect(collected.finals).toEqual(finals);
        if (since < headMs) expect(collected.forming).toBe(forming);
      }
    }
  });

  it('moves its cursor by night, and tells of the morning', async () => {
    const market = await start('2026-03-09T19:57:00Z');
    const symbols = ['NYSE'];
    const since = market.head;
    const next = await follow(market, {
      ...{ symbols, since, held: false, fields: FIELDS, resolution: '5m' },
    });
    const collected = new Collected(since);
    let head = since;
    // Before the close, over it, by night, over the opening and behind it.
    for (const rows of [1, 1, 7, 1, 1, 400, 1, 3, 633, 4, 1, 1, 6]) {
      await market.step(rows);
      head += rows * MINUTE;
      await readTo(next, collected, head);
      const isOpen =
        head <= Date.parse('2026-03-09T20:04:00Z') || head >= Date.parse('2026-03-10T13:30:00Z');
      const all = await answered(market, symbols, 'resolution=5m');
      const { finals, forming } = expected(all, since, (ms) => ms + 5 * MINUTE);
      expect(collected.finals).toEqual(finals);
      expect(collected.forming).toBe(forming);
      if (!isOpen) expect(forming).toBeUndefined();
    }
    // From 19:55 to the row at the close, and from the opening on.
    expect(collected.finals).toHaveLength(2 + 1);
    expect(head).toBe(Date.parse('2026-03-10T13:37:00Z'));
  });
});

const WAYS = [
  ['websocket', 'bin'],
  ['websocket', 'json'],
  ['events', 'json'],
] as const;

describe('subscribeCandles without held ones', () => {
  it.each(WAYS)(
    'is live by night, gives nothing, and goes on: %s, %s',
    async (transport, format) => {
      const market = await start('2026-03-09T19:57:00Z');
      const [symbols, since] = [['NYSE', 'TOSE'], market.head];
      const states: string[] = [];
      const stream = subscribeCandles({
        ...{ url: market.url, symbols, since, held: false, transport, format },
        ...{ resolution: '5m', fields: FIELDS, onState: ({ kind }) => void states.push(kind) },
        WebSocket: WebSocket as unknown as SocketClass,
      });
      const finals: string[] = [];
      const reading = (async () => {
        for await (const candles of stream) {
          expect(candles.time.length).toBeGreaterThan(0);
          if (!candles.final) continue;
          for (const [n, { time, close }] of [...candles].entries()) {
            expect(candles.close.map((list) => list[n])).toEqual([
              close.NYSE ?? Number.NaN,
              close.TOSE ?? Number.NaN,
            ]);
            finals.push(JSON.stringify([time, close.NYSE ?? null, close.TOSE ?? null]));
          }
        }
      })();
      while (market.head < Date.parse('2026-03-10T13:45:00Z')) {
        await market.step(12);
        const rows = (market.head - since) / MINUTE;
        await eventually(() => expect(stream.counters.rows).toBe(rows));
        expect(stream.state.kind).toBe('live');
      }
      stream.close();
      await reading;
      const all = await answered(market, symbols, 'resolution=5m');
      const after = all.time.flatMap((ms, n) => {
        if (n >= all.closed || ms + 4 * MINUTE <= since) return [];
        return [JSON.stringify([ms, all.values[3]![0]![n], all.values[3]![1]![n]])];
      });
      expect(finals).toEqual(after);
      expect(finals.filter((text) => text.endsWith(',null]')).length).toBeGreaterThan(2);
      expect(finals.filter((text) => text.includes(',null,')).length).toBeGreaterThan(50);
      const known = ['catching up', 'live', 'closed'];
      expect(states.filter((kind) => !known.includes(kind))).toEqual([]);
      expect(stream.counters).toMatchObject({ gaps: 0, duplicates: 0, reconnects: 0 });
    },
  );
});
