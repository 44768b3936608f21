import type { ChartType } from './chart/series.ts';

export type Theme = 'dark' | 'light';

/** What a link says: a view that anyone can open. What is absent is as the page would choose. */
export interface UrlState {
  readonly symbol?: string | undefined;
  readonly resolution?: string | undefined;
  readonly type?: ChartType | undefined;
  /** Whether volumes are shown. */
  readonly volume?: boolean | undefined;
  /** Whether there is room for the time in which an instrument is closed. */
  readonly nights?: boolean | undefined;
  /** The time at the right edge; absent means live. */
  readonly atMs?: number | undefined;
  /** How many bars wide. */
  readonly bars?: number | undefined;
  /** Its name, which nobody may know. */
  readonly zone?: string | undefined;
  readonly theme?: Theme | undefined;
}

const TYPES: readonly string[] = ['candles', 'line', 'area'] satisfies ChartType[];

/**
 * The state that a query string tells. What cannot be read is left out here, and said by
 * `addressProblems`.
 */
export function readUrl(query: string): UrlState {
  const values = new URLSearchParams(query);
  const text = (key: string) => values.get(key) ?? '';
  const type = text('type');
  const atMs = parseAt(text('at'));
  const bars = Number(/^\d+(\.\d+)?$/.exec(text('bars'))?.[0]);
  const isOn = (key: string) => text(key) === 'on' || (text(key) === 'off' ? false : undefined);
  const theme = text('theme');
  return {
    symbol: text('s') || undefined,
    resolution: text('r') || undefined,
    type: TYPES.includes(type) ? (type as ChartType) : undefined,
    volume: isOn('volume'),
    nights: isOn('nights'),
    atMs,
    bars: bars > 0 && Number.isFinite(bars) ? bars : undefined,
    zone: text('tz') || undefined,
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
  };
}

const TIME = /^(\d{4}-\d\d-\d\d)(T\d\d(:\d\d){2}(\.\d+)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * The time that an RFC 3339 date-time or date says, in milliseconds; undefined if it says none. A
 * `+` that came unescaped is a space by now.
 */
export function parseAt(text: string): number | undefined {
  const time = text.toUpperCase().replace(/ (?=\d\d:\d\d$)/, '+');
  const date = TIME.exec(time)?.[1];
  // Some browsers take the 31st of February for the 3rd of March.
  const isDate = date !== undefined && isoText(Date.parse(date) || 0).startsWith(date);
  const timeMs = isDate ? Date.parse(time) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** The query string for a state, `?` included. */
export function writeUrl(state: UrlState): string {
  const { symbol, resolution, type, atMs, bars, zone, theme } = state;
  const values = new URLSearchParams();
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined) values.set(key, value);
  };
  set('s', symbol);
  set('r', resolution);
  set('type', type);
  for (const name of ['volume', 'nights'] as const) {
    const isOn = state[name];
    if (isOn !== undefined) set(name, isOn ? 'on' : 'off');
  }
  set('at', atMs === undefined ? undefined : isoText(atMs));
  set('bars', bars === undefined ? undefined : String(Math.round(bars * 10) / 10));
  set('tz', zone);
  set('theme', theme);
  // Colons and slashes are allowed in a query: dates and zones are meant to be read.
  return `?${values.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** `2026-11-01T12:00:00Z`, with milliseconds only where there are any. */
export function isoText(timeMs: number): string {
  return new Date(Math.round(timeMs)).toISOString().replace('.000Z', 'Z');
}
