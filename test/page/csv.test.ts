import { expect, test } from 'vitest';
import { toCsv } from '../../src/page/dialogs/csv.ts';
import { UTC } from '../../src/page/time/zone.ts';
import { namedZone } from '../../src/page/time/zones.ts';

test('bars are copied oldest first, in UTC, as plain numbers', () => {
  const time = Date.parse('2026-11-23T21:18:00Z');
  const bars = [
    { time, open: 123_456, high: 123_500, low: -5, close: 123_400 },
    { time: time + 60_000, open: 1, high: 2, low: 0, close: 1 },
  ];
  expect(toCsv(bars, { tickSize: 0.01, decimals: 2 }, UTC, false)).toBe(
    [
      'time,open,high,low,close',
      '2026-11-23T21:18:00Z,1234.56,1235.00,-0.05,1234.00',
      '2026-11-23T21:19:00Z,0.01,0.02,0.00,0.01',
      '',
    ].join('\n'),
  );
});

test('volumes are copied where they are shown, and left empty where they are not known', () => {
  const time = Date.parse('2026-11-23T21:18:00Z');
  const bars = [
    { time, open: 1, high: 2, low: 0, close: 1, volume: 12_345 },
    { time: time + 60_000, open: 1, high: 2, low: 0, close: 1 },
  ];
  expect(toCsv(bars, { tickSize: 1, decimals: 0 }, UTC, true)).toBe(
    [
      'time,open,high,low,close,volume',
      '2026-11-23T21:18:00Z,1,2,0,1,12345',
      '2026-11-23T21:19:00Z,1,2,0,1,',
      '',
    ].join('\n'),
  );
});

test('times are those of the zone that is shown, and any program can read them', () => {
  const firstMs = Date.parse('2026-01-01T00:00:00Z');
  const zone = namedZone('America/New_York', firstMs, firstMs)!;
  const starts = ['2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'];
  const bars = starts.map((time) => ({
    time: Date.parse(time),
    open: 1,
    high: 1,
    low: 1,
    close: 1,
  }));
  const times = toCsv(bars, { tickSize: 1, decimals: 0 }, zone, false)
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',')[0]!);
  expect(times).toEqual([
    '2026-10-31T00:00:00-04:00',
    '2026-11-01T00:00:00-04:00',
    '2026-11-02T00:00:00-05:00',
  ]);
  expect(times.map((time) => Date.parse(time))).toEqual(bars.map(({ time }) => time));
});
