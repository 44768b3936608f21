import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CALENDAR_NAMES } from '../../src/core/market/calendar/calendar-spec.ts';
import { type CalendarNumbers, calendarNumbersOf } from './calendar-numbers.ts';

const golden: readonly CalendarNumbers[] = JSON.parse(
  readFileSync(new URL('./calendars.json', import.meta.url), 'utf8'),
);

describe('the frozen numbers of calendars', () => {
  it('are of every calendar that has a name and closes, and of one of one’s own', () => {
    const calendars = golden.map(({ spec }) => spec.defaults.calendar);
    const names = CALENDAR_NAMES.filter((name) => name !== 'always');
    expect(new Set(calendars.filter((one) => typeof one === 'string'))).toEqual(new Set(names));
    expect(calendars.some((one) => typeof one === 'object')).toBe(true);
  });

  it.each(golden.map((one) => [one.spec.defaults.model, one.spec.defaults.calendar, one] as const))(
    'stay: %s, %j',
    (_model, _calendar, frozen) => expect(calendarNumbersOf(frozen.spec)).toEqual(frozen),
  );
});
