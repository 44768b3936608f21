import { parseResolution, type Resolution } from '../../core/market/resolution.ts';

/** The clock that times are shown by, and that cuts bars. */
export interface ShownZone {
  /** As an address says it: `utc`, `local`, or a name such as `Asia/Tokyo`. */
  readonly text: string;
  /** How far the clock is ahead of UTC. */
  offsetAt(timeMs: number): number;
  /** `width`, such as `1d`, as this clock cuts it; undefined if it is none. */
  cut(width: string): Resolution | undefined;
}

export const UTC: ShownZone = {
  text: 'utc',
  offsetAt: () => 0,
  cut: (width) => parseResolution(width),
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The instant at which the clock shows `wallMs`; the first if it shows it twice. */
export function instantOf(zone: ShownZone, wallMs: number): number {
  const [before, after] = [zone.offsetAt(wallMs - DAY_MS), zone.offsetAt(wallMs + DAY_MS)];
  const [early, late] = [wallMs - before, wallMs - after];
  const isNotYet = zone.offsetAt(early) !== before && zone.offsetAt(late) === after;
  return isNotYet ? late : early;
}

/** Whether the clock shows this time twice, as in the hour when summer time ends. */
export function isRepeated(zone: ShownZone, timeMs: number): boolean {
  const here = zone.offsetAt(timeMs);
  for (const aroundMs of [-180 * MINUTE_MS, 180 * MINUTE_MS]) {
    const there = zone.offsetAt(timeMs + aroundMs);
    if (there !== here && zone.offsetAt(timeMs + here - there) === there) return true;
  }
  return false;
}

/** `UTC`, or the offset of the clock at `timeMs`: `UTC−5`, `UTC+5:30`. */
export function zoneName(zone: ShownZone, timeMs: number): string {
  const minutes = Math.round(zone.offsetAt(timeMs) / MINUTE_MS);
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? '' : `:${String(size % 60).padStart(2, '0')}`;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest}`;
}

/** Why the zone of this name is not the one that is shown. */
export function lostZone(text: string): string {
  return `The server does not have the time zone "${text}" as this browser does, so UTC is taken.`;
}

/** How a column of times is headed: `UTC`, `local`, `Asia/Tokyo`. */
export function zoneTitle({ text }: ShownZone): string {
  return text === UTC.text ? 'UTC' : text;
}
