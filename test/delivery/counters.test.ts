import { describe, expect, it } from 'vitest';
import { HAS_DATA, READ_BYTES, ROWS, SENT_BYTES, Tally } from '../../src/delivery/counters.ts';
import { Progress } from '../../src/delivery/flow-control.ts';
import { limitsOf } from '../../src/host/limits.ts';

const limits = limitsOf({ maxUnreadBytes: 4000, frameBytes: 2000, pingBytes: 1024, pingMs: 1000 });
const turn = { bytes: 100, rows: 2, steadyMs: 5, awakeMs: 5 };

describe('a tally', () => {
  it('has a place of its own for each connection, and keeps what it holds when it grows', () => {
    const tally = new Tally(limits);
    const places = Array.from({ length: 1000 }, () => tally.open());
    for (const [n, at] of places.entries()) tally.numbers[at + ROWS] = n;
    expect(new Set(places).size).toBe(1000);
    expect(places.map((at) => tally.numbers[at + ROWS])).toEqual([...places.keys()]);
  });

  it('gives the place of one that is gone to the next, with nothing in it', () => {
    const tally = new Tally(limits);
    const [first, second] = [tally.open(), tally.open()];
    tally.numbers[first + SENT_BYTES] = 7;
    tally.close(first);
    expect(tally.open()).toBe(first);
    expect(tally.numbers[first + SENT_BYTES]).toBe(0);
    expect(tally.open()).not.toBe(second);
  });

  it('books a frame unless a ping is due with it, or there is no room', () => {
    const tally = new Tally(limits);
    const progress = new Progress(tally, 0);
    const { at } = progress;
    const booked = () => [SENT_BYTES, ROWS, HAS_DATA].map((name) => tally.numbers[at + name]);
    expect(tally.book(at, turn)).toBe(true);
    expect(booked()).toEqual([100, 2, 1]);
    expect(progress.unreadBytes).toBe(100);
    for (const refused of [
      { ...turn, bytes: 924 },
      { ...turn, awakeMs: 1000 },
    ]) {
      expect(tally.book(at, refused)).toBe(false);
      expect(booked()).toEqual([100, 2, 1]);
    }
    expect(tally.book(at, { ...turn, bytes: 923, awakeMs: 999 })).toBe(true);
    progress.ping(999);
    progress.sent(3000, true);
    progress.ping(999);
    // 4023 bytes are unread, of 4000.
    expect(tally.book(at, turn)).toBe(false);
    tally.numbers[at + READ_BYTES] = 23;
    expect(tally.book(at, turn)).toBe(true);
  });

  it('of one that cannot be asked books all it is sent, and knows when that was', () => {
    const tally = new Tally(limits);
    const at = tally.openUnasked();
    for (let n = 0; n < 100; n++) expect(tally.book(at, { ...turn, awakeMs: 1e9 })).toBe(true);
    expect(tally.numbers[at + SENT_BYTES]).toBe(10_000);
    expect(tally.isWell(at, 505, 1e9, 500)).toBe(true);
    expect(tally.isWell(at, 506, 1e9, 500)).toBe(false);
    tally.close(at);
    expect(tally.open()).toBe(at);
    expect(tally.numbers[at + READ_BYTES]).toBe(0);
  });

  it('says who is well: read lately, was pinged lately, and is not silent', () => {
    const tally = new Tally(limits);
    const progress = new Progress(tally, 0);
    const isWell = (steadyMs: number, awakeMs: number) =>
      tally.isWell(progress.at, steadyMs, awakeMs, 500);
    expect(isWell(500, 999)).toBe(true);
    expect(isWell(501, 999)).toBe(false);
    expect(isWell(500, 1000)).toBe(false);
    tally.book(progress.at, { ...turn, steadyMs: 400, awakeMs: 400 });
    expect(isWell(900, 999)).toBe(true);
    const number = progress.ping(900);
    expect(isWell(900, 1899)).toBe(true);
    progress.pong(number, 1000);
    progress.ping(limits.pongMs + 900);
    expect(isWell(900, limits.pongMs + 999)).toBe(true);
  });
});
