import {
  formatDuration,
  parseResolution,
  parseWidth,
  type Resolution,
} from '../../core/market/resolution.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The resolutions with a button and a key of their own. */
export const PRESETS: readonly Resolution[] = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'].map(
  (text) => parseResolution(text)!,
);

/** Whether a market with a row every `intervalMs` has bars of this resolution. */
export function isOffered(resolution: Resolution, intervalMs: number): boolean {
  return resolution.ms >= intervalMs;
}

/** How many calendar months a bar is long; 0 if its width is no number of them. */
export function monthsOf({ text }: Resolution): number {
  const width = parseWidth(text);
  return width?.unit === 'months' ? width.months : 0;
}

/** Whether bars begin with a day, so that a date says which one is meant. */
export function isOfDays({ text, ms }: Resolution): boolean {
  return parseWidth(text)?.unit !== 'clock' || ms % DAY_MS === 0;
}

/** What a page opens with: one minute where the market has it, else the next best. */
export function defaultResolution(intervalMs: number): Resolution {
  const offered = PRESETS.filter((preset) => isOffered(preset, intervalMs));
  const minute = offered.find((preset) => preset.ms >= MINUTE_MS);
  return minute ?? offered.at(-1) ?? parseResolution(formatDuration(intervalMs))!;
}

/** The number of the bar that holds `timeMs`. */
export function barAt(resolution: Resolution, timeMs: number): number {
  return resolution.numberOf(timeMs);
}

/** Where `timeMs` is among the bars: the number of its bar, and which part of it is over. */
export function placeAt(resolution: Resolution, timeMs: number): number {
  const bar = resolution.numberOf(timeMs);
  const [start, end] = [resolution.startOf(bar), resolution.startOf(bar + 1)];
  return bar + (timeMs - start) / (end - start);
}

/** When bar number `bar` starts; fractions of a bar are allowed. */
export function barStartMs(resolution: Resolution, bar: number): number {
  const whole = Math.floor(bar);
  const start = resolution.startOf(whole);
  return start + (bar - whole) * (resolution.startOf(whole + 1) - start);
}
