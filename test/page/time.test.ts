import { expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { markWeight } from '../../src/page/chart/scale.ts';
import { formatAge, formatBarTime, formatMark, formatRange } from '../../src/page/time/format.ts';
import { instantOf, isRepeated, UTC, zoneName, zoneTitle } from '../../src/page/time/zone.ts';
import { namedZone } from '../../src/page/time/zones.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';

const at = (text: string) => Date.parse(text);
const resolution = (text: string) => parseResolution(text)!;
const HOUR = 3_600_000;
const MARKET_MS = at('2025-06-01T00:00:00Z');
const NOW_MS = at('2026-11-20T12:00:00Z');
const zone = (text: string) => namedZone(text, MARKET_MS, NOW_MS)!;
const NEW_YORK = zone('America/New_York');

test.each([
  ['1m', 'Mon 23 Nov 2026 21:18'],
  ['5s', 'Mon 23 Nov 2026 21:18:09'],
  ['100ms', 'Mon 23 Nov 2026 21:18:09.300'],
  ['1d', 'Mon 23 Nov 2026'],
])('a bar of %s is named as precisely as it needs', (text, expected) => {
  expect(formatBarTime(UTC, at('2026-11-23T21:18:09.300Z'), resolution(text))).toBe(expected);
});

test('a range names one date, or both where they differ', () => {
  const [from, to] = [at('2026-11-23T19:53:00Z'), at('2026-11-23T21:39:00Z')];
  expect(formatRange(UTC, from, to, resolution('1m'))).toBe('Mon 23 Nov 2026, 19:53 – 21:39');
  expect(
    formatRange(UTC, at('2026-11-21T19:00:00Z'), at('2026-11-23T21:00:00Z'), resolution('1h')),
  ).toBe('Sat 21 Nov 2026 19:00 – Mon 23 Nov 2026 21:00');
});

test('the day on which New York ends summer time has 25 hours, each with a name of its own', () => {
  const start = instantOf(NEW_YORK, Date.UTC(2026, 10, 1));
  const names = Array.from({ length: 25 }, (_, hour) =>
    formatBarTime(NEW_YORK, start + hour * HOUR, resolution('1h')),
  );
  expect(names[0]).toBe('Sun 1 Nov 2026 00:00');
  expect(names[1]).toBe('Sun 1 Nov 2026 01:00 UTC−4');
  expect(names[2]).toBe('Sun 1 Nov 2026 01:00 UTC−5');
  expect(names[24]).toBe('Sun 1 Nov 2026 23:00');
  expect(new Set(names).size).toBe(25);
});

test('a range over the repeated hour says which of the two', () => {
  const [from, to] = [at('2026-11-01T05:11:00Z'), at('2026-11-01T06:10:00Z')];
  expect(formatRange(NEW_YORK, from, to, resolution('1m'))).toBe(
    'Sun 1 Nov 2026, 01:11 UTC−4 – 01:10 UTC−5',
  );
});

test('a range of one bar is that bar', () => {
  const day = at('2026-11-23T00:00:00Z');
  expect(formatRange(UTC, day, day, resolution('1d'))).toBe('Mon 23 Nov 2026');
});

test('whole days have the date of the clock that cuts them', () => {
  const day = at('2026-11-23T05:00:00Z');
  expect(formatBarTime(NEW_YORK, day, NEW_YORK.cut('1d')!)).toBe('Mon 23 Nov 2026');
});

test.each([
  ['1mo', '2026-01-01', 'Jan 2026'],
  ['3mo', '2026-04-01', 'Q2 2026'],
  ['1y', '2026-01-01', '2026'],
  ['12mo', '2026-01-01', '2026'],
  ['2y', '2026-01-01', '2026 – 2027'],
  ['6mo', '2026-07-01', 'Jul – Dec 2026'],
  ['5mo', '2025-11-01', 'Nov 2025 – Mar 2026'],
])(
  'a bar of %s that begins on %s is called %s, in UTC and by another clock',
  (text, date, name) => {
    const startMs = at(`${date}T00:00:00Z`);
    expect(formatBarTime(UTC, startMs, resolution(text))).toBe(name);
    for (const place of ['America/New_York', 'Asia/Tokyo', 'Australia/Lord_Howe']) {
      const clock = zone(place);
      const thereMs = instantOf(clock, startMs);
      expect(formatBarTime(clock, thereMs, clock.cut(text)!)).toBe(name);
    }
  },
);

test.each([
  [
    '1h',
    '2026-10-31T20:00:00Z',
    '2026-11-01T12:00:00Z',
    'Sat 31 Oct 2026 16:00 UTC−4 – Sun 1 Nov 2026 07:00 UTC−5',
  ],
  [
    '1m',
    '2026-11-01T04:30:00Z',
    '2026-11-01T16:00:00Z',
    'Sun 1 Nov 2026, 00:30 UTC−4 – 11:00 UTC−5',
  ],
  [
    '1m',
    '2026-11-01T05:30:00Z',
    '2026-11-01T06:30:00Z',
    'Sun 1 Nov 2026, 01:30 UTC−4 – 01:30 UTC−5',
  ],
  [
    '1d',
    '2026-10-31T04:00:00Z',
    '2026-11-02T05:00:00Z',
    'Sat 31 Oct 2026 UTC−4 – Mon 2 Nov 2026 UTC−5',
  ],
  ['1mo', '2026-06-01T04:00:00Z', '2026-12-01T05:00:00Z', 'Jun 2026 UTC−4 – Dec 2026 UTC−5'],
  // Put there and back again in between.
  ['1d', '2026-06-01T04:00:00Z', '2027-06-01T04:00:00Z', 'Mon 1 Jun 2026 – Tue 1 Jun 2027'],
])('a range of %s from %s in which a clock was put has both offsets', (width, from, to, text) => {
  expect(formatRange(NEW_YORK, at(from), at(to), NEW_YORK.cut(width)!)).toBe(text);
});

test('a range of months names both, and one of them once', () => {
  const [from, to] = [at('2026-01-01T00:00:00Z'), at('2026-11-01T00:00:00Z')];
  expect(formatRange(UTC, from, to, resolution('1mo'))).toBe('Jan 2026 – Nov 2026');
  expect(formatRange(UTC, from, from, resolution('1mo'))).toBe('Jan 2026');
});

test('a clock cuts what it must, and leaves to UTC what that cuts alike', () => {
  const zoneOf = (name: string, width: string) => zone(name).cut(width)!.clock.tz;
  for (const width of ['1s', '1m', '15m', '1h']) {
    expect(zoneOf('America/New_York', width)).toBeUndefined();
  }
  for (const width of ['4h', '1d', '1w', '1mo', '1y']) {
    expect(zoneOf('America/New_York', width)).toBe('America/New_York');
  }
  expect(zoneOf('Asia/Kolkata', '30m')).toBeUndefined();
  expect(zoneOf('Asia/Kolkata', '1h')).toBe('Asia/Kolkata');
  expect(zoneOf('Australia/Lord_Howe', '1h')).toBe('Australia/Lord_Howe');
  // In Shanghai no clock has been put since 1991.
  expect(zoneOf('Asia/Shanghai', '4h')).toBeUndefined();
  expect(namedZone('Asia/Shanghai', at('1980-01-01T00:00:00Z'), NOW_MS)!.cut('4h')!.clock.tz).toBe(
    'Asia/Shanghai',
  );
});

test('what is left to UTC is cut as the clock would cut it', () => {
  for (const name of ['America/New_York', 'Asia/Kolkata', 'Europe/London', 'America/St_Johns']) {
    for (const width of ['1m', '7s', '5m', '30m', '1h', '4h']) {
      const cut = zone(name).cut(width)!;
      const itself = zonedResolution(width, name)!;
      for (let timeMs = MARKET_MS; timeMs < NOW_MS; timeMs += 13 * HOUR + 123_457) {
        expect(cut.startOf(cut.numberOf(timeMs))).toBe(itself.startOf(itself.numberOf(timeMs)));
      }
    }
  }
});

test('a zone that there is not has no clock, and UTC has one name', () => {
  expect(namedZone('Mars/Olympus', MARKET_MS, NOW_MS)).toBeUndefined();
  expect(namedZone('+05:00', MARKET_MS, NOW_MS)).toBeUndefined();
  for (const name of ['utc', 'UTC', 'Etc/UTC', 'GMT']) expect(zone(name)).toBe(UTC);
  expect(zoneTitle(UTC)).toBe('UTC');
  expect(zoneTitle(NEW_YORK)).toBe('America/New_York');
});

test('of a time that is shown twice the first is meant, and of one that is never, what follows', () => {
  const twice = instantOf(NEW_YORK, Date.UTC(2026, 10, 1, 1, 30));
  expect(twice).toBe(at('2026-11-01T05:30:00Z'));
  const never = instantOf(NEW_YORK, Date.UTC(2026, 2, 8, 2, 30));
  expect(never).toBe(at('2026-03-08T07:30:00Z'));
});

test('a wall clock time is found again', () => {
  const time = at('2026-07-04T12:34:56Z');
  expect(instantOf(NEW_YORK, Date.UTC(2026, 6, 4, 8, 34, 56))).toBe(time);
  expect(isRepeated(NEW_YORK, time)).toBe(false);
  expect(zoneName(NEW_YORK, time)).toBe('UTC−4');
  expect(zoneName(UTC, time)).toBe('UTC');
});

test('labels of the time axis weigh more, the more they begin', () => {
  const minute = 60_000;
  const weigh = (text: string) => markWeight(UTC, at(text), at(text) - minute);
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
  expect(markWeight(NEW_YORK, localMidnight, localMidnight - minute)).toBe(weights[4]);
});

test('labels are as coarse as what they begin', () => {
  const time = at('2026-11-23T21:18:30Z');
  const mark = (step: Parameters<typeof formatMark>[2], stepMs: string) =>
    formatMark(UTC, time, step, resolution(stepMs));
  expect(mark('month', '1mo')).toBe('Nov');
  expect(mark('month', '3mo')).toBe('Q4');
  expect([mark('year', '1d'), mark('month', '1d'), mark('day', '1d')]).toEqual([
    '2026',
    'Nov',
    '23 Nov',
  ]);
  expect(mark('time', '1s')).toBe('21:18:30');
  const parts = ['2026-11-23T21:18:00Z', '2026-11-23T21:18:00.200Z'].map((text) =>
    formatMark(UTC, at(text), 'time', resolution('200ms')),
  );
  expect(parts).toEqual(['21:18', '21:18:00.200']);
});

test('ages are told in words', () => {
  expect([0, 12_000, 200_000].map(formatAge)).toEqual(['just now', '12 s ago', '3 min ago']);
});
