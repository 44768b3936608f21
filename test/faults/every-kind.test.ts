import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_KINDS, type FaultKind } from '../../src/core/faults/kinds.ts';
import { eventually } from '../helpers/eventually.ts';
import {
  ANSWERS,
  type AnswerWay,
  expressibleTable,
  isSaid,
  STREAMS,
  type StreamWay,
} from '../helpers/expressible.ts';
import { askAt, type Came, KEYS } from '../helpers/faulty-answers.ts';
import { FaultyReader } from '../helpers/faulty-readers.ts';
import { ForeignReader, type ForeignStream } from '../helpers/foreign-readers.ts';
import { FOREIGN_STREAMS } from '../helpers/foreign-streams.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ORIGIN = Date.UTC(2026, 0, 5, 14, 50);
const PERIOD_S = 9;
/** Of the rows that readers are there for, the one that is struck, and how many there are. */
const STRUCK = 3;
const COUNT = 7;
const SEED = 5;
const HALF_OPEN_MS = 1000;
const NAMES = { binance: 'ACMEUSDT', deriv: 'ACME', alpaca: 'ACME' };
const COMMON = { assetClass: 'stock', model: 'gbm', tickSize: 0.0001 };
const SPEC = {
  ...{ origin: ORIGIN, interval: SECOND, capacity: 2000, count: undefined },
  dtype: 'uint32',
  instruments: [
    { symbol: 'ACME', names: NAMES, startPrice: 80, ...COMMON },
    { symbol: 'NIMBO', startPrice: 250, ...COMMON },
  ],
};

/** What each kind does here, but for when. Of streams, waits are so long that no row ends them. */
const HOW: Partial<Record<FaultKind, string>> = {
  delay: ':1m',
  burst: ':1m',
  stall: ':1m',
  slow: ':1m',
  corrupt: ':zero',
  skew: ':7s+ahead',
  close: ':4321',
  throttle: ':100B/s',
  garbage: ':text',
  status: ':500',
};
/** The same of answers, which take the machine's time. */
const HOW_OF_ANSWERS: typeof HOW = {
  ...HOW,
  ...{ delay: ':300ms', stall: ':300ms', slow: ':300ms', throttle: ':1kB/s' },
};

const profileOf = (kind: FaultKind, how: typeof HOW) => `${kind}${how[kind] ?? ''}@${PERIOD_S}s`;
/** Struck at no row of this test: its readers are told of one row at a time, as it is. */
const NEVER = 'delay:1ms@4w';

let server: TestServer;

beforeAll(async () => {
  const limits = { ...UNHURRIED, halfOpenMs: HALF_OPEN_MS };
  server = await startTestServer({ spec: SPEC, rows: 602, limits });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Lets one row come. */
async function passOne(): Promise<void> {
  const { head } = server.server.feed;
  server.clock.pass(SECOND);
  await eventually(() => expect(server.server.feed.head).toBe(head + 1));
}

/** Lets rows come until so many are left to the one that is struck, itself counted. */
async function begin(left: number): Promise<void> {
  const newestS = server.timeOf(server.server.feed.head - 1) / SECOND;
  const due = (2 * PERIOD_S - left - (newestS % PERIOD_S)) % PERIOD_S;
  for (let n = 0; n < due; n++) await passOne();
}

/** Has the ledger say that a profile strikes a row, and no row around it. */
async function expectListed(profile: string, kind: FaultKind, struck: number): Promise<void> {
  const since = server.timeOf(struck - STRUCK - 1);
  const range = `since=${since}&until=${server.timeOf(struck + COUNT - STRUCK - 1)}`;
  const path = `/v1/faults?faults=${profile}&faultSeed=${SEED}&${range}`;
  const { strikes } = (await server.get(path)).json;
  const times = strikes.map((strike: { time: number; kind: string }) => [strike.kind, strike.time]);
  const isOfSymbols = kind === 'corrupt' || kind === 'stale';
  const once = [kind, server.timeOf(struck)];
  expect(times).toEqual(isOfSymbols ? [once, once] : [once]);
}

/** A reader of one way. */
class Listener {
  readonly #reader: FaultyReader | ForeignReader;
  readonly #texts: () => readonly string[];
  readonly #isReady: () => boolean;
  readonly #ask: (() => void) | undefined;
  #begun = 0;

  constructor(
    reader: FaultyReader | ForeignReader,
    texts: () => readonly string[],
    isReady: () => boolean,
    ask?: () => void,
  ) {
    this.#reader = reader;
    this.#texts = texts;
    this.#isReady = isReady;
    this.#ask = ask;
  }

  /** What it was told of the rows that came while it was there, a text for each message. */
  get told(): readonly string[] {
    return this.#texts().slice(this.#begun);
  }

  get pongs(): number {
    return this.#reader.pongs;
  }

  get end(): object | undefined {
    return this.#reader.end;
  }

  async begin(about: string): Promise<void> {
    await eventually(() => expect(this.#isReady(), about).toBe(true));
    this.#begun = this.#texts().length;
  }

  /** Asks for what comes once a row, if it does not come by itself. */
  ask(): void {
    if (this.end === undefined) this.#ask?.();
  }

  ping(): void {
    this.#reader.ping();
  }

  close(): void {
    this.#reader.close();
  }
}

type Open = (profile: string) => Listener;

function ownWay(encoding: 'json' | 'binary' | 'events'): Open {
  return (profile) => {
    const query = `?faults=${profile}&faultSeed=${SEED}`;
    const reader = FaultyReader.open(server.server.url, encoding, query);
    const texts = () => reader.heard.map((one) => JSON.stringify(one));
    return new Listener(reader, texts, () => reader.since !== undefined);
  };
}

function foreignWay(stream: ForeignStream, asked?: object): Open {
  return (profile) => {
    const reader = new ForeignReader(server.server.url, stream, `/faulty/${profile}:${SEED}`);
    const texts = () => reader.told.map((one) => JSON.stringify(one));
    const isReady = () => reader.isOpen && reader.words.length + reader.told.length >= stream.words;
    const ask = asked === undefined ? undefined : () => reader.say(asked);
    return new Listener(reader, texts, isReady, ask);
  };
}

const streamOf = (name: string) => FOREIGN_STREAMS.find((one) => one.name === name)!;

/** A candle that is over: the answer is the same whenever it is given. */
const QUESTION = {
  id: 1,
  method: 'klines',
  params: { symbol: 'ACMEUSDT', interval: '1s', startTime: ORIGIN, limit: 2 },
};
const API: ForeignStream = {
  ...streamOf('Binance @miniTicker'),
  way: 'Binance, WebSocket API',
  path: '/ws-api/v3?returnRateLimits=false',
};

const OPEN: Readonly<Record<StreamWay, Open>> = {
  'stream, JSON': ownWay('json'),
  'stream, binary': ownWay('binary'),
  'event stream': ownWay('events'),
  'Binance, streams': foreignWay(streamOf('Binance @miniTicker')),
  'Binance, WebSocket API': foreignWay(API, QUESTION),
  'Alpaca, JSON': foreignWay(streamOf('Alpaca quotes, JSON')),
  'Alpaca, MessagePack': foreignWay(streamOf('Alpaca quotes, MessagePack')),
  Deriv: foreignWay(streamOf('Deriv ticks')),
};
const STREAM_WAYS = Object.keys(STREAMS) as StreamWay[];

async function openAll(profile: string): Promise<Listener[]> {
  const opened = STREAM_WAYS.map((way) => OPEN[way](profile));
  for (const [w, listener] of opened.entries())
    await listener.begin(`${STREAM_WAYS[w]} ${profile}`);
  return opened;
}

/** Expects a listener to have been struck by a kind; `right` is what it would have been told. */
async function expectStruck(
  kind: FaultKind,
  way: StreamWay,
  listener: Listener,
  right: readonly string[],
): Promise<void> {
  const isEvents = way === 'event stream';
  const before = right.slice(0, STRUCK - 1);
  const struck = right[STRUCK - 1]!;
  const after = right.slice(STRUCK);
  const tells = (...told: readonly (readonly string[])[]) =>
    eventually(() => expect(listener.told).toEqual(told.flat()));
  switch (kind) {
    case 'drop':
      return tells(before, after);
    case 'duplicate':
      return tells(before, [struck, struck], after);
    case 'reorder':
      return tells(before, after.slice(0, 1), [struck], after.slice(1));
    case 'corrupt':
    case 'stale':
    case 'skew': {
      await eventually(() => expect(listener.told.length).toBe(right.length));
      const wrong = listener.told[STRUCK - 1]!;
      expect(wrong).not.toBe(struck);
      return tells(before, [wrong], after);
    }
    case 'garbage': {
      await eventually(() => expect(listener.told.length).toBe(right.length + 1));
      const garbage = listener.told[STRUCK - 1]!;
      expect(garbage).toContain('garbage');
      return tells(before, [garbage, struck], after);
    }
    case 'cut':
    case 'close': {
      await eventually(() => expect(listener.end).toBeDefined());
      const isReset = kind === 'cut';
      const code = isReset ? 1006 : 4321;
      const isOwn = way.includes('stream,') || isEvents;
      const own = isReset || isEvents ? { isBroken: isReset } : { code, isBroken: false };
      expect(listener.end).toEqual(isOwn ? own : { code });
      return tells(before);
    }
    case 'halfopen':
      await tells(before);
      listener.ping();
      await server.get('/healthz');
      expect({ pongs: listener.pongs, end: listener.end }).toEqual({ pongs: 0, end: undefined });
      return;
    case 'delay':
    case 'burst':
    case 'stall':
      await tells(before);
      listener.ping();
      if (kind !== 'stall' && !isEvents) await eventually(() => expect(listener.pongs).toBe(1));
      await server.get('/healthz');
      if (kind === 'stall') expect(listener.pongs).toBe(0);
      return tells(before);
    case 'throttle':
      return tells(before);
    default:
      throw new Error(`no stream says ${kind}`);
  }
}

/** Those that have an end by time. */
const WAITING: readonly FaultKind[] = ['delay', 'burst', 'stall', 'throttle'];

describe('streams', () => {
  let healthy: readonly Listener[] = [];
  let struck: number;
  const faulty = new Map<FaultKind, readonly Listener[]>();

  /** All kinds at once, by the same rows. */
  beforeAll(async () => {
    await begin(STRUCK);
    healthy = await openAll(NEVER);
    for (const kind of FAULT_KINDS) {
      faulty.set(kind, await openAll(encodeURIComponent(profileOf(kind, HOW))));
    }
    struck = server.server.feed.head + STRUCK - 1;
    for (let n = 1; n <= COUNT; n++) {
      await passOne();
      for (const listener of [healthy, ...faulty.values()].flat()) listener.ask();
      for (const [w, listener] of healthy.entries()) {
        await eventually(() => expect(listener.told.length, STREAM_WAYS[w]).toBe(n));
      }
    }
  });

  afterAll(() => {
    for (const listener of [healthy, ...faulty.values()].flat()) listener.close();
  });

  const name = 'are struck by %s as the ledger says, where they can say it';
  it.each(FAULT_KINDS)(name, async (kind) => {
    await expectListed(encodeURIComponent(profileOf(kind, HOW)), kind, struck);
    for (const [w, way] of STREAM_WAYS.entries()) {
      const right = healthy[w]!.told;
      const listener = faulty.get(kind)![w]!;
      if (isSaid(STREAMS[way][kind])) await expectStruck(kind, way, listener, right);
      else {
        await eventually(() => expect(listener.told, way).toEqual(right));
        expect(listener.end, way).toBeUndefined();
      }
    }
  });

  it('are left half open until that has its end, and no longer', async () => {
    server.clock.passSteadily(HALF_OPEN_MS - 1);
    // As long as lines go without being looked at.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    for (const { end } of faulty.get('halfopen')!) expect(end).toBeUndefined();
    server.clock.passSteadily(1);
    for (const [w, listener] of faulty.get('halfopen')!.entries()) {
      await eventually(() => expect(listener.end, STREAM_WAYS[w]).toBeDefined());
    }
  });

  it('go on with what has waited long enough', async () => {
    server.clock.passSteadily(MINUTE);
    for (const kind of WAITING) {
      for (const [w, listener] of faulty.get(kind)!.entries()) {
        const about = `${kind} of ${STREAM_WAYS[w]}`;
        await eventually(() => expect(listener.told, about).toEqual(healthy[w]!.told));
      }
    }
  });
});

const PATHS: Readonly<Record<AnswerWay, string>> = {
  '`/v1`, JSON': `/v1/rows?symbols=*&since=${ORIGIN}&limit=40`,
  '`/v1`, other formats': `/v1/rows?symbols=*&since=${ORIGIN}&limit=40&format=csv`,
  'Binance, REST': `/api/v3/klines?symbol=ACMEUSDT&interval=1s&startTime=${ORIGIN}&limit=9`,
  'Alpaca, REST': '/v2/stocks/ACME/quotes/latest',
  UDF: `/udf/history?symbol=ACME&resolution=1S&from=${ORIGIN / SECOND}&to=${ORIGIN / SECOND + 30}`,
};
const ANSWER_WAYS = Object.keys(ANSWERS) as AnswerWay[];

function expectAnswerStruck(kind: FaultKind, way: AnswerWay, came: Came, right: string): void {
  const { status, body, problem, ms } = came;
  switch (kind) {
    case 'delay':
    case 'stall':
    case 'slow':
      expect(ms).toBeGreaterThan(299);
      expect({ status, body }).toEqual({ status: 200, body: right });
      break;
    case 'throttle':
      expect(ms).toBeGreaterThan((right.length - 200) * 0.9);
      expect({ status, body }).toEqual({ status: 200, body: right });
      break;
    case 'cut':
      expect(problem).toMatch(/aborted|ECONNRESET|hang up/);
      expect(right.startsWith(body)).toBe(true);
      expect(body.length).toBeLessThan(right.length);
      break;
    case 'close':
      expect({ status, body, problem }).toMatchObject({ body: '', problem: 'socket hang up' });
      break;
    case 'halfopen':
      expect(status).toBeUndefined();
      expect(ms).toBeGreaterThan(HALF_OPEN_MS - 1);
      expect(problem).toMatch(/ECONNRESET|hang up/);
      break;
    case 'garbage':
      expect(problem).toBeUndefined();
      expect(body).not.toBe(right);
      expect(() => JSON.parse(body)).toThrow();
      break;
    case 'status':
      expect(status).toBe(500);
      expect(body).not.toBe(right);
      break;
    case 'truncate':
      expect({ status, problem }).toEqual({ status: 200, problem: 'aborted' });
      expect(body).toBe(right.slice(0, right.length >> 1));
      break;
    case 'corrupt':
    case 'stale':
    case 'skew':
      expect({ status, problem }).toEqual({ status: 200, problem: undefined });
      expect(JSON.parse(body), way).not.toEqual(JSON.parse(right));
      break;
    default:
      throw new Error(`no answer says ${kind}`);
  }
}

/** What came of a path: as it is, and by kind. */
interface Asked {
  readonly right: Came;
  readonly faulty: ReadonlyMap<FaultKind, Came>;
}

const ask = (path: string) => askAt(server.server.url + path, 'GET', KEYS);

async function askAll(path: string): Promise<Asked> {
  const came = FAULT_KINDS.map(async (kind) => {
    const profile = encodeURIComponent(profileOf(kind, HOW_OF_ANSWERS));
    return [kind, await ask(`/faulty/${profile}:${SEED}${path}`)] as const;
  });
  return { right: await ask(path), faulty: new Map(await Promise.all(came)) };
}

describe('answers over HTTP', () => {
  const rows: ReadonlyMap<AnswerWay, Asked>[] = [];
  let struck: number;

  /** All kinds at once, of the row that is struck and the two around it. */
  beforeAll(async () => {
    await begin(1);
    struck = server.server.feed.head;
    for (let n = 0; n < 3; n++) {
      if (n > 0) await passOne();
      const asked = new Map<AnswerWay, Asked>();
      for (const way of ANSWER_WAYS) asked.set(way, await askAll(PATHS[way]));
      rows.push(asked);
    }
  });

  const name = 'are struck by %s as the ledger says, where they can say it';
  it.each(FAULT_KINDS)(name, async (kind) => {
    await expectListed(encodeURIComponent(profileOf(kind, HOW_OF_ANSWERS)), kind, struck);
    for (const [n, asked] of rows.entries()) {
      for (const [way, { right, faulty }] of asked) {
        const came = faulty.get(kind)!;
        if (n === 1 && isSaid(ANSWERS[way][kind])) {
          expectAnswerStruck(kind, way, came, right.body);
          continue;
        }
        const { status, body, problem } = came;
        const expected = { status: 200, body: right.body, problem: undefined };
        expect({ status, body, problem }, `${way}, ${n}`).toEqual(expected);
      }
    }
  });
});

describe('docs/faults.md', () => {
  it.each([
    ['streams', STREAMS],
    ['answers', ANSWERS],
  ])('has the same table of %s', (_, columns) => {
    const text = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8');
    expect(text).toContain(expressibleTable(columns));
  });
});
