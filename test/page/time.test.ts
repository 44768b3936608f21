import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { markWeight } from '../../src/page/chart/scale.ts';
import { formatAge, formatBarTime, formatMark, formatRange } from '../../src/page/time/format.ts';
import { instantOf, isRepeated, zoneName } from '../../src/page/time/zone.ts';

const before = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'America/New_York';
});
afterAll(() => {
  // What is assigned becomes a text: `undefined` would be the zone of all files after this one.
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

const at = (text: string) => Date.parse(text);
const resolution = (text: string) => parseResolution(text)!;
const HOUR = 3_600_000;

test.each([
  ['1m', 'Mon 23 Nov 2026 21:18'],
  ['5s', 'Mon 23 Nov 2026 21:18:09'],
  ['100ms', 'Mon 23 Nov 2026 21:18:09.300'],
  ['1d', 'Mon 23 Nov 2026'],
])('a bar of %s is named as precisely as it needs', (text, expected) => {
  expect(formatBarTime('utc', at('2026-11-23T21:18:09.300Z'), resolution(text))).toBe(expected);
});

test('a range names one date, or both where they differ', () => {
  const [from, to] = [at('2026-11-23T19:53:00Z'), at('2026-11-23T21:39:00Z')];
  expect(formatRange('utc', from, to, resolution('1m'))).toBe('Mon 23 Nov 2026, 19:53 – 21:39');
  expect(
    formatRange('utc', at('2026-11-21T19:00:00Z'), at('2026-11-23T21:00:00Z'), resolution('1h')),
  ).toBe('Sat 21 Nov 2026 19:00 – Mon 23 Nov 2026 21:00');
});

test('the day on which New York ends summer time has 25 hours, each with a name of its own', () => {
  const start = instantOf('local', Date.UTC(2026, 10, 1));
  const names = Array.from({ length: 25 }, (_, hour) =>
    formatBarTime('local', start + hour * HOUR, resolution('1h')),
  );
  expect(names[0]).toBe('Sun 1 Nov 2026 00:00');
  expect(names[1]).toBe('Sun 1 Nov 2026 01:00 UTC−4');
  expect(names[2]).toBe('Sun 1 Nov 2026 01:00 UTC−5');
  expect(names[24]).toBe('Sun 1 Nov 2026 23:00');
  expect(new Set(names).size).toBe(25);
});

test('a range over the repeated hour says which of the two', () => {
  const [from, to] = [at('2026-11-01T05:11:00Z'), at('2026-11-01T06:10:00Z')];
  expect(formatRange('local', from, to, resolution('1m'))).toBe(
    'Sun 1 Nov 2026, 01:11 UTC−4 – 01:10 UTC−5',
  );
});

test('a range of one bar is that bar', () => {
  const day = at('2026-11-23T00:00:00Z');
  expect(formatRange('utc', day, day, resolution('1d'))).toBe('Mon 23 Nov 2026');
});

test('whole days are cut, and shown, in UTC', () => {
  const day = at('2026-11-23T00:00:00Z');
  expect(formatBarTime('local', day, resolution('1d'))).toBe('Mon 23 Nov 2026');
});

test('a wall clock time is found again', () => {
  const time = at('2026-07-04T12:34:56Z');
  expect(instantOf('local', Date.UTC(2026, 6, 4, 8, 34, 56))).toBe(time);
  expect(isRepeated('local', time)).toBe(false);
  expect(zoneName('local', time)).toBe('UTC−4');
  expect(zoneName('utc', time)).toBe('UTC');
});

test('labels of the time axis weigh more, the more they begin', () => {
  const minute = 60_000;
  const weigh = (text: string) => markWeight('utc', at(text), at(text) - minute);
  const weights = [
    '2026-11-23T21:18:00Z',
    '2026-11-23T21:15:00Z',
    '2026-11-23T21:00:00Z',
    '2026-11-23T12:00:00Z',
    '2026-11-23T00:00:00Z',
    '2026-11-01T00:00:00Z',
    '2026-01-01T00:00:00Z',
  ].map(weigh);
  expect(weights).toEqual([...weights].sort((a, b) => a - b));
  expect(new Set(weights).size).toBe(weights.length);
  const localMidnight = at('2026-11-23T05:00:00Z');
  expect(markWeight('local', localMidnight, localMidnight - minute)).toBe(weights[4]);
});

test('labels are as coarse as what they begin', () => {
  const time = at('2026-11-23T21:18:30Z');
  const mark = (step: Parameters<typeof formatMark>[2], stepMs: number) =>
    formatMark('utc', time, step, stepMs);
  expect([mark('year', 1), mark('month', 1), mark('day', 1)]).toEqual(['2026', 'Nov', '23 Nov']);
  expect(mark('time', 1_000)).toBe('21:18:30');
  const parts = ['2026-11-23T21:18:00Z', '2026-11-23T21:18:00.200Z'].map((text) =>
    formatMark('utc', at(text), 'time', 200),
  );
  expect(parts).toEqual(['21:18', '21:18:00.200']);
});

test('ages are told in words', () => {
  expect([0, 12_000, 200_000].map(formatAge)).toEqual(['just now', '12 s ago', '3 min ago']);
});
