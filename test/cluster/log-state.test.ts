import { describe, expect, it } from 'vitest';
import { type Said, writeMessage } from '../../src/cluster/log-message.ts';
import { LogDiverged, LogState } from '../../src/cluster/log-state.ts';
import { WrongLog } from '../../src/host/control/log-lines.ts';

const GRID = { originMs: 0, intervalMs: 100 };
const NOW = 1_000_000;

/** A log that has read what was written to it, by who knew what it had read. */
class Reader {
  readonly state = new LogState(GRID, 'market');

  say(said: object, { timeMs = NOW, seq = this.state.ahead.behind + 1 } = {}) {
    const bytes = writeMessage({ ...this.state.ahead, ...said } as Said);
    return this.state.read({ seq, timeMs, bytes });
  }

  entry(index: number) {
    return this.say({ line: { entry: { key: `at-${index}`, index } } });
  }

  seal(hostMs: number, { timeMs = NOW, leadMs = 2000 } = {}) {
    return this.say({ seal: { hostMs, leadMs, after: this.state.seal, by: 'me' } }, { timeMs });
  }
}

describe('a seal', () => {
  it('is for the rows that are due by its time', () => {
    const reader = new Reader();
    expect(reader.seal(NOW + 2000)).toEqual({ kind: 'seal', by: 'me', isCut: false });
    expect(reader.state.seal).toEqual({ hostMs: NOW + 2000, index: NOW / 100 + 21 });
  });

  it('counts up to the time of the broker and two leads', () => {
    const reader = new Reader();
    expect(reader.seal(NOW + 3_600_000)).toMatchObject({ isCut: true });
    expect(reader.state.seal.hostMs).toBe(NOW + 4000);
    expect(reader.seal(NOW + 3_600_000, { leadMs: 1e9 })).toMatchObject({ isCut: true });
    expect(reader.state.seal.hostMs).toBe(NOW + 120_000);
  });

  it('never takes back what was sealed', () => {
    const reader = new Reader();
    reader.seal(NOW + 2000);
    const { seal } = reader.state;
    reader.seal(NOW);
    expect(reader.state.seal).toEqual(seal);
    expect(() => {
      reader.say({ seal: { hostMs: NOW, leadMs: 2000, after: { hostMs: 0, index: 0 }, by: '' } });
    }).toThrow(LogDiverged);
  });

  it('is the same to who has not read those before it', () => {
    const [all, newest] = [new Reader(), new LogState(GRID, 'market')];
    all.seal(NOW + 4000);
    const bytes = writeMessage({
      ...all.state.ahead,
      seal: { hostMs: NOW, leadMs: 2000, after: all.state.seal, by: '' },
    });
    for (const state of [all.state, newest]) state.read({ seq: 2, timeMs: NOW, bytes });
    expect(newest.seal).toEqual(all.state.seal);
  });

  it('stands still where the time of the market does', () => {
    const reader = new Reader();
    reader.seal(NOW);
    const { index } = reader.state.seal;
    const clock = { key: 'k', index, hostMs: NOW, marketMs: NOW, speed: 0 };
    reader.say({ line: { clock } });
    reader.seal(NOW + 60_000, { timeMs: NOW + 59_000 });
    expect(reader.state.seal.index).toBe(index);
    const step = { key: 's', index, hostMs: NOW + 60_000, marketMs: NOW + 1000, speed: 0 };
    reader.say({ line: { clock: step } });
    reader.seal(NOW + 61_000, { timeMs: NOW + 60_000 });
    expect(reader.state.seal.index).toBe(index + 10);
  });
});

describe('a log', () => {
  it('that is not the one which was read is found out', () => {
    const [reader, other] = [new Reader(), new Reader()];
    reader.entry(5);
    other.entry(6);
    const bytes = writeMessage({ ...other.state.ahead, line: { entry: { key: 'k', index: 7 } } });
    const read = () => reader.state.read({ seq: 2, timeMs: NOW, bytes });
    expect(read).toThrow(LogDiverged);
    expect(read).toThrow(
      /message 2 of the log has hash \w{32} of all entries before it, and \w{32}/,
    );
  });

  it('has no message elsewhere than its author wrote it', () => {
    const reader = new Reader();
    reader.entry(5);
    const elsewhere = () => reader.say({ line: { entry: { key: 'k', index: 9 } } }, { seq: 4 });
    expect(elsewhere).toThrow(LogDiverged);
    expect(elsewhere).toThrow('message 4 of the log is not where it was written');
  });

  it('has nothing done to rows that were sealed', () => {
    const reader = new Reader();
    reader.seal(NOW);
    expect(() => reader.entry(NOW / 100)).toThrow('is for row 10000, and rows before 10001 were');
    const next = new Reader();
    next.seal(NOW);
    expect(next.entry(NOW / 100 + 1)).toMatchObject({ kind: 'line' });
  });

  it('is come back to only if it has what was read of it', () => {
    const reader = new Reader();
    expect(reader.state.knows(undefined, 0)).toBe(true);
    const { ahead } = reader.state;
    reader.entry(5);
    const bytes = writeMessage({ ...ahead, line: { entry: { key: 'at-5', index: 5 } } });
    expect(reader.state.knows(bytes, 1)).toBe(true);
    // Made anew, or without its end.
    expect(reader.state.knows(undefined, 9)).toBe(false);
    expect(reader.state.knows(bytes, 0)).toBe(false);
    expect(() => reader.state.knows(Buffer.from('{}'), 9)).toThrow(LogDiverged);
  });

  it('reads each message once', () => {
    const reader = new Reader();
    const { ahead } = reader.state;
    reader.entry(5);
    const bytes = writeMessage({ ...ahead, line: { entry: { key: 'at-5', index: 5 } } });
    expect(reader.state.read({ seq: 1, timeMs: NOW, bytes })).toEqual({ kind: 'known' });
    expect(reader.state.count).toBe(1);
  });

  it.each([
    ['text', 'hello'],
    ['another version', { v: 2 }],
    ['nothing', {}],
    ['no entry', { line: { other: { index: 9 } } }],
    ['no index', { line: { entry: { key: 'k' } } }],
    ['no hash', { hash: 7, line: { entry: { key: 'k', index: 9 } } }],
    ['a seal of another kind', { seal: { until: 7 } }],
    ['a clock without times', { line: { clock: { index: 9 } } }],
  ])('is left by a version that it says too much to: %s', (_, said) => {
    const { state } = new Reader();
    const message = typeof said === 'string' ? said : { v: 1, ...state.ahead, ...said };
    const bytes = Buffer.from(JSON.stringify(message));
    expect(() => state.read({ seq: 1, timeMs: NOW, bytes })).toThrow(WrongLog);
  });
});
