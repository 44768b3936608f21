import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALENDAR_NAMES, type CalendarSpec } from '../../src/core/market/calendar/calendar-spec.ts';
import { Hours } from '../../src/core/market/calendar/hours.ts';
import { OpenRows } from '../../src/core/market/calendar/open-rows.ts';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { Nights } from '../../src/page/time/nights.ts';
import { OpenBars } from '../../src/page/time/open-bars.ts';
import {
  barAt,
  barEndMs,
  barFrom,
  barStartMs,
  barsBetween,
  openBarAt,
  placeAt,
} from '../../src/page/time/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';

const at = (text: string) => Date.parse(text);
const GRID = { origin: at('2026-02-27T12:00:07Z'), interval: 7_000 };
const OWN: CalendarSpec = {
  ...{ utcOffset: '-03:30', daylightSaving: 'us', days: ['mon', 'wed', 'thu', 'sat'] },
  ...{ open: '22:15', close: '17:40', lunch: ['03:00', '04:45'] },
  ...{ holidays: ['2026-03-05'], earlyCloses: { '2026-03-11': '02:10' } },
};
const CALENDARS = [...CALENDAR_NAMES.filter((name) => name !== 'always'), OWN];
const WIDTHS = ['7s', '1m', '5m', '45m', '1h', '4h', '1d', '3d'];

const resolutions = fc
  .tuple(fc.constantFrom(...WIDTHS), fc.constantFrom(undefined, 'America/New_York', 'Asia/Tokyo'))
  .map(([text, zone]) =>
    zone === undefined ? parseResolution(text)! : zonedResolution(text, zone, GRID.origin)!,
  );
const calendars = fc.constantFrom(...CALENDARS);
/** Over both changes of clocks in spring. */
const times = fc.integer({ min: GRID.origin, max: at('2026-04-05T00:00Z') });

describe('open bars', () => {
  test('are those that have an open row, as the rows of a market say it', () => {
    const property = fc.property(resolutions, calendars, times, (all, calendar, timeMs) => {
      const { origin, interval } = GRID;
      const grid = { originMs: origin, intervalMs: interval };
      const rows = new OpenRows(
        new Hours(calendar),
        grid as ConstructorParameters<typeof OpenRows>[1],
      );
      const bar = all.numberOf(timeMs);
      const indexFrom = (ms: number) => Math.max(0, Math.ceil((ms - origin) / interval));
      let isOpen = false;
      const end = indexFrom(all.startOf(bar + 1));
      for (let row = indexFrom(all.startOf(bar)); row < end; ) {
        const stretch = rows.stretchOf(row);
        isOpen ||= stretch.isOpen;
        row = stretch.next;
      }
      expect(new OpenBars(all, calendar, GRID).isOpen(bar)).toBe(isOpen);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test('are counted one by one, and found by their count, in whatever order one asks', () => {
    const property = fc.property(resolutions, calendars, times, (all, calendar, timeMs) => {
      const open = new OpenBars(all, calendar, GRID);
      const late = open.countOf(all.numberOf(timeMs));
      const other = new OpenBars(all, calendar, GRID);
      expect(other.barOf(late)).toBe(open.barOf(late));
      // The one after it in the count is the next open one.
      let next = open.barOf(late) + 1;
      while (!open.isOpen(next)) next += 1;
      expect(open.countOf(next)).toBe(late + 1);
      expect(open.barOf(late + 1)).toBe(next);
      expect(open.countOf(next - 1)).toBe(late);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test('are found years ahead, and before the first as if it were always open', () => {
    const minute = parseResolution('1m')!;
    const open = new OpenBars(minute, 'new-york', GRID);
    const first = minute.numberOf(at('2026-02-27T14:30Z'));
    expect(open.barOf(0)).toBe(first);
    expect(open.barOf(-5)).toBe(first - 5);
    expect(open.countOf(first - 5)).toBe(0);
    expect(minute.startOf(open.barOf(391))).toBe(at('2026-03-02T14:30Z'));
    const late = open.countOf(minute.numberOf(at('2036-03-03T14:30Z')));
    expect(minute.startOf(open.barOf(late))).toBe(at('2036-03-03T14:30Z'));
  });
});

describe('bars of which closed ones have no place', () => {
  const minutes = parseResolution('1m')!;
  const cut = new Nights(GRID, false).cut(minutes, { calendar: 'new-york' });
  const close = barAt(cut, at('2026-03-02T21:00Z'));

  test('follow one another across a night', () => {
    expect(barStartMs(cut, close)).toBe(at('2026-03-02T21:00Z'));
    expect(barEndMs(cut, close)).toBe(at('2026-03-02T21:01Z'));
    expect(barStartMs(cut, close + 1)).toBe(at('2026-03-03T14:30Z'));
    expect(barStartMs(cut, close + 0.5)).toBe(at('2026-03-02T21:00:30Z'));
    expect(barsBetween(cut, close, close + 2)).toBe(17 * 60 + 31);
    expect(barsBetween(minutes, 5, 9)).toBe(4);
  });

  test('have all of the night where it begins, and what is done in it where it opens', () => {
    const night = at('2026-03-03T03:00Z');
    expect(barAt(cut, night)).toBe(close);
    expect(placeAt(cut, night)).toBe(close + 1);
    expect(barFrom(cut, night)).toBe(close + 1);
    expect(barFrom(cut, at('2026-03-02T21:00:59.999Z'))).toBe(close);
    expect(openBarAt(cut, night)).toBeUndefined();
    expect(openBarAt(cut, at('2026-03-02T21:00Z'))).toBe(close);
    expect(openBarAt(cut, at('2026-03-02T21:00:01Z'))).toBeUndefined();
  });

  test('are placed where they start, and start where they are placed', () => {
    fc.assert(
      fc.property(
        resolutions,
        calendars,
        fc.double({ min: 0, max: 900, noNaN: true }),
        (all, calendar, place) => {
          const of = new Nights(GRID, false).cut(all, { calendar });
          expect(placeAt(of, barStartMs(of, place))).toBeCloseTo(place, 4);
        },
      ),
    );
  });
});

describe('nights', () => {
  const minutes = parseResolution('1m')!;

  test('that are shown have places without prices', () => {
    const cut = new Nights(GRID, true).cut(minutes, { calendar: 'new-york' });
    const night = at('2026-03-03T03:00Z');
    expect(barAt(cut, night)).toBe(barAt(minutes, night));
    expect(openBarAt(cut, night)).toBeUndefined();
    expect(openBarAt(cut, at('2026-03-03T14:30Z'))).toBe(barAt(minutes, at('2026-03-03T14:30Z')));
    expect(barsBetween(cut, 7, 9)).toBe(2);
  });

  test('are cut alike only if they are of the same calendar, width and choice', () => {
    const nights = new Nights(GRID, false);
    const keys = ['1m', '1h'].flatMap((width) =>
      ['new-york', 'london'].map(
        (calendar) =>
          nights.cut(parseResolution(width)!, { calendar: calendar as CalendarSpec }).key,
      ),
    );
    const shown = new Nights(GRID, true).cut(minutes, { calendar: 'london' }).key;
    expect(new Set([...keys, shown, minutes.key]).size).toBe(6);
    const again = nights.cut(minutes, { calendar: 'london' });
    expect(nights.cut(minutes, { calendar: 'london' })).toBe(again);
  });

  test('are no matter of an instrument without a calendar, nor of weeks', () => {
    const nights = new Nights(GRID, false);
    expect(nights.cut(minutes, {})).toBe(minutes);
    const week = parseResolution('1w')!;
    expect(nights.cut(week, { calendar: 'new-york' })).toBe(week);
  });

  test('are in a link once somebody has chosen', () => {
    const nights = new Nights(GRID, undefined);
    expect([nights.areShown.value, nights.linked]).toEqual([false, undefined]);
    nights.toggle();
    expect([nights.areShown.value, nights.linked]).toEqual([true, true]);
    expect(new Nights(GRID, false).linked).toBe(false);
  });
});
