import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../src/server/limits.ts';
import { Progress } from '../../../src/server/stream/progress.ts';

const limits = limitsOf();
const { stallMs, pongMs, pingMs, pingBytes, frameBytes, leastFrameBytes } = limits;

/** A reader that answers each ping after `bytesPerSecond` allowed what was before it. */
function readAt(bytesPerSecond: number, seconds: number, frame: (most: number) => number) {
  const progress = new Progress(limits, 0);
  const waiting: { number: number; bytes: number }[] = [];
  const frames: number[] = [];
  let unpinged = 0;
  let readable = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    while (progress.unreadBytes <= limits.maxUnreadBytes) {
      const bytes = frame(progress.frameBytes);
      frames.push(bytes);
      progress.sent(bytes, true);
      unpinged += bytes;
      if (!progress.isPingDue(ms)) continue;
      waiting.push({ number: progress.ping(ms), bytes: unpinged });
      unpinged = 0;
    }
    readable += bytesPerSecond / 10;
    while (waiting.length > 0 && waiting[0].bytes <= readable) {
      const { number, bytes } = waiting.shift()!;
      readable -= bytes;
      progress.pong(number, ms + 100);
    }
    if (progress.trouble(ms + 100) !== undefined) return { stalledMs: ms + 100, frames };
  }
  return { stalledMs: undefined, frames };
}

describe('what is unread', () => {
  it('is all that was sent, less what stood before the last ping that was answered', () => {
    const progress = new Progress(limits, 0);
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
    const progress = new Progress(limits, 0);
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
    const progress = new Progress(limits, 0);
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
    const progress = new Progress(limits, 0);
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
    const progress = new Progress(limits, 500);
    expect(progress.isPingDue(500 + pingMs - 1)).toBe(false);
    expect(progress.isPingDue(500 + pingMs)).toBe(true);
  });

  it('does not follow one that waits, with nothing new between them', () => {
    const progress = new Progress(limits, 0);
    progress.ping(0);
    expect(progress.isPingDue(10 * pingMs)).toBe(false);
    progress.sent(1, false);
    expect(progress.isPingDue(pingMs - 1)).toBe(false);
    expect(progress.isPingDue(pingMs)).toBe(true);
  });

  it('has a number that another one has not', () => {
    const progress = new Progress(limits, 0);
    const numbers = Array.from({ length: 20 }, () => progress.ping(0));
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number >>> 0).toBe(number);
  });
});

describe('a client', () => {
  it('that owes nothing is never in trouble', () => {
    const progress = new Progress(limits, 0);
    progress.sent(1_000_000, true);
    expect(progress.trouble(1e9)).toBeUndefined();
    progress.pong(progress.ping(1e9), 1e9 + 5);
    expect(progress.trouble(1e12)).toBeUndefined();
  });

  it('is stalled that has rows to read and answers nothing for so long', () => {
    const progress = new Progress(limits, 0);
    progress.sent(10, true);
    progress.ping(1000);
    expect(progress.trouble(1000 + stallMs - 1)).toBeUndefined();
    expect(progress.trouble(1000 + stallMs)).toBe('stalled');
  });

  it('is gone that answers no ping that went with nothing, sooner', () => {
    const progress = new Progress(limits, 0);
    progress.sent(10, false);
    progress.ping(1000);
    expect(progress.trouble(1000 + pongMs - 1)).toBeUndefined();
    expect(progress.trouble(1000 + pongMs)).toBe('no pong');
  });

  it('has the longer time once rows wait, and the shorter when they were read', () => {
    const progress = new Progress(limits, 0);
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
    const progress = new Progress(limits, 0);
    progress.sent(10, true);
    const first = progress.ping(1_000_000);
    progress.sent(10, true);
    progress.ping(1_000_000);
    progress.pong(first, 1_000_000 + stallMs - 1);
    expect(progress.trouble(1_000_000 + 2 * stallMs - 2)).toBeUndefined();
    expect(progress.trouble(1_000_000 + 2 * stallMs - 1)).toBe('stalled');
  });

  it.each([500, 1000, 3000, 10_000, 100_000, 1_000_000])(
    'that reads %d bytes a second, however slowly, is never stalled',
    (bytesPerSecond) => {
      const whole = readAt(bytesPerSecond, 600, (most) => most);
      expect(whole.stalledMs).toBeUndefined();
      // Frames are often shorter than they may be.
      const parts = readAt(bytesPerSecond, 600, (most) => Math.ceil(0.6 * most));
      expect(parts.stalledMs).toBeUndefined();
    },
  );
});

describe('a frame', () => {
  it('is small at first, then twice as large for each quick pong, up to the most', () => {
    const progress = new Progress(limits, 0);
    const sizes = [progress.frameBytes];
    for (let n = 0; n < 5; n++) {
      progress.sent(pingBytes, true);
      progress.pong(progress.ping(0), 1000);
      sizes.push(progress.frameBytes);
    }
    expect(sizes).toEqual([1, 2, 4, 8, 8, 8].map((n) => n * leastFrameBytes));
    expect(sizes.at(-1)).toBe(frameBytes);
  });

  it('stays as it is at middling speed, and is small again when a pong took long', () => {
    const progress = new Progress(limits, 0);
    for (const [tookMs, size] of [
      [1000, 2],
      [1001, 2],
      [4000, 2],
      [900, 4],
      [4001, 1],
    ]) {
      progress.sent(pingBytes, true);
      progress.pong(progress.ping(0), tookMs);
      expect(progress.frameBytes).toBe(size * leastFrameBytes);
    }
  });

  it('does not grow by pongs that tell of no speed, because little stood before them', () => {
    const progress = new Progress(limits, 0);
    for (let n = 0; n < 20; n++) {
      progress.sent(pingBytes - 1, true);
      progress.pong(progress.ping(n * 500), n * 500 + 1);
    }
    expect(progress.frameBytes).toBe(leastFrameBytes);
  });

  it('does not grow for a client that is sent much little by little', () => {
    const progress = new Progress(limits, 0);
    for (let ms = 0; ms < 600_000; ms += 1000) {
      progress.sent(900, true);
      if (progress.isPingDue(ms)) progress.pong(progress.ping(ms), ms + 50);
    }
    expect(progress.frameBytes).toBe(leastFrameBytes);
  });

  it('reaches the most for a fast reader, and not for a slow one', () => {
    expect(Math.max(...readAt(1_000_000, 20, (most) => most).frames)).toBe(frameBytes);
    expect(Math.max(...readAt(1000, 600, (most) => most).frames)).toBe(leastFrameBytes);
  });

  it('is never more than a server allows, be the least more than that', () => {
    const small = { ...limits, frameBytes: 1024, leastFrameBytes: 4096 };
    const progress = new Progress(small, 0);
    expect(progress.frameBytes).toBe(1024);
    progress.sent(pingBytes, true);
    progress.pong(progress.ping(0), 5000);
    expect(progress.frameBytes).toBe(1024);
  });
});
