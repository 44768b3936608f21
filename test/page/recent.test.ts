import { expect, test } from 'vitest';
import { RecentRows } from '../../src/page/chart/recent.ts';

const frame = (since: number, ticks: readonly number[]) => ({
  since,
  until: since + ticks.length * 1_000,
  places: new Map([[0, 0]]),
  prices: [ticks],
});

test('half a minute of rows is kept, in order, and no more than that', () => {
  const recent = new RecentRows(1_000);
  for (let row = 0; row < 200; row++) recent.push(frame(row * 1_000, [row]));
  const rows = recent.frames.flatMap(({ prices }) => Array.from(prices[0]!));
  expect(rows.length).toBeGreaterThanOrEqual(30);
  expect(rows.length).toBeLessThanOrEqual(32);
  expect(rows).toEqual(rows.map((_, index) => 200 - rows.length + index));
});
