import { beforeEach, describe, expect, it } from 'vitest';
import type { History } from '../../src/core/history/history.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { ConnectionCounters } from '../../src/delivery/counters.ts';
import type { DeliveryTimes } from '../../src/delivery/delivery-times.ts';
import { BodyKind, type BodyShape, type Encoder, type Frame } from '../../src/delivery/encoder.ts';
import { FanOut } from '../../src/delivery/fan-out.ts';
import { FlowControl } from '../../src/delivery/flow-control.ts';
import type { FrameSource } from '../../src/delivery/frame-source.ts';
import { FanOutGroups } from '../../src/delivery/groups.ts';
import type { NewestRows } from '../../src/delivery/newest-rows.ts';
import type { PartSources } from '../../src/delivery/part-source.ts';
import type { Subscription } from '../../src/delivery/subscription.ts';
import { limitsOf } from '../../src/server/limits.ts';

/** Writes down what it is asked to do, in a protocol of its own. */
class NotedEncoder implements Encoder {
  readonly name = 'noted';
  readonly bodyKind = new BodyKind();
  readonly format = 'json';
  puts = 0;
  readonly notes: string[] = [];
  #payload = '';

  rowsPerFrame(): number {
    return 5;
  }

  rowsBytes(): number {
    return 100;
  }

  *encode(): Generator<void, Uint8Array, void> {
    yield;
    return Uint8Array.of();
  }

  putNewest(rows: NewestRows, columns: readonly number[]): void {
    this.puts += 1;
    for (const column of columns) rows.read(column);
    const count = rows.next - rows.from;
    const listOf = (column: number) => rows.values.slice(column * count, (column + 1) * count);
    this.#payload = `${rows.from}: ${columns.map((column) => listOf(column).join('+')).join()}`;
    this.notes.push('rows');
  }

  putBody(body: Uint8Array, _of: BodyShape, from: number, next: number): void {
    this.puts += 1;
    this.#payload = `${from}-${next}: ${body.join()}`;
    this.notes.push('body');
  }

  frameFor(id: number): Frame {
    this.notes.push(`frame ${id}`);
    return `${id} ${this.#payload}`;
  }
}

const limits = limitsOf({ maxUnreadBytes: 4000, frameBytes: 2000, pingBytes: 2000 });
const ROW = { rows: 0, bytes: 0, steadyMs: 1, awakeMs: 1 };

let columns: number;
let head: number;
let tail: number;
/** The row that something was done to; none as a rule. */
let entryRow: number;
let encoder: NotedEncoder;
let counters: ConnectionCounters;
let groups: FanOutGroups;
let fanOut: FanOut;
let handedOver: { member: unknown; frame: Frame; rows: number }[];
let written: string[];

beforeEach(() => {
  [head, tail, entryRow] = [10, 0, Number.POSITIVE_INFINITY];
  encoder = new NotedEncoder();
  counters = new ConnectionCounters(limits);
  groups = new FanOutGroups(limits.frameBytes);
  handedOver = [];
  written = [];
  columns = 4;
  fanOut = newFanOut();
});

/** Over a ring in which each price says where it is. */
function newFanOut(): FanOut {
  const ring = {
    get tail() {
      return tail;
    },
    copy(out: Int32Array, at: number, column: number, from: number, next: number) {
      for (let index = from; index < next; index++) out[at + index - from] = 1000 * index + column;
    },
  };
  const history = {
    get head() {
      return head;
    },
    ring,
    timeline: {
      nextChange: (from: number) => (from < entryRow ? entryRow : Number.POSITIVE_INFINITY),
      idAt: (row: number) => (row < entryRow ? 'before' : 'behind'),
    },
    market: { instruments: Array(columns), newPrices: (rows: number) => new Int32Array(rows) },
  } as unknown as History;
  const source = { fromRing: () => Uint8Array.of(7, 8) } as unknown as FrameSource;
  return new FanOut({
    ...{ history, source, counters, sources: {} as unknown as PartSources },
    times: { wrote: () => {} } as unknown as DeliveryTimes,
    handOver: (member, frame, { from, next }) => {
      handedOver.push({ member, frame, rows: next - from });
    },
  });
}

/** A subscription of which nothing may be touched once it is attached. */
function member(id: number, wanted: readonly number[] = [0, 1], cursor = head) {
  const group = groups.join(encoder, wanted.join(), wantedOf(['last'], wanted));
  const touched: PropertyKey[] = [];
  const subscription = new Proxy(
    { group, id, cursor, memberIndex: -1 } as unknown as Subscription,
    {
      get(target, name) {
        touched.push(name);
        return Reflect.get(target, name);
      },
      set(target, name, value) {
        touched.push(name);
        return Reflect.set(target, name, value);
      },
    },
  );
  const flow = new FlowControl(counters, 0);
  const wire = {
    writableLength: 0,
    write: (frame: Frame, encoding: string) => void written.push(`${encoding} ${frame}`),
  };
  groups.attach(subscription, flow.slot, wire);
  touched.length = 0;
  return { group, subscription, flow, wire, touched };
}

function send() {
  const before = counters.totals;
  const isSent = [...groups.live].map((group) => fanOut.send(group, { ...ROW }));
  fanOut.endTurn();
  const { rows, frames, bytes } = counters.totals;
  const sent = {
    rows: rows - before.rows,
    frames: frames - before.frames,
    bytes: bytes - before.bytes,
  };
  return { sent, isSent };
}

describe('a fan-out', () => {
  it('makes one payload a row for a thousand ids, and touches none of their readers', () => {
    const members = Array.from({ length: 1000 }, (_, id) => member(id));
    for (const payloads of [1, 2]) {
      head += 1;
      expect(send()).toEqual({
        sent: { rows: 1000, frames: 1000, bytes: written.slice(-1000).join('').length - 7000 },
        isSent: [true],
      });
      expect(fanOut.payloads).toBe(payloads);
    }
    expect(encoder.notes.filter((note) => note === 'rows')).toHaveLength(2);
    expect(new Set(written).size).toBe(2000);
    expect(written).toContain('latin1 17 10: 10000,10001');
    expect(members.flatMap(({ touched }) => touched)).toEqual([]);
    expect(handedOver).toEqual([]);
  });

  it('makes one frame for equal ids, and for small ids that alternate', () => {
    for (let n = 0; n < 30; n++) member(n % 3);
    for (let n = 0; n < 10; n++) member(5000);
    head += 1;
    send();
    expect(written).toHaveLength(40);
    const frames = encoder.notes.filter((note) => note.startsWith('frame'));
    expect(frames.sort()).toEqual(['frame 0', 'frame 1', 'frame 2', 'frame 5000']);
  });

  it('makes a payload for each wish, and frames of none that was before', () => {
    const [one, two] = [member(1, [0]), member(1, [2, 3])];
    head += 1;
    send();
    expect(written).toEqual(['latin1 1 10: 10000', 'latin1 1 10: 10002,10003']);
    head += 1;
    send();
    expect(written.slice(2)).toEqual(['latin1 1 11: 11000', 'latin1 1 11: 11002,11003']);
    expect([one.group.at, two.group.at]).toEqual([12, 12]);
  });

  it('sends several rows in one frame, and nothing while there are none', () => {
    member(1);
    expect(send().isSent).toEqual([true]);
    head += 3;
    expect(send().sent).toMatchObject({ rows: 3, frames: 1 });
    expect(written).toEqual(['latin1 1 10: 10000+11000+12000,10001+11001+12001']);
  });

  it('sends no frame across an entry', () => {
    member(1);
    send();
    head += 3;
    entryRow = 12;
    expect(send().sent).toMatchObject({ rows: 3, frames: 2 });
    expect(written).toEqual(['latin1 1 10: 10000+11000,10001+11001', 'latin1 1 12: 12000,12001']);
  });

  it('takes the body of what is no price, or of more rows than are read at once', () => {
    const quotes = groups.join(encoder, 'ask', wantedOf(['ask'], [1]));
    expect(fanOut.frameFor(quotes, 4, 9)?.frame).toBe('4 9-10: 7,8');
    columns = 2 ** 16;
    fanOut = newFanOut();
    const wide = groups.join(encoder, '1', wantedOf(['last'], [1]));
    expect(fanOut.frameFor(wide, 4, 9)?.frame).toBe('4 9: 9001');
    expect(fanOut.frameFor(wide, 4, 7)?.frame).toBe('4 7-10: 7,8');
  });

  it('sends nothing that the ring does not hold, or that is more than a frame', () => {
    const { group } = member(1);
    head += 6;
    expect(send().isSent).toEqual([false]);
    head -= 3;
    tail = 12;
    expect(send().isSent).toEqual([false]);
    expect([written, group.at]).toEqual([[], 10]);
  });

  it('hands over who has no room, or is to be pinged, and sends the others theirs', () => {
    const [full, due, well] = [member(1), member(2), member(3)];
    full.wire.writableLength = limits.maxUnreadBytes + 1;
    counters.sent(due.flow.slot, { bytes: 1990, rows: 0, isData: false, steadyMs: 0 });
    head += 1;
    expect(send().sent.frames).toBe(1);
    expect(written).toEqual(['latin1 3 10: 10000,10001']);
    expect(handedOver).toEqual([
      { member: due.subscription, frame: '2 10: 10000,10001', rows: 1 },
      { member: full.subscription, frame: '1 10: 10000,10001', rows: 1 },
    ]);
    expect(well.flow.bytesInFlight).toBe(17);
  });

  it('says what it has at hand for who is no live member', () => {
    const group = groups.join(encoder, '1', wantedOf(['last'], [1]));
    expect(fanOut.frameFor(group, 4, 9)?.frame).toBe('4 9: 9001');
    expect(fanOut.frameFor(group, 5, 9)?.frame).toBe('5 9: 9001');
    expect(fanOut.payloads).toBe(1);
    expect(fanOut.frameFor(group, 5, 4)).toBeUndefined();
    fanOut.endTurn();
    expect(fanOut.frameFor(group, 5, 9)?.frame).toBe('5 9: 9001');
    expect(fanOut.payloads).toBe(2);
  });
});
