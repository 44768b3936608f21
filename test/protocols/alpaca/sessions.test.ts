import { describe, expect, it } from 'vitest';
import { wallClockOf } from '../../../src/core/market/calendar/wall-clock.ts';
import { Sessions } from '../../../src/protocols/alpaca/sessions.ts';
import { marketOf } from '../../helpers/market.ts';

const ORIGIN = '2026-01-01';
const DAY = 86_400_000;
const dateOf = (text: string) => Date.parse(text) / DAY;

function sessionsOf(calendar: unknown): Sessions {
  const instruments = [{ symbol: 'ANY' }, { symbol: 'S', assetClass: 'stock', calendar }];
  return new Sessions(marketOf({ origin: ORIGIN, interval: 60_000, instruments }), [0, 1]);
}

/** What a clock says at a time: when it opened or opens, and closes. */
function clockAt(calendar: unknown, text: string): string[] {
  const sessions = sessionsOf(calendar);
  const ms = Date.parse(text);
  const { openMs, closeMs } = sessions.from(ms);
  return [ms, openMs, closeMs].map((time) => sessions.timeText(time));
}

describe('the clock of a calendar', () => {
  it.each([
    ['new-york', 'America/New_York'],
    ['frankfurt', 'Europe/Berlin'],
    ['london', 'Europe/London'],
    ['tokyo', 'Asia/Tokyo'],
    ['fx-week', 'UTC'],
    [{ like: 'new-york', utcOffset: '-06:00' }, 'America/Chicago'],
  ])('is that of its zone in each half hour of two years: %j', (calendar, zone) => {
    const { instruments } = marketOf({ instruments: [{ symbol: 'S', calendar }] });
    const aheadMs = wallClockOf(instruments[0]!.calendar);
    const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    const wrong: string[] = [];
    for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2028, 0, 1); ms += DAY / 48) {
      const [, offset = 'Z'] = /GMT([+-]\d\d:\d\d)?/.exec(format.format(ms))!;
      const shown = new Date(ms + aheadMs(ms)).toISOString().slice(0, 19);
      if (Date.parse(`${shown}${offset}`) !== ms) wrong.push(new Date(ms).toISOString());
    }
    expect(wrong).toEqual([]);
  });

  it('is told in summer and in winter, east and west', () => {
    expect(clockAt('new-york', '2026-03-09T03:00:00Z')).toEqual([
      ...['2026-03-08T23:00:00-04:00', '2026-03-09T09:30:00-04:00', '2026-03-09T16:00:00-04:00'],
    ]);
    expect(clockAt('new-york', '2026-11-02T02:00:00Z')[1]).toBe('2026-11-02T09:30:00-05:00');
    expect(clockAt('london', '2026-03-30T12:00:00Z')).toEqual([
      ...['2026-03-30T13:00:00+01:00', '2026-03-30T08:00:00+01:00', '2026-03-30T16:30:00+01:00'],
    ]);
    expect(clockAt('london', '2026-01-05T12:00:00Z')[0]).toBe('2026-01-05T12:00:00Z');
    // It closes for lunch.
    expect(clockAt('tokyo', '2026-03-09T03:00:00Z')).toEqual([
      ...['2026-03-09T12:00:00+09:00', '2026-03-09T12:30:00+09:00', '2026-03-09T15:30:00+09:00'],
    ]);
  });

  it('knows no close where one session follows another', () => {
    expect(clockAt('fx-week', '2026-03-11T12:00:00Z').slice(1)).toEqual([
      ...['2026-03-10T22:00:00Z', '2026-03-13T22:00:00Z'],
    ]);
    expect(clockAt('fx-week', '2026-03-14T12:00:00Z').slice(1)).toEqual([
      ...['2026-03-15T22:00:00Z', '2026-03-20T22:00:00Z'],
    ]);
    expect(clockAt('always', '2026-03-14T12:00:00Z').slice(1)).toEqual([
      ...['2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'],
    ]);
  });

  it('has the hours of a calendar of one’s own, with holidays and early closes', () => {
    const own = {
      ...{ like: 'new-york', holidays: ['2026-07-03'], earlyCloses: { '2026-11-27': '13:00' } },
    };
    expect(clockAt(own, '2026-07-03T12:00:00Z')[1]).toBe('2026-07-06T09:30:00-04:00');
    expect(clockAt(own, '2026-11-27T15:00:00Z')[2]).toBe('2026-11-27T13:00:00-05:00');
  });
});

describe('the days of a calendar', () => {
  it('are those of its own clock, a lunch within', () => {
    const tokyo = sessionsOf('tokyo');
    expect(
      ['2026-03-06', '2026-03-07', '2026-03-09'].map((d) => tokyo.isOpenOn(dateOf(d))),
    ).toEqual([...[true, false, true]]);
    expect(tokyo.described(dateOf('2026-03-06'))).toEqual({
      ...{ date: '2026-03-06', open: '09:00', close: '15:30' },
      ...{ session_open: '0000', session_close: '2359', settlement_date: '2026-03-09' },
    });
    expect(sessionsOf('london').described(dateOf('2026-07-01'))).toMatchObject({
      ...{ open: '08:00', close: '16:30' },
    });
    expect(sessionsOf('fx-week').described(dateOf('2026-03-09'))).toMatchObject({
      ...{ date: '2026-03-09', open: '22:00', close: '22:00' },
    });
    expect(sessionsOf('always').described(dateOf('2026-03-07'))).toMatchObject({
      ...{ open: '00:00', close: '23:59' },
    });
  });

  it('close early where they say so, and are none on holidays', () => {
    const own = sessionsOf({
      ...{ like: 'new-york', holidays: ['2026-11-26'], earlyCloses: { '2026-11-27': '13:00' } },
    });
    expect(own.isOpenOn(dateOf('2026-11-26'))).toBe(false);
    expect(own.described(dateOf('2026-11-25'))).toEqual({
      ...{ date: '2026-11-25', open: '09:30', close: '16:00' },
      ...{ session_open: '0400', session_close: '2000', settlement_date: '2026-11-27' },
    });
    expect(own.described(dateOf('2026-11-27'))).toMatchObject({
      ...{ close: '13:00', session_open: '0400', session_close: '1700' },
    });
  });
});
