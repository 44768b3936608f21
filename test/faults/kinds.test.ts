import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Strike } from '../../src/core/faults/strike.ts';
import { readRows } from '../../src/core/history/read-rows.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { finish } from '../../src/core/market/finish.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Encoding } from '../../src/protocols/tickwell/encoders.ts';
import { eventually } from '../helpers/eventually.ts';
import { deciderOf, rowsThatCome } from '../helpers/faults.ts';
import { type Asked, FaultyReader, type Heard } from '../helpers/faulty-readers.ts';
import { INTERVAL, startTestServer, type TestServer } from '../helpers/server.ts';

const ENCODINGS: readonly Encoding[] = ['json', 'binary', 'events'];
const SEED = 5;
/** What HTTP puts around the parts of an event stream, at most, in this test. */
const CHUNKS = 1000;

let server: TestServer;
const readers: FaultyReader[] = [];

beforeAll(async () => {
  server = await startTestServer({ spec: { count: 4 } });
});

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const indexAfter = (sinceMs: number) =>
  (sinceMs - server.market.grid.originMs) / server.market.grid.intervalMs + 1;

/** Readers under one profile, in each encoding, who all wait for the next row. */
async function follow(
  profile: string,
  encodings = ENCODINGS,
  asked: Asked = {},
): Promise<FaultyReader[]> {
  const query = `?faults=${encodeURIComponent(profile)}&faultSeed=${SEED}`;
  const opened = encodings.map((encoding) =>
    FaultyReader.open(server.server.url, encoding, query, asked),
  );
  readers.push(...opened);
  await Promise.all(opened.map((reader) => reader.until(({ since }) => since !== undefined)));
  for (const { faults } of opened) expect(faults).toMatchObject({ seed: SEED });
  return opened;
}

/** Lets `count` rows come; gives which. */
async function pass(count: number): Promise<number[]> {
  const from = server.server.feed.head;
  server.clock.pass(count * INTERVAL);
  await eventually(() => expect(server.server.feed.head).toBe(from + count));
  return Array.from({ length: count }, (_, n) => from + n);
}

/** The prices of a row, as they are. */
function pricesAt(index: number, field: 'last' | 'bid' | 'ask' = 'last'): number[] {
  const { history } = server.server.feed;
  const columns = server.market.instruments.map((_, column) => column);
  const read = finish(readRows(history, wantedOf([field], columns), index, index + 1));
  return columns.map((column) => read.at(column)![0]!);
}

const right = (index: number): Heard => ({
  until: timeOf(server.market.grid, index),
  prices: pricesAt(index),
});

/** What stands for a price under a strike; a `WRONG` of binary messages is what they cannot say. */
function wrongPrice(strike: Strike, encoding: Encoding, index: number, column: number): unknown {
  const ticks = pricesAt(index)[column]!;
  if (strike.kind === 'stale') return pricesAt(index - 1)[column];
  if (strike.kind !== 'corrupt') throw new Error(strike.kind);
  const { instruments, symbols } = server.market;
  const isBinary = encoding === 'binary';
  switch (strike.form) {
    case 'ticks':
      return ticks + strike.ticks;
    case 'negative':
      return isBinary ? ticks : -ticks;
    case 'zero':
      return 0;
    case 'null':
      return isBinary ? ticks : null;
    case 'nan':
      return isBinary ? ticks : 'NaN';
    case 'string':
      return isBinary ? ticks : String(ticks);
    case 'other': {
      const other = symbols.indexOf(strike.other);
      const price = pricesAt(index)[other]! * instruments[other]!.tickSize;
      return Math.round(price / instruments[column]!.tickSize);
    }
  }
}

describe.each([
  'corrupt:ticks@20%',
  'corrupt:negative@20%',
  'corrupt:zero@20%',
  'corrupt:null@20%',
  'corrupt:string@20%',
  'corrupt:nan@20%',
  'corrupt:other@20%',
  'corrupt@50%',
  'stale@30%',
  'corrupt:ticks@20%,stale@10%',
])('prices under %s', (profile) => {
  it('are wrong for the symbols that are struck, in every encoding, and right for all others', async () => {
    const all = await follow(profile);
    const rows = await pass(60);
    const decider = deciderOf(server.market, profile, SEED);
    for (const [n, reader] of all.entries()) {
      await reader.until(({ heard }) => heard.length >= rows.length);
      let struck = 0;
      const expected = rows.map((index): Heard => {
        const prices = pricesAt(index).map((ticks, column) => {
          const strikes = decider.strikesOf(index, column);
          struck += strikes.length;
          const last = strikes.at(-1);
          return last === undefined ? ticks : wrongPrice(last, ENCODINGS[n]!, index, column);
        });
        return { until: timeOf(server.market.grid, index), prices };
      });
      expect(struck).toBeGreaterThan(10);
      expect(reader.heard, ENCODINGS[n]).toEqual(expected);
    }
  });
});

describe('times under skew', () => {
  it('are off by what is decided, in every encoding', async () => {
    const profile = 'skew:1ms-5s@30%';
    const all = await follow(profile);
    const rows = await pass(60);
    const decider = deciderOf(server.market, profile, SEED);
    const expected = rows.map((index) => {
      const [strike] = decider.strikes(index);
      const skewMs = strike?.kind === 'skew' ? strike.ms : 0;
      const { until, prices } = right(index);
      return { until: until! + skewMs, prices };
    });
    expect(
      expected.filter(({ until }, n) => until !== right(rows[n]!).until).length,
    ).toBeGreaterThan(9);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= rows.length);
      expect(reader.heard).toEqual(expected);
    }
  });
});

/** A profile that strikes nobody here: its readers are told of one row at a time, as it is. */
const NEVER = 'delay:1ms@4w';

describe.each([
  ['quotes', { fields: ['bid', 'ask'] }],
  ['prices with quotes', { fields: ['last', 'bid', 'volume'] }],
  ['candles', { resolution: '50ms' }],
  ['trades', { what: 'trades' }],
  ['books', { what: 'depth', levels: 3 }],
] as const)('%s', (name, asked) => {
  const fields =
    name === 'quotes' || name === 'books' ? (['bid', 'ask'] as const) : (['last'] as const);

  it('are struck in what is a price and a time of them, in every encoding', async () => {
    const profile = 'corrupt:ticks@15%,stale@15%,skew:1ms-5s@20%';
    const all = await follow(profile, ENCODINGS, asked);
    const healthy = await follow(NEVER, ENCODINGS, asked);
    // One at a time: candles tell of the newest alone.
    for (let row = 0; row < 40; row++) {
      await pass(1);
      for (const reader of [...healthy, ...all]) {
        await reader.until(({ heard }) => heard.at(-1)?.until !== undefined && heard.length > row);
      }
    }
    const decider = deciderOf(server.market, profile, SEED);
    let struck = 0;
    for (const [n, reader] of all.entries()) {
      const expected = healthy[n]!.heard.map((told): Heard => {
        const index = indexAfter(told.until!) - 1;
        // The books that it begins with were there before it.
        if (index < indexAfter(reader.since!)) return told;
        const skewMs = decider
          .strikes(index)
          .reduce((sum, strike) => sum + (strike.kind === 'skew' ? strike.ms : 0), 0);
        const prices = told.prices!.map((price, at) => {
          const column = at % server.market.symbols.length;
          const strike = decider.strikesOf(index, column).at(-1);
          if (strike === undefined || price === null) return price;
          struck += 1;
          const field = fields[Math.floor(at / server.market.symbols.length)]!;
          if (strike.kind === 'stale') return pricesAt(index - 1, field)[column];
          return (
            Number(price) +
            (strike.kind === 'corrupt' && strike.form === 'ticks' ? strike.ticks : 0)
          );
        });
        const times = told.times?.map((time) => Number(time) + skewMs);
        const until = told.until! + skewMs;
        return { until, prices, ...(times === undefined ? {} : { times }) };
      });
      expect(reader.heard, ENCODINGS[n]).toEqual(expected);
    }
    expect(struck).toBeGreaterThan(20);
  });
});

describe('rows that are dropped, doubled and put off', () => {
  it('are the same ones in every encoding', async () => {
    const profile = 'drop@10%,duplicate@10%,reorder@10%';
    const all = await follow(profile);
    const rows = await pass(100);
    const decider = deciderOf(server.market, profile, SEED);
    const expected = rowsThatCome(decider, rows[0]!, rows.at(-1)! + 1).map(right);
    expect(expected).not.toEqual(rows.map(right));
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= expected.length);
      expect(reader.heard).toEqual(expected);
    }
  });
});

describe('garbage', () => {
  it('comes before a row, or in place of half of it', async () => {
    const profile = 'garbage@30%';
    const all = await follow(profile);
    const rows = await pass(60);
    const decider = deciderOf(server.market, profile, SEED);
    const counts = { text: 0, half: 0 };
    const shapes = rows.flatMap((index) => {
      const [strike] = decider.strikes(index);
      if (strike?.kind !== 'garbage') return [right(index)];
      counts[strike.form] += 1;
      return strike.form === 'half' ? ['half'] : [strike.text, right(index)];
    });
    expect(Math.min(counts.text, counts.half)).toBeGreaterThan(3);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= shapes.length);
      const isGarbage = ({ garbage }: Heard) => garbage !== undefined;
      const seen = reader.heard.map((one, n) =>
        isGarbage(one) ? (shapes[n] === 'half' ? 'half' : one.garbage) : one,
      );
      expect(seen).toEqual(shapes);
    }
  });
});

describe('time', () => {
  /** The first row at which the one clause strikes, among those that come. */
  const struckOf = (profile: string, rows: readonly number[]) => {
    const decider = deciderOf(server.market, profile, SEED);
    return rows.filter((index) => decider.strikes(index).length > 0);
  };

  it.each([
    ['delay:700ms@200ms', 700],
    ['burst:2s@200ms', 2000],
    ['stall:3s@200ms', 3000],
  ])('passes before what is struck comes, and nothing before it: %s', async (profile, ms) => {
    const all = await follow(profile);
    const rows = await pass(15);
    const [struck] = struckOf(profile, rows);
    if (struck === undefined) throw new Error('a period of 200 ms is longer than so many rows');
    const before = rows.filter((index) => index < struck);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= before.length);
    }
    server.clock.passSteadily(ms - 1);
    for (const reader of all) expect(reader.heard).toEqual(before.map(right));
    server.clock.passSteadily(1);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= rows.length);
      expect(reader.heard).toEqual(rows.map(right));
    }
  });

  it('of a stall has no pongs, of a burst it has', async () => {
    for (const [profile, pongs] of [
      ['stall:3s@200ms', 0],
      ['burst:3s@200ms', 1],
    ] as const) {
      const [reader] = (await follow(profile, ['json'])) as [FaultyReader];
      const [struck] = struckOf(profile, await pass(20));
      expect(struck).toBeDefined();
      reader.ping();
      if (pongs > 0) await reader.until((one) => one.pongs > 0);
      // An answer over HTTP goes after all that the server had read by then.
      await server.get('/healthz');
      expect(reader.pongs).toBe(pongs);
      server.clock.passSteadily(3000);
      await reader.until((one) => one.pongs > 0);
    }
  });

  it('is overtaken by other rows, if that is said', async () => {
    const profile = 'delay:700ms+overtake@200ms';
    const all = await follow(profile);
    const rows = await pass(15);
    const struck = struckOf(profile, rows);
    const others = rows.filter((index) => !struck.includes(index));
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= others.length);
      expect(reader.heard).toEqual(others.map(right));
    }
    server.clock.passSteadily(700);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= rows.length);
      expect(reader.heard).toEqual([...others, ...struck].map(right));
    }
  });

  it('is what a pace of so many bytes takes', async () => {
    const profile = 'throttle:2kB/s@200ms';
    const all = await follow(profile);
    const rows = await pass(40);
    const [struck] = struckOf(profile, rows);
    const before = rows.filter((index) => index < struck!);
    for (const reader of all) await reader.until(({ heard }) => heard.length >= before.length);
    const bytes = all.map((reader) => reader.bytes);
    let passedMs = 0;
    while (all.some(({ heard }) => heard.length < rows.length)) {
      server.clock.passSteadily(100);
      passedMs += 100;
      await new Promise((resolve) => setTimeout(resolve, 110));
      for (const [n, reader] of all.entries()) {
        // One part is sent at once.
        expect(reader.bytes - bytes[n]!).toBeLessThanOrEqual(2 * passedMs + 200 + CHUNKS);
      }
    }
    expect(passedMs).toBeGreaterThan(500);
    for (const reader of all) expect(reader.heard).toEqual(rows.map(right));
  });
});

describe('a connection', () => {
  it('is reset, in every encoding', async () => {
    const all = await follow('cut@200ms');
    await pass(20);
    for (const reader of all) {
      await reader.until(({ end }) => end !== undefined);
      expect(reader.end).toEqual({ isBroken: true });
    }
  });

  it('is closed with a code; an event stream ends', async () => {
    const all = await follow('close:4321@200ms');
    const rows = await pass(20);
    const decider = deciderOf(server.market, 'close:4321@200ms', SEED);
    const struck = rows.findIndex((index) => decider.strikes(index).length > 0);
    for (const [n, reader] of all.entries()) {
      await reader.until(({ end }) => end !== undefined);
      const isEvents = ENCODINGS[n] === 'events';
      expect(reader.end).toEqual({ isBroken: false, ...(isEvents ? {} : { code: 4321 }) });
      // What comes before it in the stream has been sent before it.
      expect(reader.heard).toEqual(rows.slice(0, struck).map(right));
    }
  });

  it('is left half open: no byte more, no pong, and it hears nothing', async () => {
    const all = await follow('halfopen@200ms');
    const rows = await pass(20);
    const decider = deciderOf(server.market, 'halfopen@200ms', SEED);
    const struck = rows.findIndex((index) => decider.strikes(index).length > 0);
    for (const reader of all) {
      await reader.until(({ heard }) => heard.length >= struck);
    }
    const bytes = all.map((reader) => reader.bytes);
    for (const reader of all) reader.ping();
    await pass(20);
    await server.get('/healthz');
    // Longer than a client that owes a pong, or reads nothing, is left alone.
    server.clock.passSteadily(120_000);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const [n, reader] of all.entries()) {
      expect(reader.heard).toEqual(rows.slice(0, struck).map(right));
      expect(reader.bytes).toBe(bytes[n]);
      expect(reader.pongs).toBe(0);
      expect(reader.end).toBeUndefined();
    }
    // Its limit ends it.
    server.clock.passSteadily(600_000);
    for (const reader of all) {
      await reader.until(({ end }) => end !== undefined);
      expect(reader.end).toEqual({ isBroken: true });
    }
  });
});
