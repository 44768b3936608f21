import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readRows } from '../../src/core/history/read-rows.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { Columns } from '../../src/core/market/columns.ts';
import { DEFAULT_FIELDS, FIELDS, type Field } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import type { Encoder } from '../../src/delivery/encoder.ts';
import { FrameSource } from '../../src/delivery/frame-source.ts';
import { Frames } from '../../src/delivery/frames.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import type { Subscription } from '../../src/delivery/subscription.ts';
import {
  ENCODINGS,
  type Encoding,
  encodersOf,
  newEncoders,
} from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { counted, mostPerStep } from '../helpers/steps.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';

/** What the stream does between two yields for a wide row, counted: as `answers-in-slices` does. */

const COLUMNS = 3000;
/** Of a row whose values, of all fields, are not set in one go. */
const MANY = 10_000;
/** Numbers that are copied, joined or looked at: at 20 to 130 ns, a millisecond. */
const MOST_PER_STEP = 2 ** 13;
/** Numbers that are set from another list, all of a field at once: at a nanosecond. */
const MOST_SET_PER_STEP = 2 ** 15 + MANY;

const market = marketOf({ interval: 1000, capacity: 4, count: COLUMNS });
const encoders = newEncoders(new Timeline(market));
const columnsOf = (count: number) => Array.from({ length: count }, (_, column) => column);

let server: SimulatedServer;

beforeAll(() => {
  const clock = new VirtualClock(timeOf(market.grid, 20), 10).skewedBy(0);
  const logger = pino({ level: 'silent' });
  server = new SimulatedServer(market, clock, limitsOf({ workBurst: 10 ** 15 }), logger);
});

/** Counts values that are copied out of history, and those that are joined to text. */
function work() {
  const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const copied = counted(server.hub.history as never, 'copyField' as never);
  const joined = counted(
    typed as never,
    'subarray' as never,
    (at: number, end: number) => end - at,
  );
  return { copied, done: () => copied() + joined() };
}

function wanting(fields: readonly Field[], columns: number, encoding: Encoding) {
  const wanted = { ...wantedOf(fields, columnsOf(columns)), id: 1, wantedKey: `${columns}` };
  const encoder = encoders[encoding];
  const reader = { ...wanted, encoder, rowsPerFrame: 1, group: { encoder } };
  return reader as unknown as Subscription & { encoder: Encoder };
}

describe('live rows', () => {
  it.each(ENCODINGS)('of all fields of many are not made at once: %s', (encoding) => {
    const { history } = server.hub;
    const [from, next] = [history.head - 1, history.head];
    const source = new FrameSource(history, new Frames());
    const many = wanting(FIELDS, COLUMNS, encoding);
    for (const _ of history.trades.follow(many.columns));
    expect(history.trades.has(many.columns, from)).toBe(true);
    expect(source.fromRing(many, from, next)).toBeUndefined();
    const told = wanting(['last', 'status'], COLUMNS, encoding);
    expect([source.fromRing(told, from, next), source.isPrompt(told)]).toEqual([undefined, false]);
    expect(source.isPrompt(wanting(['last', 'status'], 500, encoding))).toBe(true);
    expect(source.isPrompt(wanting(DEFAULT_FIELDS, COLUMNS, encoding))).toBe(true);
    expect(source.fromRing(wanting(FIELDS, 500, encoding), from, next)).toBeDefined();
    expect(source.fromRing(wanting(DEFAULT_FIELDS, COLUMNS, encoding), from, next)).toBeDefined();
    const { copied, done } = work();
    const { most, result } = mostPerStep(source.read(many, from, next, next), done);
    expect(copied()).toBe(FIELDS.length * COLUMNS);
    expect(most).toBeLessThanOrEqual(MOST_PER_STEP);
    expect(source.ready(many, from, next)).toEqual(result);
  });

  it('of all fields of many are not put together at once: binary', () => {
    const { history } = server.hub;
    const [from, next] = [history.head - 1, history.head];
    const many = wanting(FIELDS, MANY, 'binary');
    const values = new Columns(
      FIELDS.map((field) => history.newValues(field, MANY)),
      MANY,
      1,
    );
    const set = counted(
      Object.getPrototypeOf(Uint8Array.prototype) as never,
      'set' as never,
      (list: ArrayLike<number>) => list.length,
    );
    const of = { ...many, cursor: from, next };
    const { most } = mostPerStep(new Frames().encode(of, values), set);
    expect(set()).toBe(FIELDS.length * MANY);
    expect(most).toBeLessThanOrEqual(MOST_SET_PER_STEP);
  });

  it('are read into one array for each field: each of 18,000 would be garbage', () => {
    const { history } = server.hub;
    const made = counted(history as never, 'newValues' as never);
    const wanted = wantedOf(FIELDS, columnsOf(COLUMNS));
    mostPerStep(readRows(history, wanted, history.head - 1, history.head), made);
    expect(made()).toBe(FIELDS.length);
  });
});

describe('rows that are fetched', () => {
  it.each(['json', 'binary'] as const)('are read and written in steps: %s', async (encoding) => {
    const { hub } = server;
    const { slicer, addresses } = hub.service;
    const sent: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => void sent.push(bytes);
    const socket = { wire: { writableLength: 0, write }, write, cork() {}, uncork() {}, ping() {} };
    const whole = { ...socket, writeAndPing: write, control: write, close() {}, cut() {} };
    const connection = new StreamConnection(
      hub,
      new SocketOutlet(hub, whole),
      addresses.of('10.0.0.1'),
      encodersOf(hub)[encoding],
    );
    const { copied, done } = work();
    let most = 0;
    const { run } = slicer;
    slicer.run = async (steps) => {
      const made = mostPerStep(steps, done);
      most = made.most;
      return made.result;
    };
    onTestFinished(() => {
      slicer.run = run;
    });
    const since = timeOf(market.grid, 9);
    const fetch = { type: 'fetch', id: 1, symbols: '*', fields: FIELDS, since, limit: 1 };
    const before = sent.length;
    connection.receive(JSON.stringify(fetch));
    await expect.poll(() => sent.length).toBe(before + 1);
    expect(copied()).toBe(FIELDS.length * COLUMNS);
    expect(sent.at(-1)!.byteLength).toBeGreaterThan(FIELDS.length * COLUMNS);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(MOST_PER_STEP);
  });
});
