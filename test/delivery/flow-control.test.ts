import { describe, expect, it } from 'vitest';
import { ConnectionCounters } from '../../src/delivery/counters.ts';
import { FlowControl } from '../../src/delivery/flow-control.ts';
import { limitsOf } from '../../src/server/limits.ts';

const limits = limitsOf();
const { stallMs, pongMs, pingMs, pingBytes, frameBytes } = limits;

/** A connection that is sent things: nothing else counts them. */
class Flow extends FlowControl {
  readonly #counters: ConnectionCounters;

  constructor(nowMs: number) {
    const counters = new ConnectionCounters(limits);
    super(counters, nowMs);
    this.#counters = counters;
  }

  sent(bytes: number, isData: boolean): void {
    this.#counters.sent(this.slot, { bytes, rows: 0, isData, steadyMs: 0 });
  }
}

/** When a reader that answers each ping once it has read what was before it is taken for stuck. */
function stalledAt(
  bytesPerSecond: (ms: number) => number,
  seconds: number,
  sizeOf: () => number,
): number | undefined {
  const flow = new Flow(0);
  const waiting: { number: number; bytes: number }[] = [];
  let unpinged = 0;
  let readable = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    while (flow.bytesInFlight <= limits.maxUnreadBytes) {
      const bytes = sizeOf();
      flow.sent(bytes, true);
      unpinged += bytes;
      if (!flow.isPingDue(ms)) continue;
      waiting.push({ number: flow.ping(ms), bytes: unpinged });
      unpinged = 0;
    }
    readable += bytesPerSecond(ms) / 10;
    while (waiting.length > 0 && waiting[0].bytes <= readable) {
      const { number, bytes } = waiting.shift()!;
      readable -= bytes;
      flow.pong(number, ms + 100);
    }
    if (flow.trouble(ms + 100) !== undefined) return ms + 100;
  }
  return undefined;
}

describe('what is unread', () => {
  it('is all that was sent, less what stood before the last ping that was answered', () => {
    const flow = new Flow(0);
    flow.sent(100, true);
    const first = flow.ping(0);
    flow.sent(30, true);
    const second = flow.ping(0);
    flow.sent(7, true);
    expect(flow.bytesInFlight).toBe(137);
    expect(flow.pong(first, 1)).toBe(true);
    expect(flow.bytesInFlight).toBe(37);
    expect(flow.pong(second, 1)).toBe(true);
    expect(flow.bytesInFlight).toBe(7);
  });

  it('is told by the last of several pings for those before it too', () => {
    const flow = new Flow(0);
    flow.sent(100, true);
    const first = flow.ping(0);
    flow.sent(30, true);
    const second = flow.ping(0);
    expect(flow.pong(second, 1)).toBe(true);
    expect(flow.bytesInFlight).toBe(0);
    expect(flow.pong(first, 1)).toBe(false);
    expect(flow.bytesInFlight).toBe(0);
  });

  it('is not changed by a pong that answers no ping, nor by the same one again', () => {
    const flow = new Flow(0);
    flow.sent(100, true);
    const number = flow.ping(0);
    expect(flow.pong((number + 1) % 2 ** 32, 1)).toBe(false);
    expect(flow.pong(-1, 1)).toBe(false);
    expect(flow.bytesInFlight).toBe(100);
    expect(flow.pong(number, 1)).toBe(true);
    expect(flow.pong(number, 1)).toBe(false);
  });
});

describe('a ping', () => {
  it('is due behind so many bytes, whatever is on its way already', () => {
    const flow = new Flow(0);
    for (let n = 0; n < 3; n++) {
      flow.sent(pingBytes - 1, true);
      expect(flow.isPingDue(0)).toBe(false);
      flow.sent(1, true);
      expect(flow.isPingDue(0)).toBe(true);
      flow.ping(0);
      expect(flow.isPingDue(0)).toBe(false);
    }
  });

  it('is due after so long, for a client that was sent nothing too', () => {
    const flow = new Flow(500);
    expect(flow.isPingDue(500 + pingMs - 1)).toBe(false);
    expect(flow.isPingDue(500 + pingMs)).toBe(true);
  });

  it('does not follow one that waits, with nothing new between them', () => {
    const flow = new Flow(0);
    flow.ping(0);
    expect(flow.isPingDue(10 * pingMs)).toBe(false);
    flow.sent(1, false);
    expect(flow.isPingDue(pingMs - 1)).toBe(false);
    expect(flow.isPingDue(pingMs)).toBe(true);
  });

  it('has a number that another one has not', () => {
    const flow = new Flow(0);
    const numbers = Array.from({ length: 20 }, () => flow.ping(0));
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number >>> 0).toBe(number);
  });
});

describe('a client', () => {
  it('that owes nothing is never in trouble', () => {
    const flow = new Flow(0);
    flow.sent(1_000_000, true);
    expect(flow.trouble(1e9)).toBeUndefined();
    flow.pong(flow.ping(1e9), 1e9 + 5);
    expect(flow.trouble(1e12)).toBeUndefined();
  });

  it('is stalled that has rows to read and answers nothing for so long', () => {
    const flow = new Flow(0);
    flow.sent(10, true);
    flow.ping(1000);
    expect(flow.trouble(1000 + stallMs - 1)).toBeUndefined();
    expect(flow.trouble(1000 + stallMs)).toBe('stalled');
  });

  it('is gone that answers no ping that went with nothing, sooner', () => {
    const flow = new Flow(0);
    flow.sent(10, false);
    flow.ping(1000);
    expect(flow.trouble(1000 + pongMs - 1)).toBeUndefined();
    expect(flow.trouble(1000 + pongMs)).toBe('no pong');
  });

  it('has the longer time once rows wait, and the shorter when they were read', () => {
    const flow = new Flow(0);
    flow.ping(0);
    flow.sent(10, true);
    const withRows = flow.ping(pingMs);
    flow.sent(10, false);
    flow.ping(2 * pingMs);
    expect(flow.trouble(pongMs)).toBeUndefined();
    expect(flow.trouble(stallMs)).toBe('stalled');
    flow.pong(withRows, stallMs);
    expect(flow.trouble(stallMs + pongMs - 1)).toBeUndefined();
    expect(flow.trouble(stallMs + pongMs)).toBe('no pong');
  });

  it('is in time from the ping on that ended its rest, and from each pong on', () => {
    const flow = new Flow(0);
    flow.sent(10, true);
    const first = flow.ping(1_000_000);
    flow.sent(10, true);
    flow.ping(1_000_000);
    flow.pong(first, 1_000_000 + stallMs - 1);
    expect(flow.trouble(1_000_000 + 2 * stallMs - 2)).toBeUndefined();
    expect(flow.trouble(1_000_000 + 2 * stallMs - 1)).toBe('stalled');
  });

  it.each([1000, 3000, 10_000, 100_000, 1_000_000])(
    'that reads %d bytes a second, from the first or after it was fast, is never stalled',
    (bytesPerSecond) => {
      // Frames are often shorter than they may be.
      for (const bytes of [frameBytes, 0.6 * frameBytes, 700]) {
        expect(
          stalledAt(
            () => bytesPerSecond,
            600,
            () => bytes,
          ),
        ).toBeUndefined();
        const slower = (ms: number) => (ms < 5000 ? 10_000_000 : bytesPerSecond);
        expect(stalledAt(slower, 600, () => bytes)).toBeUndefined();
      }
    },
  );

  it('that stops is stalled within the time and a ping, whatever it read before', () => {
    const stops = (ms: number) => (ms < 5000 ? 1_000_000 : 0);
    const stalledMs = stalledAt(stops, 600, () => frameBytes)!;
    expect(stalledMs).toBeGreaterThanOrEqual(5000 + stallMs);
    expect(stalledMs).toBeLessThanOrEqual(5000 + stallMs + pingMs);
  });
});
