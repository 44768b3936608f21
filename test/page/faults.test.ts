import { describe, expect, test } from 'vitest';
import { Comparison } from '../../src/page/faults/comparison.ts';
import { faultyPath, withoutFaults } from '../../src/page/faults/path.ts';
import { deedText, strikeText } from '../../src/page/faults/words.ts';

const INTERVAL_MS = 1_000;

/** One that has taken in rows of 1 to `count` seconds, whose prices are those of `priceAt`. */
function comparisonOf(
  count: number,
  priceAt: (second: number) => number = (second) => second,
): Comparison {
  const comparison = new Comparison(0, INTERVAL_MS);
  for (let second = 1; second <= count; second++) {
    const prices = [priceAt(second)];
    comparison.take({ since: (second - 1) * 1_000, until: second * 1_000, prices });
  }
  return comparison;
}

const truth = (from: number, to: number) => ({
  ...{ since: from * 1_000, until: to * 1_000 },
  prices: Array.from({ length: to - from }, (_, n) => from + n + 1),
});

describe('what came of a faulty stream', () => {
  test('a row that was struck and is right in the end is recovered, a wrong one is not', () => {
    const comparison = comparisonOf(6, (second) => (second === 4 ? 99 : second));
    comparison.settle(truth(0, 6), [
      { time: 2_000, kind: 'drop' },
      { time: 2_000, kind: 'delay', ms: 100 },
      { time: 4_000, kind: 'corrupt', form: 'ticks', ticks: 95 },
    ]);
    expect(comparison.found).toMatchObject({
      ...{ until: 6_000, compared: 6, harmed: 2, recovered: 1, wrong: 1, passedOver: 0 },
    });
    const [newest, ...others] = comparison.found.told;
    expect(newest).toEqual({
      ...{ time: 4_000, what: 'corrupt ticks +95', deed: 'taken for true', isHarmed: true },
    });
    expect(others.map(({ what, isHarmed }) => [what, isHarmed])).toEqual([
      ['delay 100 ms', false],
      ['drop', false],
    ]);
  });

  test('a row that never came is wrong, whoever dropped it', () => {
    const comparison = new Comparison(0, INTERVAL_MS);
    comparison.take({ since: 0, until: 1_000, prices: [1] });
    comparison.take({ since: 2_000, until: 3_000, prices: [3] });
    comparison.settle(truth(0, 3), []);
    expect(comparison.found).toMatchObject({ compared: 3, harmed: 1, recovered: 0, wrong: 1 });
  });

  test('what strikes answers strikes no stream', () => {
    const comparison = comparisonOf(2);
    const kinds = ['status', 'truncate', 'slow'];
    comparison.settle(
      truth(0, 2),
      kinds.map((kind) => ({ time: 1_000, kind })),
    );
    expect(comparison.found).toMatchObject({ harmed: 0, told: [] });
  });

  test('a deed is of the row that was not there yet, or else of the last one that was', () => {
    const comparison = comparisonOf(3);
    comparison.note('gap seen, asked again');
    comparison.note('gap seen, asked again');
    comparison.take({ since: 3_000, until: 5_000, prices: [4, 5] });
    comparison.note('refused, asked again');
    comparison.settle(truth(0, 5), [
      { time: 2_000, kind: 'cut' },
      { time: 4_000, kind: 'drop' },
      { time: 5_000, kind: 'duplicate' },
    ]);
    expect(comparison.found.told.map(({ what, deed }) => `${what}: ${deed}`)).toEqual([
      'duplicate: refused, asked again',
      'drop: gap seen, asked again',
      'cut: no harm',
    ]);
  });

  test('of rows that come faster than they can be compared the eldest are passed over', () => {
    const comparison = comparisonOf(2);
    const prices = new Float64Array(30_000);
    comparison.take({ since: 2_000, until: 30_002_000, prices });
    expect(comparison.found).toMatchObject({ until: 30_002_000, passedOver: 30_002, compared: 0 });
    // An answer that comes only now is of rows that are let go of.
    comparison.settle(truth(0, 2), [{ time: 1_000, kind: 'drop' }]);
    expect(comparison.found).toMatchObject({ until: 30_002_000, compared: 0, harmed: 0 });
  });

  test('no more is kept than is shown, however long it goes on', () => {
    const comparison = comparisonOf(1_000);
    const strikes = Array.from({ length: 1_000 }, (_, n) => ({ time: n * 1_000, kind: 'drop' }));
    comparison.settle(truth(0, 1_000), strikes);
    expect(comparison.found.told).toHaveLength(50);
    expect(comparison.found.told[0]!.time).toBe(999_000);
  });
});

test('a strike is told in a few words', () => {
  const told = [
    { kind: 'drop' },
    { kind: 'delay', ms: 1_500 },
    { kind: 'skew', ms: -250 },
    { kind: 'corrupt', form: 'ticks', ticks: -3 },
    { kind: 'corrupt', form: 'other', other: 'GENVO' },
    { kind: 'close', code: 1012 },
    { kind: 'throttle', bytesPerSecond: 2_000 },
  ].map((strike) => strikeText({ time: 0, ...strike }));
  expect(told).toEqual([
    ...['drop', 'delay 1500 ms', 'skew −250 ms', 'corrupt ticks −3', 'corrupt other GENVO'],
    ...['close 1012', 'throttle 2000 B/s'],
  ]);
});

test('what a client did is told by the state that it has entered', () => {
  const reason = (code: 'gap' | 'duplicate' | 'garbled' | 'silence' | 'lost') => ({
    ...{ kind: 'reconnecting' as const, attempt: 1, inMs: 100 },
    reason: { code, message: '', details: {} },
  });
  expect(deedText(reason('gap'))).toBe('gap seen, asked again');
  expect(deedText(reason('duplicate'))).toBe('refused, asked again');
  expect(deedText(reason('garbled'))).toBe('not read, asked again');
  expect(deedText(reason('silence'))).toBe('gave up, came back');
  expect(deedText(reason('lost'))).toBe('came back');
  expect(deedText({ kind: 'live' })).toBeUndefined();
});

test('a profile stands in the path of its feed, and a page opened there finds the way out of it', () => {
  const base = new URL('http://host/below/');
  const feed = new URL(faultyPath('drop@1%,throttle:2kB/s', 7), base);
  expect(feed.href).toBe('http://host/below/faulty/drop@1%25,throttle:2kB%2Fs:7/');
  expect(withoutFaults(feed)).toEqual(base);
  expect(withoutFaults(base)).toEqual(base);
});
