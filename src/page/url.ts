import type { ChartType } from './chart/pane.ts';
import type { Zone } from './time/zone.ts';

export type Theme = 'dark' | 'light';

/** What a link says: a view that anyone can open. What is absent is as the page would choose. */
export interface UrlState {
  readonly symbol?: string;
  readonly resolution?: string;
  readonly type?: ChartType;
  /** Whether volumes are shown. */
  readonly volume?: boolean;
  /** The time at the right edge; absent means live. */
  readonly atMs?: number;
  /** How many bars wide. */
  readonly bars?: number;
  readonly zone?: Zone;
  readonly theme?: Theme;
}

const TYPES: readonly string[] = ['candles', 'line', 'area'] satisfies ChartType[];

/** The state that a query string tells; what cannot be read is left out. */
export function readUrl(query: string): UrlState {
  const values = new URLSearchParams(query);
  const text = (key: string) => values.get(key) ?? '';
  const type = text('type');
  const atMs = Date.parse(text('at'));
  const bars = Number(text('bars'));
  const volume = text('volume');
  const zone = text('tz');
  const theme = text('theme');
  return {
    ...(text('s') === '' ? {} : { symbol: text('s') }),
    ...(text('r') === '' ? {} : { resolution: text('r') }),
    ...(TYPES.includes(type) ? { type: type as ChartType } : {}),
    ...(volume === 'on' || volume === 'off' ? { volume: volume === 'on' } : {}),
    ...(Number.isNaN(atMs) ? {} : { atMs }),
    ...(bars > 0 && Number.isFinite(bars) ? { bars } : {}),
    ...(zone === 'utc' || zone === 'local' ? { zone } : {}),
    ...(theme === 'dark' || theme === 'light' ? { theme } : {}),
  };
}

/** The query string for a state, `?` included. */
export function writeUrl(state: UrlState): string {
  const { symbol, resolution, type, volume, atMs, bars, zone, theme } = state;
  const values = new URLSearchParams();
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined) values.set(key, value);
  };
  set('s', symbol);
  set('r', resolution);
  set('type', type);
  set('volume', volume === undefined ? undefined : volume ? 'on' : 'off');
  set('at', atMs === undefined ? undefined : isoText(atMs));
  set('bars', bars === undefined ? undefined : String(Math.round(bars * 10) / 10));
  set('tz', zone);
  set('theme', theme);
  // Colons are allowed in a query, and a date is meant to be read.
  return `?${values.toString().replaceAll('%3A', ':')}`;
}

/** `2026-11-01T12:00:00Z`, with milliseconds only where there are any. */
export function isoText(timeMs: number): string {
  return new Date(Math.round(timeMs)).toISOString().replace('.000Z', 'Z');
}
