import fc from 'fast-check';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { Host } from '../../src/client/host.ts';
import type { Batch } from '../../src/client/kind.ts';
import type { Stream } from '../../src/client/stream.ts';
import { subscribe } from '../../src/client/subscribe.ts';
import { subscribeCandles } from '../../src/client/subscribe-candles.ts';
import { subscribeDepth } from '../../src/client/subscribe-depth.ts';
import { subscribeTrades } from '../../src/client/subscribe-trades.ts';
import type { Decider } from '../../src/core/faults/decider.ts';
import type { Strike } from '../../src/core/faults/strike.ts';
import type { Market } from '../../src/core/market/market.ts';
import { deciderOf } from '../helpers/faults.ts';
import { Application, ClientWorld, WorldHost } from './client-world.ts';
import { marketWith } from './markets.ts';

/**
 * The client that people use, under any faults: in the end it has told every row exactly once, or
 * has ended with an error that has a name. What it told is right, but where the ledger says that a
 * price was changed to another that may be one.
 */

/** A market of a row each second. */
const MARKET = 1;
const INTERVAL = 1000;
/** A time may be off by so many rows, where it is by whole ones. */
const MOVED_ROWS = 3;
/** What 90 rows may wait, each for 12 s by each of five clauses, and some rounds of back-off. */
const CALM_MS = 6_000_000;

export const KINDS = ['rows', 'candles', 'trades', 'depth'] as const;
export const WAYS = ['json', 'binary', 'events'] as const;

export interface Case {
  readonly kind: (typeof KINDS)[number];
  readonly way: (typeof WAYS)[number];
  readonly profile: string;
  readonly seed: number;
  readonly rows: number;
}

type Anything = Batch & Readonly<Record<string, unknown>>;

/** What a client says of each row; by a name of it, so that two can be compared. */
type Told = ReadonlyMap<string, Value>;

interface Value {
  readonly values: readonly (readonly number[])[];
  /** The row by which its message was struck. */
  readonly index: number;
}

/** Plays a case, and checks all of it; gives what happened. */
export async function play({ kind, way, profile, seed, rows }: Case) {
  const failures: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const market = marketWith(MARKET, 200);
  const decider = deciderOf(market, profile, seed);
  const world = new ClientWorld(market, logger);
  const since = world.headMs;
  const [harmed, whole] = [new WorldHost(world, decider.faults), new WorldHost(world)];
  const client = new Application(newStream(kind, way, since, harmed));
  const healthy = new Application(newStream(kind, 'json', since, whole));

  await world.pass(rows * INTERVAL);
  // Whoever comes back now comes back to a line that is whole.
  harmed.faults = undefined;
  const end = world.headMs;
  for (let ms = 0; ms < CALM_MS && client.until < end && client.code === undefined; ms += 1000) {
    await world.pass(1000);
  }
  const { state, counters } = client.stream;
  client.stream.close();
  healthy.stream.close();
  expect(failures).toEqual([]);
  const at = `${client.until - since} of ${end - since} ms`;
  if (client.code === undefined) expect(client.until, at).toBeGreaterThanOrEqual(end);
  else checkEnding(client.code, profile, counters.reconnects);
  check(client.given as never, healthy.given as never, { kind, decider, market, since });
  return { code: client.code, counters, state };
}

/** An end is by a close code that is for good, or after five messages that could not be read. */
function checkEnding(code: string, profile: string, reconnects: number): void {
  if (code === 'protocol_error') {
    expect(reconnects).toBeGreaterThanOrEqual(4);
    expect(profile).toMatch(/garbage|corrupt|skew/);
  } else {
    expect({ unauthorised: '4501', refused: '4600' }, code).toHaveProperty(code);
    expect(profile).toMatch(code === 'refused' ? /close:4600/ : /close:4501/);
  }
}

function newStream(kind: Case['kind'], way: Case['way'], since: number, host: Host) {
  const options = {
    ...{ url: 'http://market', symbols: '*' as const, since, host },
    format: way === 'json' ? 'json' : 'bin',
    transport: way === 'events' ? 'events' : 'websocket',
  } as const;
  const { since: _, ...without } = options;
  const streams = {
    rows: () => subscribe({ ...options, fields: ['last', 'volume'] }),
    candles: () => subscribeCandles({ ...options, resolution: '5s', fields: ['trades'] }),
    trades: () => subscribeTrades(options),
    depth: () => subscribeDepth({ ...without, levels: 4 }),
  };
  return streams[kind]() as unknown as Stream<Batch, Batch>;
}

interface Checked {
  readonly kind: Case['kind'];
  readonly decider: Decider;
  readonly market: Market;
  readonly since: number;
}

function check(given: readonly Anything[], healthy: readonly Anything[], of: Checked): void {
  const { kind, market, decider, since } = of;
  for (const [n, batch] of given.entries()) {
    const before = given[n - 1];
    if (kind !== 'depth') expect(batch.since).toBe(before?.until ?? since);
    else if (before !== undefined && batch.snapshot !== true)
      expect(batch.since).toBe(before.until);
  }
  const [told, right] = [valuesOf(of, given), valuesOf(of, healthy)];
  const until = given.at(-1)?.until ?? since;
  let isSpoilt = false;
  for (const [name, { values, index }] of told) {
    if (kind === 'depth' && name.endsWith('snapshot')) isSpoilt = false;
    const truth = right.get(name.replace(' snapshot', ''));
    if (isMoved(of, index)) {
      isSpoilt ||= kind === 'depth';
      continue;
    }
    expect(truth, `${name} is told by both`).toBeDefined();
    for (const [column] of market.symbols.entries()) {
      const isStruck = decider.strikesOf(index, column).some(isUnseen);
      // Of a book it stays, until whole ones come.
      if (kind === 'depth' && isStruck) isSpoilt = true;
      expect(values[column]!.filter(Number.isNaN)).toHaveLength(kind === 'depth' ? 1 : 0);
      if (isStruck || isSpoilt) continue;
      expect(values[column], `${name}, column ${column}`).toEqual(truth!.values[column]);
    }
  }
  // None is left out that the other had by then.
  if (kind === 'depth') return;
  for (const [name, { index }] of right) {
    if (index * INTERVAL + market.grid.originMs > until || name.startsWith('forming')) continue;
    if (isMoved(of, index)) continue;
    expect(told.has(name), `${name} is told`).toBe(true);
  }
}

/**
 * Whether a row may have been told as another, or not at all, because a message said that it ended
 * some whole rows away: what tells of no number of rows cannot be seen to lie.
 */
function isMoved({ decider, kind, market }: Checked, index: number): boolean {
  if (kind === 'rows') return false;
  const { intervalMs } = market.grid;
  for (let from = index - MOVED_ROWS; from <= index + MOVED_ROWS; from++) {
    const strikes = decider.strikes(Math.max(0, from));
    const ms = strikes.reduce((sum, strike) => sum + (strike.kind === 'skew' ? strike.ms : 0), 0);
    if (ms !== 0 && ms % intervalMs === 0) return true;
  }
  return false;
}

/** Whether a strike makes another price of one, so that nobody can see it. */
function isUnseen(strike: Strike): boolean {
  if (strike.kind === 'stale') return true;
  return strike.kind === 'corrupt' && !['null', 'string', 'nan'].includes(strike.form);
}

/** All that is told, each by its name; throws where one comes twice. */
function valuesOf(of: Checked, given: readonly Anything[]): Told {
  const { kind, market } = of;
  const told = new Map<string, Value>();
  const indexOf = (timeMs: number) => (timeMs - market.grid.originMs) / INTERVAL;
  const add = (name: string, values: Value['values'], timeMs: number) => {
    const isOnce = !name.startsWith('forming') && !isMoved(of, indexOf(timeMs));
    if (isOnce) expect(told.has(name), `${name} comes once`).toBe(false);
    told.set(name, { values, index: indexOf(timeMs) });
  };
  const columns = market.symbols.map((_, column) => column);
  for (const batch of given) {
    const lists = batch as unknown as Record<string, readonly ArrayLike<number>[]>;
    const at = (names: readonly string[], n: number) =>
      columns.map((column) => names.map((name) => lists[name]![column]![n]!));
    const { since, until } = batch;
    if (kind === 'rows') {
      const { values } = batch as unknown as { values: Record<string, Float64Array[]> };
      for (let n = 0; since + n * INTERVAL < until; n++) {
        const row = columns.map((c) => [values.last![c]![n]!, values.volume![c]![n]!]);
        add(`row ${since + (n + 1) * INTERVAL}`, row, since + (n + 1) * INTERVAL);
      }
    } else if (kind === 'candles') {
      const names = ['open', 'high', 'low', 'close', 'trades'];
      for (const [n, time] of (batch.time as number[]).entries()) {
        const name = batch.final === true ? `candle ${time}` : `forming ${until}`;
        add(name, at(names, n), batch.final === true ? time + 4 * INTERVAL : until);
      }
    } else if (kind === 'trades') {
      for (const column of columns) {
        const first = (batch.first as number[])[column]!;
        for (let n = 0; n < lists.time![column]!.length; n++) {
          const one = ['time', 'price', 'lots', 'side'].map((name) => lists[name]![column]![n]!);
          const values = columns.map((c) => (c === column ? one : []));
          add(`trade ${column} ${first + n}`, values, until);
        }
      }
    } else {
      const { bids, asks } = batch as unknown as Record<string, [number, number][][]>;
      const books = columns.map((c) => [...bids![c]!.flat(), NaN, ...asks![c]!.flat()]);
      add(`book ${until}${batch.snapshot === true ? ' snapshot' : ''}`, books, until);
      if (batch.snapshot === true) told.set(`book ${until}`, told.get(`book ${until} snapshot`)!);
    }
  }
  return told;
}

const rate = fc.constantFrom('0.5%', '2%', '5%', '15%', '40%');
const period = fc.constantFrom('1s', '3s', '7s', '20s', '1m');
const when = fc.oneof(rate, rate, period);
const time = fc.constantFrom('1ms', '300ms', '1s', '1s-4s', '5s', '20ms-12s');
const named = (kind: string) => fc.constantFrom(kind);

/** Any clause; `skew` by times that are those of no row, if asked so. */
const clauseOf = (skew: fc.Arbitrary<string>) => {
  const how = fc.oneof(
    ...['drop', 'duplicate', 'reorder', 'stale', 'cut', 'halfopen', 'corrupt', 'garbage'].map(
      named,
    ),
    ...['status', 'truncate', 'slow:1s'].map(named),
    fc.constantFrom('corrupt:ticks', 'corrupt:null+string+nan', 'corrupt:zero+negative+other'),
    fc.constantFrom('garbage:half', 'garbage:text'),
    fc.constantFrom('close', 'close:1012', 'close:1011', 'close:1000', 'close:3000', 'close:4000'),
    fc.constantFrom('close:4501', 'close:4504', 'close:4600'),
    fc.constantFrom('throttle:500B/s', 'throttle:4kB/s', 'throttle:1MB/s'),
    ...['delay', 'burst', 'stall'].map((kind) => time.map((ms) => `${kind}:${ms}`)),
    time.map((ms) => `delay:${ms}+overtake`),
    skew.map((text) => `skew:${text}`),
  );
  return fc.tuple(how, when).map(([text, at]) => `${text}@${at}`);
};

/** Times of no row; of rows, a message says by their number what its time should be. */
const BETWEEN_ROWS = ['1ms', '300ms', '1ms-999ms'] as const;
const ANY_TIME = [...BETWEEN_ROWS, '1s', '2s+ahead', '3s+behind', '1ms-5s'] as const;

/** A client of any kind, by any way, under some clauses. */
const cases: fc.Arbitrary<Case> = fc.constantFrom(...KINDS).chain((kind) => {
  const clause = clauseOf(fc.constantFrom(...(kind === 'rows' ? ANY_TIME : BETWEEN_ROWS)));
  return fc.record({
    kind: fc.constant(kind),
    way: fc.constantFrom(...WAYS),
    profile: fc.array(clause, { minLength: 1, maxLength: 5 }).map((clauses) => clauses.join(',')),
    seed: fc.nat({ max: 2 ** 31 }),
    rows: fc.integer({ min: 10, max: 90 }),
  });
});

/** Plays so many cases; gives how many clients had to come back, and how many have ended. */
export async function playMany(runs: number, seed: number | undefined, isEnough = () => false) {
  let [played, harmed, ended] = [0, 0, 0];
  const property = fc.asyncProperty(cases, async (asked) => {
    if (isEnough()) return;
    const { code, counters } = await play(asked);
    played += 1;
    if (counters.reconnects > 0) harmed += 1;
    if (code !== undefined) ended += 1;
  });
  await fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  return { played, harmed, ended };
}
