import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressProblems, type Showing, timeProblem } from '../../src/page/problems.ts';
import { parseAt, readUrl, type UrlState, writeUrl } from '../../src/page/url.ts';

test('a link reads as it is meant to be written', () => {
  const query =
    '?s=ticker_07&r=1m&type=candles&volume=on&nights=off&at=2026-11-01T12:00:00Z&bars=120&tz=utc&theme=dark';
  const state = readUrl(query);
  expect(state).toEqual({
    symbol: 'ticker_07',
    resolution: '1m',
    type: 'candles',
    volume: true,
    nights: false,
    atMs: Date.parse('2026-11-01T12:00:00Z'),
    bars: 120,
    zone: 'utc',
    theme: 'dark',
  });
  expect(writeUrl(state)).toBe(query);
});

test('what cannot be read is left out', () => {
  expect(readUrl('?type=pie&volume=loud&nights=gaps&at=tomorrow&bars=-3&theme=pink&s=')).toEqual(
    {},
  );
});

test('every state survives the way through a link', () => {
  const states = fc.record(
    {
      symbol: fc.string({ minLength: 1 }),
      resolution: fc.constantFrom('1s', '45m', '2w'),
      type: fc.constantFrom('candles', 'line', 'area'),
      volume: fc.boolean(),
      nights: fc.boolean(),
      atMs: fc.integer({ min: 0, max: 4e12 }),
      bars: fc.integer({ min: 1, max: 4_000 }),
      zone: fc.constantFrom('utc', 'local', 'America/New_York', 'Etc/GMT+5'),
      theme: fc.constantFrom('dark', 'light'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<UrlState>;
  fc.assert(
    fc.property(states, (state) => {
      expect(readUrl(writeUrl(state))).toEqual(state);
    }),
  );
});

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const showing: Showing = {
  symbols: ['AUREL', 'NIMBO', 'VELAR'],
  intervalMs: 1_000,
  earliest: Date.parse('2025-11-29T00:00:00Z'),
  now: NOW_MS,
  bars: { least: 8.4, most: 480.6 },
  taken: {
    ...{ s: 'AUREL', r: '1m', type: 'candles', volume: 'on', nights: 'off' },
    ...{ tz: 'utc', theme: 'dark' },
  },
  timeText: (timeMs) => new Date(timeMs).toISOString(),
};

test.each([
  ['s=nimbo', 'There is no instrument "nimbo", so AUREL is shown; did you mean "NIMBO"?'],
  ['s=', 'There is no instrument "", so AUREL is shown.'],
  ['symbol=NIMBO', 'There is no parameter "symbol", so it is left out; did you mean "s"?'],
  ['thme=dark', 'There is no parameter "thme", so it is left out; did you mean "theme"?'],
  [
    'utm=1',
    'There is no parameter "utm", so it is left out; there are s, r, type, volume, nights, at, bars, tz, theme.',
  ],
  [
    'r=abc',
    'There is no resolution "abc", so 1m is taken; it is a number and a unit, such as 15m.',
  ],
  ['r=7x', 'There is no resolution "7x", so 1m is taken; it is a number and a unit, such as 15m.'],
  ['r=1H', 'There is no resolution "1H", so 1m is taken; did you mean "1h"?'],
  ['r=15min', 'There is no resolution "15min", so 1m is taken; did you mean "15m"?'],
  [
    'r=999ms',
    'There is no resolution "999ms", so 1m is taken; the narrowest is 1s, the time between two prices.',
  ],
  ['r=521w', 'There is no resolution "521w", so 1m is taken; the widest are 520w and 10y.'],
  ['r=121mo', 'There is no resolution "121mo", so 1m is taken; the widest are 520w and 10y.'],
  ['r=11y', 'There is no resolution "11y", so 1m is taken; the widest are 520w and 10y.'],
  ['r=3M', 'There is no resolution "3M", so 1m is taken; did you mean "3mo"?'],
  ['r=3 months', 'There is no resolution "3 months", so 1m is taken; did you mean "3mo"?'],
  ['r=1Q', 'There is no resolution "1Q", so 1m is taken; did you mean "3mo"?'],
  ['r=60', 'There is no resolution "60", so 1m is taken; did you mean "60m"?'],
  ['r=2years', 'There is no resolution "2years", so 1m is taken; did you mean "2y"?'],
  ['type=lines', 'There is no chart type "lines", so candles is taken; did you mean "line"?'],
  ['type=foo', 'There is no chart type "foo", so candles is taken; there are candles, line, area.'],
  ['volume=1', 'There is no volume setting "1", so on is taken; there are on, off.'],
  ['nights=gaps', 'There is no nights setting "gaps", so off is taken; there are on, off.'],
  [
    'tz=mars',
    'There is no time zone "mars", so UTC is taken; there are utc, local, and names such as Europe/Paris.',
  ],
  ['tz=lokal', 'There is no time zone "lokal", so UTC is taken; did you mean "local"?'],
  [
    'tz=newyork',
    'There is no time zone "newyork", so UTC is taken; did you mean "America/New_York"?',
  ],
  ['tz=Tokyo', 'There is no time zone "Tokyo", so UTC is taken; did you mean "Asia/Tokyo"?'],
  [
    'tz=Asia/Tokyo',
    'The server does not have the time zone "Asia/Tokyo" as this browser does, so UTC is taken.',
  ],
  ['theme=blue', 'There is no theme "blue", so dark is taken; there are dark, light.'],
  [
    'bars=-1',
    'There is no width of "-1" bars, so as many as fit are shown; it is a number, such as 120.',
  ],
  [
    'bars=9000',
    'There is no width of "9000" bars, so 481 are shown; this window has room for 9 to 480.',
  ],
  [
    'at=tomorrow',
    'There is no time "tomorrow", so the newest prices are shown; a time is written as 2026-11-01T12:00:00Z.',
  ],
  ['at=2025-01-01', 'There are no prices before 2025-11-29T00:00:00.000Z, so the first are shown.'],
  [
    'at=2027-01-01T00:00:00Z',
    'There are no prices after now, 2026-11-29T12:00:00.000Z, so the newest are shown.',
  ],
  ['tz=utc&tz=local', 'There is more than one tz, so the first is taken.'],
])('an address that says %s is told why not, and what is shown instead', (query, sentence) => {
  expect(addressProblems(`?${query}`, showing)).toEqual([sentence]);
});

test('all problems of an address are told, in its order', () => {
  const problems = addressProblems('?r=abc&s=AUREL&tz=mars&foo=1&_=17', showing);
  expect(problems.map((problem) => /"(\w+)"/.exec(problem)?.[1])).toEqual(['abc', 'mars', 'foo']);
});

test('of many problems the first nine are told, and how many there are beside', () => {
  const query = Array.from({ length: 60 }, (_, n) => `a${n}=1`).join('&');
  const problems = addressProblems(`?${query}`, showing);
  expect(problems).toHaveLength(10);
  expect(problems[8]).toContain('"a8"');
  expect(problems[9]).toBe('There are 51 more.');
  const [last] = addressProblems('?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1', showing).slice(-1);
  expect(last).toBe('There is 1 more.');
});

test('an address that can be shown, and one with names of its own, has no problems', () => {
  for (const query of [
    '',
    '?_=1&_cache=2',
    '?s=NIMBO&r=15m&type=area&volume=off&at=2026-11-01T12:00:00Z&bars=120.5&tz=UTC&theme=light',
    '?r=1500ms',
    '?r=1mo&tz=utc',
    '?r=520w&bars=8.4&at=2025-11-29',
    '?at=2026-11-01T12:00:00+01:00',
  ]) {
    expect(addressProblems(query, showing), query).toEqual([]);
  }
});

test('what the page writes it takes back without a problem', () => {
  const query = writeUrl({ symbol: 'VELAR', resolution: '45m', atMs: NOW_MS - 1, bars: 480.64 });
  expect(addressProblems(query, showing)).toEqual([]);
});

test('a time is before the market, within it, or after now', () => {
  expect(timeProblem(showing.earliest, showing)).toBeUndefined();
  expect(timeProblem(showing.earliest - 1, showing)).toContain('before');
  expect(timeProblem(NOW_MS, showing)).toBeUndefined();
  expect(timeProblem(NOW_MS + 1, showing)).toContain('after now');
});

test('a time that is no date, has no zone or is not written as RFC 3339 says is none', () => {
  for (const text of ['', '5', '1767225600', '2026-02-31', '2026-11-01T12:00:00', 'Nov 1 2026']) {
    expect(parseAt(text), text).toBeUndefined();
  }
  expect(parseAt('2026-11-01')).toBe(Date.parse('2026-11-01T00:00:00Z'));
  expect(parseAt('2026-11-01T12:00:00 05:30')).toBe(Date.parse('2026-11-01T06:30:00Z'));
});
