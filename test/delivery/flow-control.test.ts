import { describe, expect, it } from 'vitest';
import { Tally } from '../../src/delivery/counters.ts';
import { Progress } from '../../src/delivery/flow-control.ts';
import { limitsOf } from '../../src/host/limits.ts';

const limits = limitsOf();
const { stallMs, pongMs, pingMs, pingBytes, frameBytes } = limits;

/** When a reader that answers each ping once it has read what was before it is taken for stuck. */
function stalledAt(
  bytesPerSecond: (ms: number) => number,
  seconds: number,
  sizeOf: () => number,
): number | undefined {
  const progress = new Progress(new Tally(limits), 0);
  const waiting: { number: number; bytes: number }[] = [];
  let unpinged = 0;
  let readable = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    while (progress.unreadBytes <= limits.maxUnreadBytes) {
      const bytes = sizeOf();
      progress.sent(bytes, true);
      unpinged += bytes;
      if (!progress.isPingDue(ms)) continue;
      waiting.push({ number: progress.ping(ms), bytes: unpinged });
      unpinged = 0;
    }
    readable += bytesPerSecond(ms) / 10;
    while (waiting.length > 0 && waiting[0].bytes <= readable) {
      const { number, bytes } = waiting.shift()!;
      readable -= bytes;
      progress.pong(number, ms + 100);
    }
    if (progress.trouble(ms + 100) !== undefined) return ms + 100;
  }
  return undefined;
}

describe('what is unread', () => {
  it('is all that was sent, less what stood before the last ping that was answered', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(100, true);
    const first = progress.ping(0);
    progress.sent(30, true);
    const second = progress.ping(0);
    progress.sent(7, true);
    expect(progress.unreadBytes).toBe(137);
    expect(progress.pong(first, 1)).toBe(true);
    expect(progress.unreadBytes).toBe(37);
    expect(progress.pong(second, 1)).toBe(true);
    expect(progress.unreadBytes).toBe(7);
  });

  it('is told by the last of several pings for those before it too', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(100, true);
    const first = progress.ping(0);
    progress.sent(30, true);
    const second = progress.ping(0);
    expect(progress.pong(second, 1)).toBe(true);
    expect(progress.unreadBytes).toBe(0);
    expect(progress.pong(first, 1)).toBe(false);
    expect(progress.unreadBytes).toBe(0);
  });

  it('is not changed by a pong that answers no ping, nor by the same one again', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(100, true);
    const number = progress.ping(0);
    expect(progress.pong((number + 1) % 2 ** 32, 1)).toBe(false);
    expect(progress.pong(-1, 1)).toBe(false);
    expect(progress.unreadBytes).toBe(100);
    expect(progress.pong(number, 1)).toBe(true);
    expect(progress.pong(number, 1)).toBe(false);
  });
});

describe('a ping', () => {
  it('is due behind so many bytes, whatever is on its way already', () => {
    const progress = new Progress(new Tally(limits), 0);
    for (let n = 0; n < 3; n++) {
      progress.sent(pingBytes - 1, true);
      expect(progress.isPingDue(0)).toBe(false);
      progress.sent(1, true);
      expect(progress.isPingDue(0)).toBe(true);
      progress.ping(0);
      expect(progress.isPingDue(0)).toBe(false);
    }
  });

  it('is due after so long, for a client that was sent nothing too', () => {
    const progress = new Progress(new Tally(limits), 500);
    expect(progress.isPingDue(500 + pingMs - 1)).toBe(false);
    expect(progress.isPingDue(500 + pingMs)).toBe(true);
  });

  it('does not follow one that waits, with nothing new between them', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.ping(0);
    expect(progress.isPingDue(10 * pingMs)).toBe(false);
    progress.sent(1, false);
    expect(progress.isPingDue(pingMs - 1)).toBe(false);
    expect(progress.isPingDue(pingMs)).toBe(true);
  });

  it('has a number that another one has not', () => {
    const progress = new Progress(new Tally(limits), 0);
    const numbers = Array.from({ length: 20 }, () => progress.ping(0));
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number >>> 0).toBe(number);
  });
});

describe('a client', () => {
  it('that owes nothing is never in trouble', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(1_000_000, true);
    expect(progress.trouble(1e9)).toBeUndefined();
    progress.pong(progress.ping(1e9), 1e9 + 5);
    expect(progress.trouble(1e12)).toBeUndefined();
  });

  it('is stalled that has rows to read and answers nothing for so long', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(10, true);
    progress.ping(1000);
    expect(progress.trouble(1000 + stallMs - 1)).toBeUndefined();
    expect(progress.trouble(1000 + stallMs)).toBe('stalled');
  });

  it('is gone that answers no ping that went with nothing, sooner', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(10, false);
    progress.ping(1000);
    expect(progress.trouble(1000 + pongMs - 1)).toBeUndefined();
    expect(progress.trouble(1000 + pongMs)).toBe('no pong');
  });

  it('has the longer time once rows wait, and the shorter when they were read', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.ping(0);
    progress.sent(10, true);
    const withRows = progress.ping(pingMs);
    progress.sent(10, false);
    progress.ping(2 * pingMs);
    expect(progress.trouble(pongMs)).toBeUndefined();
    expect(progress.trouble(stallMs)).toBe('stalled');
    progress.pong(withRows, stallMs);
    expect(progress.trouble(stallMs + pongMs - 1)).toBeUndefined();
    expect(progress.trouble(stallMs + pongMs)).toBe('no pong');
  });

  it('is in time from the ping on that ended its rest, and from each pong on', () => {
    const progress = new Progress(new Tally(limits), 0);
    progress.sent(10, true);
    const first = progress.ping(1_000_000);
    progress.sent(10, true);
    progress.ping(1_000_000);
    progress.pong(first, 1_000_000 + stallMs - 1);
    expect(progress.trouble(1_000_000 + 2 * stallMs - 2)).toBeUndefined();
    expect(progress.trouble(1_000_000 + 2 * stallMs - 1)).toBe('stalled');
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
