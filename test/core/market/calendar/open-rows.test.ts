import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CALENDAR_NAMES,
  CALENDARS,
  type CalendarSpec,
} from '../../../../src/core/market/calendar/calendar-spec.ts';
import { Hours } from '../../../../src/core/market/calendar/hours.ts';
import { OpenRows } from '../../../../src/core/market/calendar/open-rows.ts';
import { referenceCalendar } from '../../../golden/reference-calendar.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** On the evening before, through the days on which clocks are moved; with dates of all kinds. */
const EVENINGS: CalendarSpec = {
  ...{ utcOffset: '-05:00', daylightSaving: 'us', days: ['mon', 'tue', 'wed', 'sun'] },
  ...{ open: '18:00', close: '17:00', lunch: ['02:00', '02:01'] },
  // A leap day, and three dates in a row.
  holidays: ['2024-02-29', '2026-03-08', '2026-03-09', '2026-03-10'],
  earlyCloses: { '2024-02-28': '01:30', '2026-11-01': '02:30', '2026-11-02': '03:00' },
};
const CROWDED: CalendarSpec = {
  ...CALENDARS.tokyo,
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  holidays: Array.from({ length: 28 }, (_, n) => `2026-02-${String(n + 1).padStart(2, '0')}`),
  earlyCloses: { '2026-03-01': '11:00', '2026-03-02': '12:00' },
};
const SPECS: readonly CalendarSpec[] = [...CALENDAR_NAMES, EVENINGS, CROWDED];

const specs = fc.constantFrom(...SPECS);
const intervals = fc.constantFrom(
  1,
  7,
  250,
  1000,
  7000,
  60_000,
  900_000,
  HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
);
/** Around the days on which clocks are moved, a leap day, and any others. */
const moments = fc.oneof(
  fc
    .constantFrom('2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01', '2024-02-29')
    .map((date) => Date.parse(date)),
  fc.integer({ min: Date.parse('1901-01-01'), max: Date.parse('2190-01-01') }),
);
const offsets = fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS });

/** What the text says of a row, session by session. */
function referenceRows(spec: CalendarSpec, originMs: number, intervalMs: number) {
  const hours = referenceCalendar(spec);
  const timeOf = (i: number) => originMs + i * intervalMs;
  const isOpen = (i: number) => hours.sessionAfter(timeOf(i - 1)).openMs <= timeOf(i);
  return { hours, timeOf, isOpen };
}

describe('the rows of a calendar', () => {
  it('are open or held as its sessions say, one by one', () => {
    const property = fc.property(
      ...([specs, intervals, moments, offsets, fc.nat({ max: 1e6 })] as const),
      (spec, intervalMs, momentMs, offsetMs, before) => {
        const near = momentMs + offsetMs;
        const originMs = near - before * intervalMs;
        if (originMs < Date.parse('1900-01-01')) return;
        const { isOpen } = referenceRows(spec, originMs, intervalMs);
        const rows = new OpenRows(new Hours(spec), { originMs, intervalMs });
        const stretch = rows.stretchOf(before);
        expect(stretch.from).toBeLessThanOrEqual(before);
        expect(stretch.next).toBeGreaterThan(before);
        expect(stretch.isOpen).toBe(isOpen(before));
        // Its ends, from both sides.
        for (const i of [stretch.from, before, stretch.next - 1]) {
          expect(rows.isOpen(i), `row ${i}`).toBe(isOpen(i));
        }
        expect(rows.isOpen(stretch.next), `row ${stretch.next}`).toBe(isOpen(stretch.next));
        if (stretch.isOpen) return;
        expect(isOpen(stretch.next)).toBe(true);
        if (stretch.from > 0) {
          expect(isOpen(stretch.from - 1)).toBe(true);
          expect(stretch.shown).toBe(stretch.from - 1);
        } else expect(stretch.shown).toBe(0);
      },
    );
    fc.assert(property, { seed: 20261130, numRuns: 2000 });
  });

  it('are counted without a sum: none while held, at least one by each open row', () => {
    const property = fc.property(
      ...([specs, intervals, moments, offsets, fc.nat({ max: 1e5 })] as const),
      (spec, intervalMs, momentMs, offsetMs, before) => {
        const originMs = momentMs + offsetMs - before * intervalMs;
        const { isOpen, hours, timeOf } = referenceRows(spec, originMs, intervalMs);
        const rows = new OpenRows(new Hours(spec), { originMs, intervalMs });
        const count = new Float64Array(400);
        rows.fillBefore(count, before, 0, 400);
        for (let n = 0; n < 399; n++) {
          const i = before + n;
          expect(count[n], `row ${i}`).toBe(rows.before(i));
          const own = count[n + 1] - count[n];
          if (!isOpen(i)) expect(own).toBe(0);
          else if (intervalMs < HOUR_MS) {
            // A row may be the last of one session and the first of the next; and where a session
            // does not fit the grid, its first row may count twice.
            const now = hours.sessionAfter(timeOf(i - 1));
            const then = hours.sessionAfter(now.closeMs);
            const opening = [now, then].filter(({ openMs }) => {
              return openMs > timeOf(i - 1) && openMs <= timeOf(i);
            });
            const least = timeOf(i - 1) >= now.openMs ? 1 : 0;
            const most = opening.filter(({ openMs, closeMs }) => {
              return (closeMs - openMs) % intervalMs !== 0;
            });
            expect(own).toBeGreaterThanOrEqual(least + opening.length);
            expect(own).toBeLessThanOrEqual(least + opening.length + most.length);
          } else expect(own).toBeGreaterThanOrEqual(1);
        }
      },
    );
    fc.assert(property, { seed: 20261130, numRuns: 200 });
  });

  it('are as many a day of business, on every grid', () => {
    for (const spec of SPECS) {
      for (const intervalMs of [60_000, 7_000_000, DAY_MS]) {
        const originMs = Date.parse('2025-12-29');
        const grid = { originMs, intervalMs };
        const rows = new OpenRows(new Hours(spec), grid);
        // Two weeks of July have no dates of their own, and no clock is moved in them.
        const at = (date: string) => Math.ceil((Date.parse(date) - originMs) / intervalMs);
        const [from, next] = [at('2026-07-05T05:00:00Z'), at('2026-07-19T05:00:00Z')];
        const days = 2 * new Hours(spec).daysPerWeek;
        const counted = rows.before(next) - rows.before(from);
        const edge = intervalMs === 60_000 ? 0 : rows.rowsPerDay;
        expect(Math.abs(counted - days * rows.rowsPerDay)).toBeLessThanOrEqual(edge);
      }
    }
  });

  it('of New York by the second are those from 9:30 to 16:00 there, both included', () => {
    const grid = { originMs: Date.parse('2026-03-01'), intervalMs: 1000 };
    const rows = new OpenRows(new Hours('new-york'), grid);
    const at = (text: string) => (Date.parse(text) - grid.originMs) / 1000;
    expect(rows.rowsPerDay).toBe(6.5 * 3600 + 1);
    for (const [open, close] of [
      ['2026-03-06T14:30:00Z', '2026-03-06T21:00:00Z'],
      ['2026-03-09T13:30:00Z', '2026-03-09T20:00:00Z'],
    ]) {
      expect(rows.stretchOf(at(open))).toMatchObject({ from: at(open), next: at(close) + 1 });
      expect(rows.isOpen(at(open) - 1)).toBe(false);
      expect(rows.isOpen(at(close) + 1)).toBe(false);
    }
    expect(rows.shownAt(at('2026-03-08T12:00:00Z'))).toBe(at('2026-03-06T21:00:00Z'));
    // Before the first session of all there is row 0.
    expect(rows.shownAt(5)).toBe(0);
  });
});
