import { describe, expect, it } from 'vitest';
import { checkCalendar } from '../../../../src/core/market/calendar/check-calendar.ts';
import { Check } from '../../../../src/core/market/check.ts';
import { checkSpec, describeSpec } from '../../../../src/core/market/spec.ts';
import { marketOf } from '../../../helpers/market.ts';

function checked(value: unknown) {
  const problems: { path: string; message: string }[] = [];
  const calendar = checkCalendar(new Check(problems), 'defaults.calendar', value);
  return { calendar, problems: problems.map(({ message }) => message) };
}

const problemsOf = (value: unknown) => checked(value).problems;

const PIT = { days: ['wed', 'mon'], open: '09:00', close: '13:00' };

describe('a calendar', () => {
  it('is a name, or rules of which those left out are filled in', () => {
    expect(checked(undefined)).toEqual({ calendar: 'always', problems: [] });
    expect(checked('tokyo')).toEqual({ calendar: 'tokyo', problems: [] });
    expect(checked(PIT).calendar).toEqual({
      ...{ utcOffset: '+00:00', daylightSaving: 'none', days: ['mon', 'wed'] },
      ...{ open: '09:00', close: '13:00', lunch: [], holidays: [], earlyCloses: {} },
    });
  });

  it('may be like another one, with dates of its own', () => {
    const { calendar, problems } = checked({
      like: 'new-york',
      holidays: ['2026-12-25', '2026-07-03', '2026-12-25'],
      earlyCloses: { '2026-12-24': '13:00', '2026-11-27': '13:00' },
    });
    expect(problems).toEqual([]);
    expect(calendar).toEqual({
      ...{ utcOffset: '-05:00', daylightSaving: 'us', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
      ...{ open: '09:30', close: '16:00', lunch: [] },
      holidays: ['2026-07-03', '2026-12-25'],
      earlyCloses: { '2026-11-27': '13:00', '2026-12-24': '13:00' },
    });
  });

  it('that is wrong is told so, each in a sentence', () => {
    expect(problemsOf('paris')).toEqual([
      'unknown calendar "paris" of defaults; there are always, fx-week, new-york, frankfurt, ' +
        'london, tokyo',
    ]);
    const names = 'always, fx-week, new-york, frankfurt, london, tokyo';
    const rule = `defaults.calendar must be one of ${names}, or a set of named fields; given: `;
    expect(problemsOf(7)).toEqual([`${rule}7`]);
    expect(problemsOf(null)).toEqual([`${rule}null`]);
    expect(problemsOf({ ...PIT, opens: '08:00' })).toEqual([
      'unknown field "opens" of defaults.calendar; did you mean "open"?',
    ]);
    expect(problemsOf({ like: 'new-yorc' })[0]).toMatch(/^unknown calendar "new-yorc".*"new-york"/);
    expect(problemsOf({})).toEqual([
      'defaults.calendar.days is missing: it must be a list of the days it trades on, of mon, ' +
        'tue, wed, thu, fri, sat, sun',
      ...['open', 'close'].map(
        (name) =>
          `defaults.calendar.${name} is missing: it must be a time of day from 00:00 to 24:00, ` +
          'such as 09:30',
      ),
    ]);
    for (const [field, value] of [
      ['days', []],
      ['days', ['monday']],
      ['open', '9:30'],
      ['open', 930],
      ['close', '25:00'],
      ['close', '00:00'],
      ['close', '12:60'],
      ['utcOffset', '5h'],
      ['utcOffset', '+15:00'],
      ['daylightSaving', 'au'],
      ['lunch', ['11:30']],
      ['lunch', ['08:00', '09:30']],
      ['lunch', ['10:00', '13:00']],
      ['holidays', '2026-12-25'],
      ['holidays', ['2026-02-29']],
      ['holidays', ['25.12.2026']],
      ['holidays', Array.from({ length: 4001 }, () => '2026-12-25')],
      ['earlyCloses', ['2026-12-24']],
      ['earlyCloses', { '2026-12-24': '13:00' }],
      ['earlyCloses', { '2026-12-24': '09:00' }],
      ['earlyCloses', { christmas: '12:00' }],
    ] as const) {
      const problems = problemsOf({ ...PIT, [field]: value });
      expect(problems.length, JSON.stringify({ [field]: value }).slice(0, 80)).toBe(1);
      expect(problems[0]).toContain(`defaults.calendar.${field}`.replace(/\.daylight.*/, ''));
    }
  });

  it('with clocks that are moved does not trade right through the night of a Sunday', () => {
    const days = ['sat', 'sun'];
    const rule = 'must be none where it trades on sat and sun and is closed for less than an hour';
    const round = { days, open: '00:00', close: '24:00', daylightSaving: 'eu' };
    expect(problemsOf(round)).toEqual([`defaults.calendar.daylightSaving ${rule}; given: eu`]);
    expect(problemsOf({ ...round, days: ['sun'] })).toEqual([]);
    expect(problemsOf({ ...round, close: '23:00' })).toEqual([]);
  });

  it('of the defaults is checked once, and comes back as it was described', () => {
    const wrong = checkSpec({ defaults: { calendar: { ...PIT, open: 'early' } } });
    expect(wrong.ok ? [] : wrong.problems).toHaveLength(1);
    const market = marketOf({ instruments: ['A', 'B'], defaults: { calendar: PIT } });
    const described = describeSpec(market.spec);
    expect(described.defaults).toMatchObject({ calendar: { days: ['mon', 'wed'] } });
    const again = checkSpec(described);
    expect(again.ok && marketOf(described).id).toBe(market.id);
  });

  it('is part of the market id, unless it is always', () => {
    const idOf = (calendar?: unknown) => marketOf({ count: 1, defaults: { calendar } }).id;
    expect(idOf('always')).toBe(idOf());
    const pits = [PIT, { ...PIT, holidays: ['2026-12-25'] }, { ...PIT, utcOffset: '+01:00' }];
    const ids = [undefined, 'fx-week', 'new-york', 'frankfurt', 'london', 'tokyo', ...pits];
    expect(new Set(ids.map(idOf)).size).toBe(ids.length);
  });
});
