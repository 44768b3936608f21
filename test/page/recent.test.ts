import { expect, test } from 'vitest';
import { RecentRows } from '../../src/page/chart/recent.ts';

test('half a minute of rows is kept, in order, and no more than that', () => {
  const recent = new RecentRows(1_000);
  const last = [0];
  for (let row = 0; row < 200; row++) {
    last[0] = row;
    recent.push({ since: row * 1_000, until: (row + 1) * 1_000, values: last });
  }
  const rows = recent.all.flatMap(({ values }) => Array.from(values));
  expect(rows.length).toBeGreaterThanOrEqual(30);
  expect(rows.length).toBeLessThanOrEqual(32);
  expect(rows).toEqual(rows.map((_, index) => 200 - rows.length + index));
  recent.clear();
  expect(recent.all).toEqual([]);
});
