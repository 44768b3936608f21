import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultLine } from '../../../src/delivery/faulty/fault-line.ts';
import { FaultLines } from '../../../src/delivery/faulty/fault-lines.ts';

/** A line at whose end everything is written down, in virtual time. */
function start({ handedBytes = 1000, halfOpenMs = 600_000 } = {}) {
  const written: { readonly ms: number; readonly text: string }[] = [];
  let nowMs = 0;
  const state = { waitingBytes: 0, wakes: 0, releases: 0 };
  const line = new FaultLine({
    end: {
      get waitingBytes() {
        return state.waitingBytes;
      },
      write: (frame) => written.push({ ms: nowMs, text: String(frame) }),
      cut: () => written.push({ ms: nowMs, text: 'CUT' }),
      close: (code, reason) => written.push({ ms: nowMs, text: `CLOSE ${code} ${reason}`.trim() }),
    },
    nowMs: () => nowMs,
    wake: () => {
      state.wakes += 1;
    },
    released: () => {
      state.releases += 1;
    },
    handedBytes,
    halfOpenMs,
  });
  const passTo = (ms: number) => {
    while (line.dueMs <= ms) {
      nowMs = Math.max(nowMs, line.dueMs);
      line.due();
    }
    nowMs = ms;
  };
  const take = () => written.splice(0).map(({ ms, text }) => `${ms} ${text}`);
  return { line, state, passTo, take };
}

describe('a line on which nothing is done', () => {
  it('sends at once', () => {
    const { line, take } = start();
    line.send('a');
    line.send('b');
    expect(take()).toEqual(['0 a', '0 b']);
    expect(line.waitingBytes).toBe(0);
    expect(line.dueMs).toBe(Number.POSITIVE_INFINITY);
    expect(line.isHolding).toBe(false);
  });
});

describe('what is delayed', () => {
  it('comes later, and others wait for it', () => {
    const { line, passTo, take } = start();
    line.send('a', { delayMs: 100 });
    line.send('b');
    passTo(99);
    expect(take()).toEqual([]);
    expect(line.waitingBytes).toBeGreaterThan(1);
    expect(line.isHolding).toBe(true);
    passTo(100);
    expect(take()).toEqual(['100 a', '100 b']);
    expect(line.waitingBytes).toBe(0);
  });

  it('is overtaken by others, if that is said', () => {
    const { line, passTo, take } = start();
    line.send('a', { delayMs: 100, overtaken: true });
    line.send('b');
    line.send('c', { delayMs: 50, overtaken: true });
    passTo(200);
    expect(take()).toEqual(['0 b', '50 c', '100 a']);
    expect(line.waitingBytes).toBe(0);
  });
});

describe('a burst and a stall', () => {
  it.each([
    ['a burst', false],
    ['a stall', true],
  ])('hold everything for so long, then it comes at once: %s', (_, isStall) => {
    const { line, passTo, take } = start();
    line.wait(5000, isStall);
    line.send('a');
    passTo(3000);
    line.send('b');
    passTo(4999);
    expect(take()).toEqual([]);
    passTo(6000);
    expect(take()).toEqual(['5000 a', '5000 b']);
  });

  it('differ in whether pongs go', () => {
    const { line, passTo, take } = start();
    line.wait(1000, false);
    line.sendControl('pong');
    expect(take()).toEqual(['0 pong']);
    line.wait(1000, true);
    passTo(1500);
    line.sendControl('pong');
    expect(take()).toEqual([]);
    passTo(2000);
    expect(take()).toEqual(['2000 pong']);
  });

  it('hold what would overtake only if they are a stall', () => {
    const { line, passTo, take } = start();
    line.wait(1000, true);
    line.send('a', { delayMs: 10, overtaken: true });
    passTo(2000);
    expect(take()).toEqual(['1000 a']);
    line.wait(1000, false);
    line.send('b', { delayMs: 10, overtaken: true });
    passTo(4000);
    expect(take()).toEqual(['2010 b']);
  });
});

describe('a pace', () => {
  it('is kept to, to the byte, whatever the frames', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 }),
        (pace, lengths) => {
          const { line, passTo, take } = start();
          line.pace(pace);
          const text = lengths.map((length, n) => String(n % 10).repeat(length)).join('');
          for (const [n, length] of lengths.entries()) line.send(String(n % 10).repeat(length));
          const parts: { ms: number; text: string }[] = [];
          passTo((text.length * 1000) / pace + 1);
          for (const part of take()) {
            const [ms, bytes] = part.split(' ');
            parts.push({ ms: Number(ms), text: bytes! });
          }
          expect(parts.map((part) => part.text).join('')).toBe(text);
          let before = 0;
          for (const { ms, text: part } of parts) {
            // What was sent before has taken its time; of what is sent now the first byte is due.
            expect(ms).toBeGreaterThanOrEqual((before * 1000) / pace - 1e-6);
            before += part.length;
          }
          expect(line.waitingBytes).toBe(0);
        },
      ),
    );
  });

  it('holds pongs too, in order', () => {
    const { line, passTo, take } = start();
    line.pace(10);
    line.send('a'.repeat(10));
    line.sendControl('p');
    passTo(5000);
    expect(
      take()
        .map((part) => part.split(' ')[1])
        .join(''),
    ).toBe('aaaaaaaaaap');
  });
});

describe('a connection that is half open', () => {
  it('is sent no byte, keeps none, and is cut in the end', () => {
    const { line, passTo, take } = start({ halfOpenMs: 60_000 });
    line.send('a', { delayMs: 10 });
    line.halfOpen();
    line.send('b');
    passTo(20);
    line.send('c');
    line.sendControl('pong');
    expect(take()).toEqual(['10 a']);
    expect(line.isDead).toBe(true);
    expect(line.isHolding).toBe(true);
    expect(line.waitingBytes).toBe(Number.POSITIVE_INFINITY);
    passTo(100_000);
    expect(take()).toEqual(['60010 CUT']);
    expect(line.waitingBytes).toBe(0);
  });

  it('hears nothing of its being closed', () => {
    const { line, take } = start();
    line.halfOpen();
    line.close(4000, 'shutting down');
    expect(take()).toEqual(['0 CUT']);
  });
});

describe('the end', () => {
  it('of a cut comes at once, and takes what waits with it', () => {
    const { line, passTo, take } = start();
    line.send('a', { delayMs: 10 });
    line.cut();
    line.send('b');
    passTo(100);
    expect(take()).toEqual(['0 CUT']);
  });

  it('of a close comes in order', () => {
    const { line, passTo, take } = start();
    line.send('a', { delayMs: 10 });
    line.closeBy(1001);
    line.send('b');
    passTo(100);
    line.send('c');
    expect(take()).toEqual(['10 a', '10 CLOSE 1001']);
  });

  it('that the server makes sends all that waits before it', () => {
    const { line, passTo, take } = start();
    line.send('a', { delayMs: 10 });
    line.wait(1000, true);
    line.send('b');
    line.send('c', { delayMs: 5, overtaken: true });
    line.close(4000, 'shutting down');
    passTo(5000);
    expect(take()).toEqual(['0 a', '0 b', '0 c', '0 CLOSE 4000 shutting down']);
  });

  it('that the server makes finishes a frame of which a part was sent', () => {
    const { line, take } = start();
    line.pace(50);
    line.send('abcdefghij');
    line.close(4000, '');
    expect(take()).toEqual(['0 abcde', '0 fghij', '0 CLOSE 4000']);
  });
});

describe('a client that does not read', () => {
  it('has no more handed over than a socket should hold; a drain goes on', () => {
    const { line, state, passTo, take } = start({ handedBytes: 1000 });
    line.send('a', { delayMs: 10 });
    state.waitingBytes = 1001;
    passTo(100);
    expect(take()).toEqual([]);
    // It is the client that keeps bytes back, and not the line.
    expect(line.isHolding).toBe(false);
    state.waitingBytes = 0;
    line.look();
    expect(take()).toEqual(['100 a']);
  });
});

describe('all lines of a server', () => {
  it('are looked at when each is due, and one that throws keeps no other waiting', () => {
    let nowMs = 0;
    const failures: unknown[] = [];
    const lines = new FaultLines({ steadyMs: () => nowMs }, (error) => failures.push(error));
    const written: string[] = [];
    const newLine = (name: string) =>
      new FaultLine({
        end: {
          waitingBytes: 0,
          write() {
            written.push(name);
            if (name === 'broken') throw new Error('broken');
          },
          cut() {},
          close() {},
        },
        nowMs: () => nowMs,
        wake: lines.wake,
        released() {},
        handedBytes: 1000,
        halfOpenMs: 1000,
      });
    newLine('late').send('x', { delayMs: 30 });
    newLine('broken').send('x', { delayMs: 10 });
    newLine('early').send('x', { delayMs: 10 });
    expect(lines.size).toBe(3);
    lines.look();
    expect(written).toEqual([]);
    nowMs = 10;
    lines.look();
    expect(written).toEqual(['broken', 'early']);
    nowMs = 30;
    lines.look();
    expect(written).toEqual(['broken', 'early', 'late']);
    expect(lines.size).toBe(0);
    expect(failures).toHaveLength(1);
  });
});
