import { describe, expect, it } from 'vitest';
import type { CalendarSpec } from '../../../src/core/market/calendar/calendar-spec.ts';
import { calendarOf, newSession } from '../../../src/core/market/models/calendar.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Calendars as of the first days of 2026: 1 January was a Thursday. */
function calendarFrom(kind: CalendarSpec, origin = '2026-01-01T00:00:00Z', weekend = 1) {
  const calendar = calendarOf(kind, weekend, { originMs: Date.parse(origin), intervalMs: 1000 });
  return {
    calendar,
    /** The session of a moment: its day, and when it opens and closes. */
    sessionOf(text: string) {
      const ms = Date.parse(text);
      const utcDay = Math.floor(ms / DAY_MS);
      const session = newSession();
      calendar.sessionAt(session, utcDay, ms - utcDay * DAY_MS);
      const openMs = utcDay * DAY_MS + session.startMs;
      return {
        day: session.day,
        open: new Date(openMs).toISOString().slice(0, 16),
        close: new Date(openMs + session.lengthMs).toISOString().slice(0, 16),
        gap: session.gap,
      };
    },
  };
}

describe('the calendar always', () => {
  it('has a day of business from each midnight to the next', () => {
    const { sessionOf } = calendarFrom('always', '2026-01-01T13:00:00Z');
    const first = { day: 0, open: '2026-01-01T00:00', close: '2026-01-02T00:00', gap: 0 };
    expect(sessionOf('2026-01-01T00:00:00Z')).toEqual(first);
    expect(sessionOf('2026-01-01T23:59:59.999Z')).toEqual(first);
    expect(sessionOf('2026-01-02T00:00:00Z').day).toBe(1);
    expect(sessionOf('2027-01-01T00:00:00Z').day).toBe(365);
    expect(sessionOf('2025-12-31T00:00:00Z').day).toBe(-1);
  });

  it('gives days of a weekend their weight, and every week seven', () => {
    const { calendar } = calendarFrom('always', '2026-01-01T00:00:00Z', 0.45);
    const weights = Array.from({ length: 14 }, (_, day) => calendar.weightOf(day));
    // Thursday, Friday, Saturday.
    expect(weights[2] / weights[1]).toBeCloseTo(0.45, 12);
    expect(weights[3]).toBe(weights[2]);
    expect(weights[4]).toBe(weights[0]);
    let sum = 0;
    for (const [day, weight] of weights.entries()) {
      expect(calendar.weightBefore(day)).toBeCloseTo(sum, 12);
      sum += weight;
    }
    expect(calendar.weightBefore(7 * 1000)).toBeCloseTo(7000, 9);
  });
});

describe('the calendar fx-week', () => {
  it('opens on Sunday at 22:00, with a gap, and closes on Friday', () => {
    const { sessionOf } = calendarFrom('fx-week');
    const monday = { day: 2, open: '2026-01-04T22:00', close: '2026-01-05T22:00', gap: 0.06 };
    expect(sessionOf('2026-01-02T21:59:59Z').day).toBe(1);
    for (const time of ['2026-01-02T22:00:00Z', '2026-01-03T12:00:00Z', '2026-01-05T21:59:59Z']) {
      expect(sessionOf(time)).toEqual(monday);
    }
    expect(sessionOf('2026-01-05T22:00:00Z')).toMatchObject({ day: 3, gap: 0 });
    expect(sessionOf('2026-12-31T12:00:00Z').day).toBe(52 * 5);
  });
});

describe('the calendar new-york', () => {
  it('opens on weekdays from 9:30 to 16:00 there, in winter and in summer', () => {
    const { sessionOf } = calendarFrom('new-york');
    const winter = { day: 0, open: '2026-01-01T14:30', close: '2026-01-01T21:00', gap: 0.2 };
    expect(sessionOf('2026-01-01T00:00:00Z')).toEqual(winter);
    expect(sessionOf('2026-01-01T20:59:59Z')).toEqual(winter);
    expect(sessionOf('2026-01-01T21:00:00Z').day).toBe(1);
    const monday = { day: 2, open: '2026-01-05T14:30', close: '2026-01-05T21:00', gap: 0.25 };
    expect(sessionOf('2026-01-02T21:00:00Z')).toEqual(monday);
    expect(sessionOf('2026-01-04T23:00:00Z')).toEqual(monday);
    // By the rule of the United States: 8 March to 1 November 2026, 14 March to 7 November 2027.
    expect(sessionOf('2026-03-06T12:00:00Z').open).toBe('2026-03-06T14:30');
    expect(sessionOf('2026-03-09T12:00:00Z').open).toBe('2026-03-09T13:30');
    expect(sessionOf('2026-10-30T12:00:00Z').open).toBe('2026-10-30T13:30');
    expect(sessionOf('2026-11-02T12:00:00Z').open).toBe('2026-11-02T14:30');
    expect(sessionOf('2027-03-12T12:00:00Z').open).toBe('2027-03-12T14:30');
    expect(sessionOf('2027-03-15T12:00:00Z').open).toBe('2027-03-15T13:30');
    expect(sessionOf('2027-11-05T12:00:00Z').open).toBe('2027-11-05T13:30');
    expect(sessionOf('2027-11-08T12:00:00Z').open).toBe('2027-11-08T14:30');
  });

  it('knows when clocks change as the time zone database does, for 60 years', () => {
    const { sessionOf } = calendarFrom('new-york');
    const hour = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'America/New_York',
      hour: '2-digit',
    });
    for (let ms = Date.parse('2007-01-01'); ms < Date.parse('2067-01-01'); ms += 3 * DAY_MS) {
      const opens = Date.parse(`${sessionOf(new Date(ms).toISOString()).open}Z`);
      expect(hour.format(opens)).toBe('09');
      expect(opens % HOUR_MS).toBe(HOUR_MS / 2);
    }
  });

  it('has days of business that follow one another, in any century', () => {
    const { calendar } = calendarFrom('new-york');
    const session = newSession();
    for (const from of [-1e6, 20_000, 1e9, 3e13]) {
      const start = Math.floor(from);
      calendar.sessionAt(session, start, 0);
      const first = session.day;
      calendar.sessionAt(session, start + 7 * 53, 0);
      expect(session.day - first).toBe(5 * 53);
    }
  });
});
