import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CALENDARS, type CalendarSpec } from '../../../src/core/market/calendar/calendar-spec.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { calendarOf } from '../../../src/core/market/models/calendar.ts';
import { LOOK_BACK_ROWS, Places } from '../../../src/core/market/models/places.ts';

function placesOf(kind: CalendarSpec, originMs: number, intervalMs: number, depth: number) {
  const grid = { originMs, intervalMs };
  return new Places(grid, calendarOf(kind, 1, grid), depth);
}

/** With a lunch that is nearly all of the day, and dates without it. */
const OWN: CalendarSpec = {
  ...CALENDARS.tokyo,
  ...{ lunch: ['09:01', '15:29'], holidays: ['2026-01-02'] },
  earlyCloses: { '2026-01-05': '12:00' },
};

const kinds = fc.constantFrom<CalendarSpec[]>('always', 'fx-week', 'new-york', 'tokyo', OWN);

const intervals = fc.constantFrom(1, 7, 99, 100, 1000, 17_000, 300_000, 3_600_000, 604_800_000);

it('rows have the places in a layout that they have alone, and each has one', () => {
  const property = fc.property(
    kinds,
    intervals,
    fc.integer({ min: -1e12, max: 4e12 }),
    fc.constantFrom(-0.45, 0, 0.35, 0.9),
    fc.integer({ min: 0, max: 5000 }),
    (kind, intervalMs, originMs, depth, block) => {
      const places = placesOf(kind, originMs, intervalMs, depth);
      const { before, rows, inside, runs, days, cells, still, from, next } = places.layoutOf(block);
      const place = { day: 0, cell: 0, inside: 0 };
      let at = 0;
      for (let run = 0; run < runs; run++) {
        expect(still[run]).toBe(at);
        for (const row of new Set([still[run], from[run] - 1, from[run], next[run] - 1])) {
          if (row < still[run] || row >= next[run]) continue;
          places.placeOf(place, block * BLOCK_ROWS - before + row);
          expect(place).toEqual({ day: days[run], cell: cells[run], inside: inside[row] });
          expect(inside[row] === 0).toBe(row < from[run]);
        }
        at = next[run];
      }
      expect(at).toBe(rows);
      expect(rows - before).toBeGreaterThanOrEqual(BLOCK_ROWS);
    },
  );
  fc.assert(property, { seed: 20261130, numRuns: 25 });
});

it('a layout has all rows of the cells at its edges, and those that its rows look back at', () => {
  for (const intervalMs of [1, 1000, 20_000]) {
    const places = placesOf('always', 1_767_225_600_000, intervalMs, 0.35);
    const runsOf = (block: number) => {
      const { days, cells, from, next, runs, before } = places.layoutOf(block);
      const first = block * BLOCK_ROWS - before;
      return Array.from({ length: runs }, (_, run) =>
        [days[run], cells[run], first + from[run], first + next[run]].join(),
      );
    };
    const [before, after] = [runsOf(7), runsOf(8)];
    // Each run of one that the other has too is the same in both.
    expect(after.slice(0, 1)).toEqual(before.filter((run) => run === after[0]));
    expect(after).toContain(before.at(-1));
    expect(places.layoutOf(8).before).toBeGreaterThanOrEqual(LOOK_BACK_ROWS);
    expect(places.layoutOf(0).before).toBeLessThan(BLOCK_ROWS);
  }
});

it('business goes as a U over the day, and a gap opens it', () => {
  const places = placesOf('always', 0, 3_600_000, 0.5);
  const place = { day: 0, cell: 0, inside: 0 };
  const done = [0, 1, 6, 12, 18, 23].map((hour) => {
    places.placeOf(place, hour);
    return (place.cell + place.inside) / 256;
  });
  // u + depth (4 u^3 - 6 u^2 + 2 u).
  const expected = [0, 1, 6, 12, 18, 23].map((hour) => {
    const u = hour / 24;
    return u + 0.5 * (4 * u * u * u - 6 * u * u + 2 * u);
  });
  for (const [n, part] of done.entries()) expect(part).toBeCloseTo(expected[n], 12);
  // A Friday in New York: closed until 9:30, where a fifth of the day has passed.
  const open = placesOf('new-york', Date.parse('2026-01-02T14:29:59Z'), 1000, 0.5);
  open.placeOf(place, 0);
  expect(place).toEqual({ day: 0, cell: 0, inside: 0 });
  open.placeOf(place, 1);
  expect((place.cell + place.inside) / 256).toBeCloseTo(0.2, 12);
  open.placeOf(place, 1 + 6.5 * 3600);
  expect(place).toEqual({ day: 1, cell: 0, inside: 0 });
});
