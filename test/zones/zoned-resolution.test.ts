import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candleStart, parseResolution } from '../../src/core/market/resolution.ts';
import { Zone, zoneNames, zoneOf } from '../../src/zones/zone.ts';
import { zoneCut, zonedResolution } from '../../src/zones/zoned-resolution.ts';
import { countingLooks } from '../helpers/clock-looks.ts';
import { changesOf, DATES, shown, ZONES } from '../helpers/wall-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The starts of the candles in `[fromMs, toMs)`, by looking at the clock now and then. */
function startsByClock(
  zone: string,
  isCut: (now: number, before: number) => boolean,
  fromMs: number,
  toMs: number,
  stepMs: number,
): number[] {
  const starts: number[] = [];
  let before = shown(zone, fromMs - stepMs);
  for (let timeMs = fromMs; timeMs < toMs; ) {
    const now = shown(zone, timeMs);
    if (isCut(now, before)) starts.push(timeMs);
    before = now;
    timeMs += stepMs;
  }
  return starts;
}

function startsOf(text: string, zone: string, fromMs: number, toMs: number): number[] {
  const { numberOf, startOf } = zonedResolution(text, zone)!;
  const starts: number[] = [];
  for (let number = numberOf(fromMs - 1) + 1; startOf(number) < toMs; number++) {
    // Of a date that was left out there is nothing.
    if (startOf(number) < startOf(number + 1)) starts.push(startOf(number));
  }
  return starts;
}

describe.each(ZONES)('candles by the clock of %s', (zone) => {
  const changes = changesOf(zone);
  const middle = changes.slice(changes.length >> 1).slice(0, 1);
  const around = [...changes.slice(0, 4), ...middle, ...changes.slice(-2), Date.UTC(2026, 5)];
  // Some were put at a minute past midnight.
  const isFine = around.some((ms) => ms % (15 * MINUTE_MS) !== 0);
  const lookMs = isFine ? MINUTE_MS : 15 * MINUTE_MS;

  it.each([30, 60, 120, 240, 420])('begin where it shows a multiple of %i minutes', (minutes) => {
    const ms = minutes * MINUTE_MS;
    const isCut = (now: number, before: number) =>
      now % ms === 0 || Math.floor(now / ms) !== Math.floor(before / ms);
    for (const change of around) {
      const fromMs = Math.floor(change / HOUR_MS) * HOUR_MS - 8 * HOUR_MS;
      const toMs = fromMs + 16 * HOUR_MS;
      const starts = startsOf(`${minutes}m`, zone, fromMs, toMs);
      expect(starts, new Date(change).toISOString()).toEqual(
        startsByClock(zone, isCut, fromMs, toMs, lookMs),
      );
    }
  });

  it.each(Object.entries(DATES))(
    'of %s begin where it first shows a later date',
    (text, dateOf) => {
      for (const change of around) {
        const fromMs = Math.floor(change / HOUR_MS) * HOUR_MS - 30 * HOUR_MS;
        const toMs = fromMs + 60 * HOUR_MS;
        let latest = dateOf(shown(zone, fromMs - lookMs));
        const isCut = (now: number) => {
          const isLater = dateOf(now) > latest;
          latest = Math.max(latest, dateOf(now));
          return isLater;
        };
        const starts = startsOf(text, zone, fromMs, toMs);
        expect(starts, new Date(change).toISOString()).toEqual(
          startsByClock(zone, isCut, fromMs, toMs, lookMs),
        );
      }
    },
  );

  it('are numbered without a gap, whichever of them is asked for first', () => {
    const texts = fc.constantFrom('1m', '45m', '1h', '4h', '1d', '5d', '2w', '1mo', '1y');
    const times = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2120, 0) });
    const property = fc.property(texts, times, (text, timeMs) => {
      const { numberOf, startOf, ms } = zonedResolution(text, zone)!;
      const number = numberOf(timeMs);
      expect(startOf(number)).toBeLessThanOrEqual(timeMs);
      expect(startOf(number + 1)).toBeGreaterThan(timeMs);
      // But for those that are cut short by a clock that is put.
      expect(startOf(number + 1) - startOf(number)).toBeLessThanOrEqual(1.1 * ms + DAY_MS);
      expect(numberOf(startOf(number))).toBe(number);
      expect(numberOf(startOf(number) - 1)).toBeLessThan(number);
    });
    fc.assert(property, { seed: 20260131, numRuns: 300 });
  });
});

describe('a cut that is kept', () => {
  it.each(['Asia/Tokyo', 'Asia/Kolkata', 'America/New_York', 'Asia/Singapore'])(
    'numbers candles as before while others ask %s for other times',
    (name) => {
      const times = [2026, 1970, 1950, 2060, 1905, 2026, 1969].map((year) =>
        Date.UTC(year, 10, 30, 5),
      );
      const fresh = new Zone(name);
      const kept = zoneCut(fresh, { unit: 'clock', ms: HOUR_MS });
      const first = kept.numberOf(times[0]!);
      const start = kept.startOf(first);
      for (const timeMs of times) {
        zoneCut(fresh, { unit: 'clock', ms: 4 * HOUR_MS }).numberOf(timeMs);
        fresh.segmentAt(timeMs);
        expect(kept.numberOf(times[0]!)).toBe(first);
        expect(kept.startOf(first)).toBe(start);
        const number = kept.numberOf(timeMs);
        expect(kept.startOf(number)).toBeLessThanOrEqual(timeMs);
        expect(kept.startOf(number + 1)).toBeGreaterThan(timeMs);
        expect(number).toBe(zoneCut(fresh, { unit: 'clock', ms: HOUR_MS }).numberOf(timeMs));
      }
    },
  );
});

describe('a zone', () => {
  it('is known by every name that Intl lists, in any letters', () => {
    for (const name of zoneNames()) {
      expect(zoneOf(name)?.name, name).toBeDefined();
      expect(zoneOf(name.toLowerCase()), name).toBe(zoneOf(name));
    }
  });

  it.each(['', 'Mars/Olympus', '+05:00', '-5', '5', '__proto__', 'America/New_York '])(
    '%j is none',
    (name) => {
      expect(zoneOf(name)).toBeUndefined();
      expect(zonedResolution('1d', name)).toBeUndefined();
    },
  );

  it.each([
    ['Asia/Tokyo', { tz: 'Asia/Tokyo' }],
    ['asia/TOKYO', { tz: 'Asia/Tokyo' }],
    // Another name for America/New_York.
    ['US/Eastern', { tz: 'US/Eastern' }],
    ['UTC', {}],
    ['utc', {}],
  ])('of %s is said in the letters of that name', (name, clock) => {
    expect(zonedResolution('1d', name)!.clock).toEqual(clock);
  });

  it('of UTC cuts as no zone does, and keeps its name', () => {
    for (const text of ['1s', '7h', '1d', '1w', '1mo']) {
      const { key, clock } = zonedResolution(text, 'Etc/UTC')!;
      expect([key, clock]).toEqual([parseResolution(text)!.key, { tz: 'Etc/UTC' }]);
    }
  });

  it('far away in time is as it was before it was first put, or is after all rules', () => {
    const zone = new Zone('America/New_York');
    expect(zone.offsetAt(Date.UTC(1700, 0))).toBe(-(4 * 3600 + 56 * 60 + 2) * 1000);
    expect(zone.offsetAt(Date.UTC(2200, 6))).toBe(-4 * HOUR_MS);
    expect(zone.offsetAt(Date.UTC(2200, 0))).toBe(-5 * HOUR_MS);
  });

  it('has the same segments, whichever time is asked for first', () => {
    const [early, late] = [new Zone('Europe/Berlin'), new Zone('Europe/Berlin')];
    const times = [Date.UTC(1890, 0), Date.UTC(1945, 4, 24), Date.UTC(2030, 0)];
    for (const timeMs of times) early.segmentAt(timeMs);
    for (const timeMs of times.toReversed()) late.segmentAt(timeMs);
    const [fromMs, toMs] = [times[0]!, times.at(-1)!];
    expect(early.segments(fromMs, toMs)).toEqual(late.segments(fromMs, toMs));
  });

  it('is one, however it is spelled', () => {
    const zone = zoneOf('America/New_York');
    for (let n = 0; n < 5000; n++) {
      const letters = [...'america/new_york'].map((letter, at) => {
        return ((n * 2654435761) >>> at) % 2 === 0 ? letter : letter.toUpperCase();
      });
      expect(zoneOf(letters.join(''))).toBe(zone);
    }
    expect(zoneOf('US/Eastern')?.name).toBe(zoneOf('us/eastern')?.name);
  });

  it('is looked at only near what is asked for, each stretch once', () => {
    const counting = countingLooks();
    const looked = counting.during;
    try {
      const zone = new Zone('Europe/Paris');
      // A year: 52 weeks, and two changes found in a week of seconds.
      const most = 110;
      const at = Date.UTC(2026, 4, 2);
      expect(looked(() => zone.segmentAt(at))).toBeLessThanOrEqual(most);
      expect(looked(() => zone.segmentAt(at + DAY_MS))).toBe(0);
      const day = zoneCut(zone, { unit: 'days', days: 1, anchor: 0 });
      // Of a day long ago what lies between is not looked at.
      expect(looked(() => day.numberOf(Date.UTC(1905, 6, 7)))).toBeLessThanOrEqual(most);
      expect(looked(() => day.startOf(day.numberOf(-62_135_596_800_000)))).toBeLessThan(2 * most);
      expect(looked(() => day.startOf(day.numberOf(at)))).toBe(0);
      expect(zone.unseen(at, at)).toBe(0);
      expect(zone.unseen(Date.UTC(1905, 6, 7), at)).toBeGreaterThan(110);
      // Hours are counted from a time near them.
      const hour = zoneCut(new Zone('Europe/Paris'), { unit: 'clock', ms: HOUR_MS }, at);
      expect(looked(() => hour.startOf(hour.numberOf(at) + 1))).toBeLessThanOrEqual(most);
    } finally {
      counting.restore();
    }
  });

  it('is kept for centuries, however many are asked for', () => {
    const zone = new Zone('Europe/Paris');
    const yearsLater = (years: number) => Date.UTC(2026, 4, 2) + years * 366 * DAY_MS;
    for (let years = 0; years < 1200; years++) {
      expect(zone.offsetAt(yearsLater(years))).toBe(shownOffset(years));
    }
    expect(zone.unseen(yearsLater(0), yearsLater(1199))).toBeGreaterThan(600);
    expect(zone.unseen(yearsLater(1190), yearsLater(1199))).toBe(0);
    expect(zone.offsetAt(yearsLater(0))).toBe(2 * HOUR_MS);

    function shownOffset(years: number): number {
      const at = yearsLater(years);
      return shown('Europe/Paris', at) - at;
    }
  });
});

describe('days of New York', () => {
  const day = zonedResolution('1d', 'America/New_York')!;
  it.each([
    ['2026-03-08T05:00Z', 23],
    ['2026-11-01T04:00Z', 25],
    ['2026-07-04T04:00Z', 24],
  ])('the one that begins at %s has %i hours', (text, hours) => {
    const start = Date.parse(text);
    expect(candleStart(day, start + HOUR_MS)).toBe(start);
    const next = day.startOf(day.numberOf(start) + 1);
    expect((next - start) / HOUR_MS).toBe(hours);
  });
});
