import { expect, test } from 'vitest';
import { RecentRows } from '../../src/page/chart/recent.ts';

const frame = (since: number, ticks: readonly number[]) => ({
  type: 'rows' as const,
  id: 1,
  since,
  until: since + ticks.length * 1_000,
  lag: 0,
  prices: [ticks, ticks.map((price) => -price)],
});

function seen(recent: RecentRows, column: number): [number, number][] {
  const rows: [number, number][] = [];
  recent.each(column, (timeMs, ticks) => rows.push([timeMs, ticks]));
  return rows;
}

test('rows come back with their times, for the column that is asked for', () => {
  const recent = new RecentRows(1_000);
  recent.push(frame(5_000, [1, 2]));
  recent.push(frame(7_000, [3]));
  expect(seen(recent, 1)).toEqual([
    [6_000, -1],
    [7_000, -2],
    [8_000, -3],
  ]);
});

test('half a minute of rows is kept, and no more than that', () => {
  const recent = new RecentRows(1_000);
  for (let row = 0; row < 200; row++) recent.push(frame(row * 1_000, [row]));
  const rows = seen(recent, 0);
  expect(rows.length).toBeGreaterThanOrEqual(30);
  expect(rows.length).toBeLessThanOrEqual(32);
  expect(rows.at(-1)).toEqual([200_000, 199]);
});
