import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/protocols/tickwell/encoders.ts';
import { eventually } from '../helpers/eventually.ts';
import { FaultyReader } from '../helpers/faulty-readers.ts';
import { ForeignReader, type Told } from '../helpers/foreign-readers.ts';
import { FOREIGN_STREAMS } from '../helpers/foreign-streams.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** A server looks at its clock as often. */
const INTERVAL = 10;
const ORIGIN = Date.UTC(2026, 0, 5, 14, 50);
const COMMON = { model: 'market', tickSize: 0.01, tradesPerDay: 2_000_000 };
const NAMES = { binance: 'ACMEUSDT', deriv: 'ACME', alpaca: 'ACME' };
const SPEC = {
  ...{ origin: ORIGIN, interval: INTERVAL, capacity: 2000, count: undefined },
  instruments: [
    { symbol: 'ACME', names: NAMES, assetClass: 'stock', startPrice: 80, ...COMMON },
    { symbol: 'NIMBO', assetClass: 'stock', startPrice: 250, ...COMMON },
  ],
};
/** Rows that there are when readers come. */
const ROWS = 602;
/** Rows that are looked at. */
const COUNT = 60;
/** Rows behind those: who was told of one of them has had all before it. */
const MORE = 5;
const timeOf = (index: number) => ORIGIN + index * INTERVAL;
const END = timeOf(ROWS + COUNT);

const PROFILE = 'drop@15%,duplicate@15%,corrupt:ticks@25%';
const SEED = 5;
const OTHER_SEED = 6;
/** Struck at no row of this test: its readers are told of one row at a time, as it is. */
const NEVER = 'delay:1ms@4w';
/** What neighbours are under; `off` is healthy. */
const OF_NEIGHBOURS = [
  'off',
  PROFILE,
  'off',
  'cut@100ms',
  'stall:5s@100ms',
  'throttle:1kB/s@100ms',
];

/** The time of a row as it was told, and a price of ACME in ticks: its last, or its bid. */
type Row = readonly [time: number, ticks: number];

/** Somebody who follows ACME by one of the ways. */
interface Follower {
  rows(): readonly Row[];
  until(check: () => boolean): Promise<void>;
  close(): void;
}

interface Way {
  readonly name: string;
  /** Resolves when it waits for the next row. */
  open(url: string): Promise<Follower>;
}

function own(encoding: Encoding): Way {
  return {
    name: `our ${encoding}`,
    async open(url) {
      const reader = FaultyReader.open(url, encoding, '', { symbols: ['ACME'] });
      await reader.until(({ since }) => since !== undefined);
      return {
        rows: () => reader.heard.map(({ until, prices }) => [until!, Number(prices![0])]),
        until: (check) => reader.until(check),
        close: () => reader.close(),
      };
    },
  };
}

/** `timeTold` gives the time of the row that a message tells of. */
function foreign(name: string, timeTold: (message: Told) => number): Way {
  const stream = FOREIGN_STREAMS.find((one) => one.name === name)!;
  const rowOf = (message: Told): Row => {
    const [place] = stream.placesOf(message, true);
    const price = place!.at.reduce((inner, key) => inner[key], message);
    return [timeTold(message), Math.round(Number(price) * 100)];
  };
  return {
    name,
    async open(url) {
      const reader = new ForeignReader(url, stream);
      await reader.until(
        ({ isOpen, words, told }) => isOpen && words.length + told.length >= stream.words,
      );
      return {
        rows: () => reader.told.map(rowOf),
        until: (check) => reader.until(check),
        close: () => reader.close(),
      };
    },
  };
}

const WAYS: readonly Way[] = [
  ...(['json', 'binary', 'events'] as const).map(own),
  foreign('Binance @bookTicker', ({ u }) => timeOf(u)),
  foreign('Alpaca quotes, JSON', ({ t }) => Date.parse(t)),
  foreign('Alpaca quotes, MessagePack', ({ t }) => t.getTime()),
];

const below = (url: string, profile: string, seed: number) =>
  `${url}/faulty/${encodeURIComponent(profile)}:${seed}`;

/** What was done to a row, as a strike says it. */
interface Harm {
  readonly time: number;
  readonly kind: string;
  /** Of a wrong price: how far off. */
  readonly ticks?: number;
}

/** What was done to somebody, by what a healthy one was told in the same way. */
function harmOf(told: readonly Row[], healthy: readonly Row[]): Harm[] {
  const right = healthy.filter(([time]) => time >= timeOf(ROWS) && time < END);
  expect(right.map(([time]) => time)).toEqual(right.map((_, n) => timeOf(ROWS + n)));
  expect(right).toHaveLength(COUNT);
  return right.flatMap(([time, ticks]) => {
    const copies = told.filter(([one]) => one === time);
    if (copies.length === 0) return [{ time, kind: 'drop' }];
    const off = [...new Set(copies.map(([, one]) => one - ticks))];
    return [
      ...copies.slice(1).map(() => ({ time, kind: 'duplicate' })),
      ...off.filter((one) => one !== 0).map((one) => ({ time, kind: 'corrupt', ticks: one })),
    ];
  });
}

/** What can be seen of strikes: nothing else of a row that is dropped. */
function seenOf(strikes: readonly Harm[]): Harm[] {
  const dropped = new Set(strikes.flatMap(({ time, kind }) => (kind === 'drop' ? [time] : [])));
  return strikes
    .filter(({ time, kind }) => kind === 'drop' || !dropped.has(time))
    .map(({ time, kind, ticks }) => ({ time, kind, ...(ticks === undefined ? {} : { ticks }) }));
}

/** What one reader met. */
interface Telling {
  readonly run: string;
  readonly replica: number;
  readonly way: string;
  readonly seed: number;
  readonly harm: readonly Harm[];
}

const RUNS = [
  { run: 'first', neighbours: 0 },
  { run: 'again', neighbours: 0 },
  { run: 'beside others', neighbours: 20 },
];
const tellings: Telling[] = [];
/** Bodies of `GET /v1/faults`, of each server that was there. */
const ledgers = new Map<number, string[]>([
  [SEED, []],
  [OTHER_SEED, []],
]);

/** A server that has been there for so many rows when readers come. */
async function replica(rowsAgo: number): Promise<TestServer> {
  const server = await startTestServer({ spec: SPEC, rows: ROWS - rowsAgo });
  server.clock.pass(rowsAgo * INTERVAL);
  await eventually(() => expect(server.server.feed.head).toBe(ROWS));
  return server;
}

/** Has everybody told of the same rows by one server. */
async function tell(server: TestServer, run: string, place: number, neighbours: number) {
  const { url } = server.server;
  const followers: Follower[] = [];
  const open = async (way: Way, at: string) => {
    const follower = await way.open(at);
    followers.push(follower);
    return follower;
  };
  for (let n = 0; n < neighbours; n++) {
    const profile = OF_NEIGHBOURS[n % OF_NEIGHBOURS.length]!;
    const at = profile === 'off' ? url : below(url, profile, 100 + n);
    await open(WAYS[Math.floor(n / 2) % WAYS.length]!, at);
  }
  const all = await Promise.all(
    WAYS.map(async (way) => ({
      way,
      healthy: await open(way, below(url, NEVER, SEED)),
      struck: await open(way, below(url, PROFILE, SEED)),
      others: await open(way, below(url, PROFILE, OTHER_SEED)),
    })),
  );
  const newestOf = (follower: Follower) => follower.rows().at(-1)?.[0] ?? 0;
  // One at a time: of several, some streams tell the newest alone.
  for (let index = ROWS; index < ROWS + COUNT + MORE; index++) {
    server.clock.pass(INTERVAL);
    for (const { healthy } of all) await healthy.until(() => newestOf(healthy) >= timeOf(index));
  }
  for (const { way, healthy, struck, others } of all) {
    for (const [seed, follower] of [[SEED, struck] as const, [OTHER_SEED, others] as const]) {
      await follower.until(() => newestOf(follower) >= END);
      const harm = harmOf(follower.rows(), healthy.rows());
      tellings.push({ run, replica: place, way: way.name, seed, harm });
    }
  }
  for (const [seed, bodies] of ledgers) {
    const range = `since=${timeOf(ROWS - 1)}&until=${timeOf(ROWS + COUNT - 1)}&symbols=ACME`;
    const faults = `faults=${encodeURIComponent(PROFILE)}&faultSeed=${seed}`;
    bodies.push((await server.get(`/v1/faults?${faults}&${range}`)).text);
  }
  for (const follower of followers) follower.close();
}

beforeAll(async () => {
  for (const { run, neighbours } of RUNS) {
    const servers = await Promise.all([replica(0), replica(300)]);
    try {
      await Promise.all(servers.map((server, n) => tell(server, run, n, neighbours)));
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
    for (const { failures } of servers) expect(failures).toEqual([]);
  }
});

afterAll(() => {
  tellings.length = 0;
});

/** Each with what it is of, so that what differs is named. */
const harms = (of: readonly Telling[]) =>
  of.map(({ run, replica, way, harm }) => ({ run, replica, way, harm }));

describe('the same fault seed has the same harm', () => {
  const [first, again, beside] = RUNS.map(({ run }) => run);

  it.each([
    ['through every protocol', [first], [0], WAYS.length],
    ['on two replicas, one of which has been there for long', [first], [0, 1], 2 * WAYS.length],
    ['in two runs', [first, again], [0, 1], 4 * WAYS.length],
    ['beside nobody, and beside twenty', [first, beside], [0, 1], 4 * WAYS.length],
  ])('%s', (_, runs, replicas, count) => {
    const same = tellings.filter(
      ({ run, replica, seed }) => seed === SEED && runs.includes(run) && replicas.includes(replica),
    );
    expect(same).toHaveLength(count);
    const { harm } = tellings.find(({ seed }) => seed === SEED)!;
    expect(new Set(harm.map(({ kind }) => kind)).size).toBe(3);
    expect(harms(same)).toEqual(harms(same.map((one) => ({ ...one, harm }))));
  });

  it.each([SEED, OTHER_SEED])('as all ledgers list it, byte for byte: seed %i', (seed) => {
    const bodies = ledgers.get(seed)!;
    expect(bodies).toEqual(Array(2 * RUNS.length).fill(bodies[0]));
    const harm = seenOf(JSON.parse(bodies[0]!).strikes);
    const same = tellings.filter((one) => one.seed === seed);
    expect(same).toHaveLength(2 * RUNS.length * WAYS.length);
    expect(harms(same)).toEqual(harms(same.map((one) => ({ ...one, harm }))));
  });
});

describe('another fault seed', () => {
  it('has another harm, and another ledger', () => {
    const [one, other] = [SEED, OTHER_SEED].map(
      (wanted) => tellings.find(({ seed }) => seed === wanted)!.harm,
    );
    expect(other!.length).toBeGreaterThan(5);
    expect(other).not.toEqual(one);
    expect(ledgers.get(OTHER_SEED)![0]).not.toBe(ledgers.get(SEED)![0]);
  });
});
