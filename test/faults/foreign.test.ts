import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Strike } from '../../src/core/faults/strike.ts';
import { readRows } from '../../src/core/history/read-rows.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { finish } from '../../src/core/market/finish.ts';
import { eventually } from '../helpers/eventually.ts';
import { STREAMS } from '../helpers/expressible.ts';
import { deciderOf } from '../helpers/faults.ts';
import { ForeignReader, type ForeignStream, type Told } from '../helpers/foreign-readers.ts';
import { FOREIGN_STREAMS } from '../helpers/foreign-streams.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ORIGIN = Date.UTC(2026, 0, 5, 14, 50);
/** The newest row there is at first is the second of a minute. */
const ROWS = 602;
const SEED = 5;
/** Rows of which readers are told one at a time. */
const COUNT = 30;
const COMMON = { model: 'market', tickSize: 0.01, tradesPerDay: 2_000_000 };
const NAMES = { binance: 'ACMEUSDT', deriv: 'ACME', alpaca: 'ACME' };
const SPEC = {
  ...{ origin: ORIGIN, interval: SECOND, capacity: 2000, count: undefined },
  instruments: [
    { symbol: 'ACME', names: NAMES, assetClass: 'stock', startPrice: 80, ...COMMON },
    { symbol: 'NIMBO', assetClass: 'stock', startPrice: 250, ...COMMON },
  ],
};

let server: TestServer;
const readers: ForeignReader[] = [];

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, rows: ROWS, limits: UNHURRIED });
});

afterAll(async () => {
  for (const reader of readers) reader.close();
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Struck at no row of this test: its readers are told of one row at a time, as it is. */
const NEVER = 'delay:1ms@4w';

async function follow(stream: ForeignStream, profile: string): Promise<ForeignReader> {
  const prefix = `/faulty/${encodeURIComponent(profile)}:${SEED}`;
  const reader = new ForeignReader(server.server.url, stream, prefix);
  readers.push(reader);
  await reader.until(
    ({ words, told, isOpen, end }) =>
      (isOpen && words.length + told.length >= stream.words) || end !== undefined,
  );
  expect(reader.end).toBeUndefined();
  return reader;
}

/** Lets rows come. */
async function pass(count: number): Promise<void> {
  const { head } = server.server.feed;
  server.clock.pass(count * SECOND);
  await eventually(() => expect(server.server.feed.head).toBe(head + count));
}

/** Lets rows come one at a time: of several, some streams tell the newest alone. */
async function passEach(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await pass(1);
}

/** Goes to the second row of a minute, so that no candle ends soon. */
async function beginMinute(): Promise<void> {
  const newestMs = server.timeOf(server.server.feed.head - 1);
  await pass((MINUTE + SECOND - (newestMs % MINUTE)) / SECOND);
}

function priceAt(index: number, column: number, field: 'last' | 'bid' | 'ask'): number {
  const { history } = server.server.feed;
  return finish(readRows(history, wantedOf([field], [column]), index, index + 1)).at(0)![0]!;
}

/** What stands where `right` stood; texts have as many decimals as that. */
function wrongValue(strike: Strike, right: unknown, index: number, place: Place): unknown {
  const { column, field } = place;
  const { tickSize } = server.market.instruments[column]!;
  const ticks = Math.round(Number(right) / tickSize);
  const say = (wrong: number) => {
    const value = (wrong * tickSize).toFixed(2);
    if (typeof right !== 'string') return Number(value);
    return value + '0'.repeat(right.length - right.indexOf('.') - 3);
  };
  if (strike.kind === 'stale') return say(priceAt(index - 1, column, field));
  if (strike.kind !== 'corrupt') throw new Error(strike.kind);
  switch (strike.form) {
    case 'ticks':
      return say(ticks + strike.ticks);
    case 'negative':
      return say(-ticks);
    case 'zero':
      return say(0);
    case 'null':
      return null;
    case 'nan':
      return 'NaN';
    case 'string':
      return typeof right === 'string' ? Number(right) : String(right);
    case 'other':
      return say(priceAt(index, column === 0 ? 1 : 0, 'last'));
  }
}

type Place = ReturnType<ForeignStream['placesOf']>[number];

function at(message: Told, path: readonly (string | number)[]): Told {
  return path.slice(0, -1).reduce((inner, key) => inner?.[key], message);
}

/** A message with what is done to it. */
function harmed(stream: ForeignStream, message: Told, isLast: boolean, profile: string): Told {
  const copy: Told = structuredClone(message);
  const index = (stream.timeOf(message) - ORIGIN) / SECOND;
  const decider = deciderOf(server.market, profile, SEED);
  const skewMs = decider
    .strikes(index)
    .reduce((sum, strike) => sum + (strike.kind === 'skew' ? strike.ms : 0), 0);
  for (const path of stream.times) {
    const place = at(copy, path);
    const key = path.at(-1)!;
    if (place?.[key] !== undefined) place[key] = stream.later(place[key], skewMs);
  }
  for (const place of stream.placesOf(message, isLast)) {
    const strike = decider.strikesOf(index, place.column).at(-1);
    const inner = at(copy, place.at);
    const key = place.at.at(-1)!;
    if (strike === undefined || inner?.[key] === undefined) continue;
    inner[key] = wrongValue(strike, inner[key], index, place);
  }
  return copy;
}

/** Messages by the row that they tell of, as each is a part of its own. */
function byRow(stream: ForeignStream, told: readonly Told[]): Told[][] {
  const rows: Told[][] = [];
  for (const one of told) {
    const newest = rows.at(-1);
    if (newest !== undefined && stream.timeOf(newest[0]) === stream.timeOf(one)) newest.push(one);
    else rows.push([one]);
  }
  return rows;
}

const indexOf = (stream: ForeignStream, message: Told) =>
  (stream.timeOf(message) - ORIGIN) / SECOND;

const WRONG = 'corrupt@30%,stale@10%,skew:1ms-5s@30%';
const MOVED = 'drop@15%,duplicate@15%,reorder@15%';

/** What readers of one stream were told of the same rows. */
interface Telling {
  readonly healthy: ForeignReader;
  readonly wrong: ForeignReader;
  readonly moved: ForeignReader;
}

const tellings = new Map<ForeignStream, Telling>();
/** The first row that came while all of them were there. */
let liveFrom = 0;

/** Has readers of all streams told of the same rows, one at a time. */
beforeAll(async () => {
  await beginMinute();
  for (const stream of FOREIGN_STREAMS) {
    const [healthy, wrong, moved] = [
      await follow(stream, NEVER),
      await follow(stream, WRONG),
      await follow(stream, MOVED),
    ];
    tellings.set(stream, { healthy, wrong, moved });
  }
  liveFrom = server.server.feed.head;
  for (let n = 0; n < COUNT; n++) {
    await pass(1);
    await eventually(() => {
      for (const [stream, { healthy }] of tellings) {
        if (stream.isSparse === true) continue;
        expect(healthy.told.length, stream.name).toBeGreaterThan(0);
        expect(indexOf(stream, healthy.told.at(-1)), stream.name).toBe(liveFrom + n);
      }
    });
  }
}, 300_000);

describe.each(FOREIGN_STREAMS)('$name', (stream) => {
  it('has prices and times wrong where that is decided, and right all else', async () => {
    const { healthy, wrong } = tellings.get(stream)!;
    const rows = byRow(stream, healthy.told);
    expect(rows.length).toBeGreaterThan(5);
    // Candles and books that it begins with were there before it.
    const expected = rows.flatMap((row) =>
      row.map((one, n) => {
        if (indexOf(stream, one) < liveFrom) return one;
        return harmed(stream, one, n === row.length - 1, WRONG);
      }),
    );
    await eventually(() => expect(wrong.told).toEqual(expected), 1000);
    const right = rows.flat();
    const changed = expected.filter((one, n) => JSON.stringify(one) !== JSON.stringify(right[n]));
    expect(changed.length).toBeGreaterThan(2);
  });

  it('has rows dropped, doubled and put off', async () => {
    const { healthy, moved } = tellings.get(stream)!;
    const rows = byRow(stream, healthy.told);
    const decider = deciderOf(server.market, MOVED, SEED);
    const expected: Told[] = [];
    let held: Told[] | undefined;
    const first = indexOf(stream, rows[0]![0]);
    for (let index = first; index < liveFrom + COUNT; index++) {
      // One of which there is nothing to tell has a place in the order all the same.
      const row = rows.find(([one]) => indexOf(stream, one) === index) ?? [];
      const kinds = index < liveFrom ? [] : decider.strikes(index).map(({ kind }) => kind);
      if (kinds.includes('drop')) continue;
      const copies = kinds.includes('duplicate') ? [...row, ...row] : row;
      if (kinds.includes('reorder') && held === undefined) {
        held = copies;
        continue;
      }
      expected.push(...copies, ...(held ?? []));
      held = undefined;
    }
    await eventually(() => expect(moved.told).toEqual(expected), 1000);
    expect(expected).not.toEqual(rows.flat());
  });
});

const READERS = FOREIGN_STREAMS.filter(({ isSparse }) => isSparse !== true);

/** Readers of all streams under one profile. */
function followAll(profile: string): Promise<ForeignReader[]> {
  return Promise.all(READERS.map((stream) => follow(stream, profile)));
}

describe('ways to be told by other protocols', () => {
  it('are in the table of what each can say', () => {
    for (const { way } of FOREIGN_STREAMS) expect(Object.keys(STREAMS)).toContain(way);
  });
});

describe('a connection, whatever is followed,', () => {
  it.each([
    ['cut', 1006],
    ['close:4321', 4321],
  ])('is ended by %s', async (kind, code) => {
    const all = await followAll(`${kind}@3s`);
    await passEach(4);
    for (const reader of all) {
      await reader.until(({ end }) => end !== undefined);
      expect(reader.end).toEqual({ code });
    }
  });

  it.each(['text', 'half'])('has garbage: %s', async (form) => {
    const all = await followAll(`garbage:${form}@100%`);
    await passEach(3);
    for (const reader of all) {
      await reader.until(({ told }) => told.some(({ garbage }) => garbage !== undefined));
    }
  });

  it.each([
    ['stall:5s@3s', 5000, true],
    ['burst:5s@3s', 5000, false],
    ['delay:5s@3s', 5000, false],
  ])('is still for a while under %s, and goes on', async (profile, ms, isSilent) => {
    const all = await followAll(profile);
    await passEach(4);
    for (const reader of all) reader.ping();
    if (!isSilent) for (const reader of all) await reader.until(({ pongs }) => pongs > 0);
    await server.get('/healthz');
    if (isSilent) for (const { pongs } of all) expect(pongs).toBe(0);
    const counts = all.map(({ told }) => told.length);
    server.clock.passSteadily(ms);
    for (const [n, reader] of all.entries()) {
      await reader.until(({ pongs, told }) => pongs > 0 && told.length > counts[n]!);
      expect(reader.end).toBeUndefined();
    }
  });

  it('is left half open', async () => {
    const all = await followAll('halfopen@3s');
    await passEach(4);
    const counts = all.map(({ told }) => told.length);
    for (const reader of all) reader.ping();
    await passEach(4);
    await server.get('/healthz');
    for (const [n, { told, pongs, end }] of all.entries()) {
      expect(told.length).toBe(counts[n]);
      expect({ pongs, end }).toEqual({ pongs: 0, end: undefined });
    }
  });
});
