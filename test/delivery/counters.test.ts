import { describe, expect, it } from 'vitest';
import {
  ConnectionCounters,
  HAS_DATA,
  READ_BYTES,
  ROWS,
  SENT_BYTES,
} from '../../src/delivery/counters.ts';
import { FlowControl } from '../../src/delivery/flow-control.ts';
import { limitsOf } from '../../src/server/limits.ts';

const limits = limitsOf({ maxUnreadBytes: 4000, frameBytes: 2000, pingBytes: 1024, pingMs: 1000 });
const turn = { bytes: 100, rows: 2, steadyMs: 5, awakeMs: 5 };

describe('a counters', () => {
  it('has a place of its own for each connection, and keeps what it holds when it grows', () => {
    const counters = new ConnectionCounters(limits);
    const slots = Array.from({ length: 1000 }, () => counters.open());
    const sent = { bytes: 1, isData: true, steadyMs: 0 };
    for (const [n, slot] of slots.entries()) counters.sent(slot, { ...sent, rows: n });
    expect(new Set(slots).size).toBe(1000);
    expect(slots.map((slot) => counters.get(slot, ROWS))).toEqual([...slots.keys()]);
  });

  it('gives the place of one that is gone to the next, with nothing in it', () => {
    const counters = new ConnectionCounters(limits);
    const [first, second] = [counters.open(), counters.open()];
    counters.sentControl(first, 7);
    counters.close(first);
    expect(counters.open()).toBe(first);
    expect(counters.get(first, SENT_BYTES)).toBe(0);
    expect(counters.open()).not.toBe(second);
  });

  it('books a frame unless a ping is due with it, or there is no room', () => {
    const counters = new ConnectionCounters(limits);
    const flow = new FlowControl(counters, 0);
    const { slot } = flow;
    const booked = () => [SENT_BYTES, ROWS, HAS_DATA].map((name) => counters.get(slot, name));
    expect(counters.book(slot, turn)).toBe(true);
    expect(booked()).toEqual([100, 2, 1]);
    expect(flow.bytesInFlight).toBe(100);
    for (const refused of [
      { ...turn, bytes: 924 },
      { ...turn, awakeMs: 1000 },
    ]) {
      expect(counters.book(slot, refused)).toBe(false);
      expect(booked()).toEqual([100, 2, 1]);
    }
    expect(counters.book(slot, { ...turn, bytes: 923, awakeMs: 999 })).toBe(true);
    flow.ping(999);
    counters.sent(slot, { bytes: 3000, rows: 0, isData: true, steadyMs: 5 });
    flow.ping(999);
    // 4023 bytes are unread, of 4000.
    expect(counters.book(slot, turn)).toBe(false);
    counters.read(slot, 23, 999);
    expect(counters.book(slot, turn)).toBe(true);
  });

  it('of one that cannot be asked books all it is sent, and knows when that was', () => {
    const counters = new ConnectionCounters(limits);
    const slot = counters.openWithoutPings();
    for (let n = 0; n < 100; n++) expect(counters.book(slot, { ...turn, awakeMs: 1e9 })).toBe(true);
    expect(counters.get(slot, SENT_BYTES)).toBe(10_000);
    expect(counters.isWell(slot, 505, 1e9, 500)).toBe(true);
    expect(counters.isWell(slot, 506, 1e9, 500)).toBe(false);
    counters.close(slot);
    expect(counters.open()).toBe(slot);
    expect(counters.get(slot, READ_BYTES)).toBe(0);
  });

  it('says who is well: read lately, was pinged lately, and is not silent', () => {
    const counters = new ConnectionCounters(limits);
    const flow = new FlowControl(counters, 0);
    const isWell = (steadyMs: number, awakeMs: number) =>
      counters.isWell(flow.slot, steadyMs, awakeMs, 500);
    expect(isWell(500, 999)).toBe(true);
    expect(isWell(501, 999)).toBe(false);
    expect(isWell(500, 1000)).toBe(false);
    counters.book(flow.slot, { ...turn, steadyMs: 400, awakeMs: 400 });
    expect(isWell(900, 999)).toBe(true);
    const number = flow.ping(900);
    expect(isWell(900, 1899)).toBe(true);
    flow.pong(number, 1000);
    flow.ping(limits.pongMs + 900);
    expect(isWell(900, limits.pongMs + 999)).toBe(true);
  });
});
