import { zoneOf } from '../../src/zones/zone.ts';

/** What wall clocks show, as `Intl` spells it out: to cut candles by, in another way than we do. */

/** Zones whose clocks were put in every way: by half an hour, at midnight, over a day, never. */
export const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'America/Caracas',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Pacific/Chatham',
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Asia/Pyongyang',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Antarctica/Troll',
];
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clock of a zone shows, as if it were UTC; as `Intl` spells it out. */
export function shown(zone: string, timeMs: number): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(zone, format);
  const [month, day, year, hour, minute, second] = format.format(timeMs).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** The changes of a zone's clock since 1975, of which some are odd. */
export function changesOf(name: string): number[] {
  const segments = zoneOf(name)!.segments(Date.UTC(1975, 0), Date.UTC(2040, 0) - 1);
  const isPut = (n: number) => n > 0 && segments[n]!.offsetMs !== segments[n - 1]!.offsetMs;
  return segments.filter((_, n) => isPut(n)).map(({ fromMs }) => fromMs);
}

/** The widths of the calendar, and the number of the date that a clock shows in each. */
export const DATES: Readonly<Record<string, (shownMs: number) => number>> = {
  '1d': (ms) => Math.floor(ms / DAY_MS),
  '3d': (ms) => Math.floor(ms / DAY_MS / 3),
  '1w': (ms) => Math.floor((ms / DAY_MS + 3) / 7),
  '1mo': (ms) => monthOf(ms),
  '3mo': (ms) => Math.floor(monthOf(ms) / 3),
  '1y': (ms) => new Date(ms).getUTCFullYear(),
};

function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
