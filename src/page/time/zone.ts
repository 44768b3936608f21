/** The clock that times are shown in. Days and weeks are always UTC: that is how they are cut. */
export type Zone = 'utc' | 'local';

const MINUTE_MS = 60_000;

/** What to add to a UTC time to read it off a clock in `zone`. */
export function offsetMs(zone: Zone, timeMs: number): number {
  return zone === 'utc' ? 0 : -new Date(timeMs).getTimezoneOffset() * MINUTE_MS;
}

/** The instant at which a clock in `zone` shows `wallMs`; the first if it shows it twice. */
export function instantOf(zone: Zone, wallMs: number): number {
  if (zone === 'utc') return wallMs;
  const wall = new Date(wallMs);
  return new Date(
    wall.getUTCFullYear(),
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
    wall.getUTCMilliseconds(),
  ).getTime();
}

/** Whether a clock in `zone` shows this time twice, as in the hour when summer time ends. */
export function isRepeated(zone: Zone, timeMs: number): boolean {
  if (zone === 'utc') return false;
  const here = offsetMs(zone, timeMs);
  for (const aroundMs of [-180 * MINUTE_MS, 180 * MINUTE_MS]) {
    const there = offsetMs(zone, timeMs + aroundMs);
    if (there !== here && offsetMs(zone, timeMs + here - there) === there) return true;
  }
  return false;
}

/** `UTC`, or the offset of the local clock at `timeMs`: `UTC−5`, `UTC+5:30`. */
export function zoneName(zone: Zone, timeMs: number): string {
  if (zone === 'utc') return 'UTC';
  const minutes = offsetMs(zone, timeMs) / MINUTE_MS;
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? '' : `:${String(size % 60).padStart(2, '0')}`;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest}`;
}
