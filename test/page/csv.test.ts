import { expect, test } from 'vitest';
import { toCsv } from '../../src/page/dialogs/csv.ts';

test('bars are copied oldest first, in UTC, as plain numbers', () => {
  const time = Date.parse('2026-11-23T21:18:00Z');
  const bars = [
    { time, open: 123_456, high: 123_500, low: -5, close: 123_400 },
    { time: time + 60_000, open: 1, high: 2, low: 0, close: 1 },
  ];
  expect(toCsv(bars, { tickSize: 0.01, decimals: 2 }, false)).toBe(
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
  expect(toCsv(bars, { tickSize: 1, decimals: 0 }, true)).toBe(
    [
      'time,open,high,low,close,volume',
      '2026-11-23T21:18:00Z,1,2,0,1,12345',
      '2026-11-23T21:19:00Z,1,2,0,1,',
      '',
    ].join('\n'),
  );
});
