import { DAY_MS } from '../time.ts';
import { type CalendarSpec, offsetMs, ownOf } from './calendar-spec.ts';
import { isSummer } from './dates.ts';

const HOUR_MS = 3_600_000;

/**
 * How far the clock of a calendar is ahead of UTC at a time, in milliseconds. Clocks are moved by
 * night: in the United States at two by their own time, in Europe at one in UTC. Hours know of days
 * alone, as nothing trades then.
 */
export function wallClockOf(calendar: CalendarSpec): (timeMs: number) => number {
  const { utcOffset, daylightSaving } = ownOf(calendar);
  const winterMs = offsetMs(utcOffset)!;
  return (timeMs) => {
    const day = Math.floor((timeMs + winterMs) / DAY_MS);
    const [was, is] = [isSummer(daylightSaving, day - 1), isSummer(daylightSaving, day)];
    const atMs = timeMs + winterMs - day * DAY_MS;
    const movedMs = daylightSaving === 'eu' ? HOUR_MS + winterMs : is ? 2 * HOUR_MS : HOUR_MS;
    return winterMs + ((atMs < movedMs ? was : is) ? HOUR_MS : 0);
  };
}
