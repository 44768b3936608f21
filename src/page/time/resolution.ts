import {
  formatDuration,
  parseResolution,
  parseWidth,
  type Resolution,
} from '../../core/market/resolution.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** How a chart cuts bars: some may have no place in it, and others no prices. */
export interface Cut extends Resolution {
  /** Where closed bars have no place: all of them, with numbers of their own. */
  readonly all?: Resolution;
  /** Where they have one: whether a bar is closed from its first row to its last. */
  isShut?(bar: number): boolean;
}

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

/**
 * Where `timeMs` is among the bars: the number of its bar, and which part of it is over; the end of
 * the one before, if it has no place.
 */
export function placeAt(resolution: Cut, timeMs: number): number {
  const bar = resolution.numberOf(timeMs);
  const [start, end] = [resolution.startOf(bar), barEndMs(resolution, bar)];
  return bar + Math.min(1, Math.max(0, (timeMs - start) / (end - start)));
}

/** The right edge of a view that ends with `timeMs`: where that has no place, the bar before it. */
export function edgeAt(resolution: Cut, timeMs: number): number {
  const bar = resolution.numberOf(timeMs);
  return timeMs < barEndMs(resolution, bar) ? placeAt(resolution, timeMs) : bar;
}

/** When bar number `bar` starts; fractions of a bar are allowed. */
export function barStartMs(resolution: Cut, bar: number): number {
  const whole = Math.floor(bar);
  const start = resolution.startOf(whole);
  return bar === whole ? start : start + (bar - whole) * (barEndMs(resolution, whole) - start);
}

/** When bar number `bar` is over. The next may start later. */
export function barEndMs(resolution: Cut, bar: number): number {
  const { all = resolution } = resolution;
  return all.startOf(all.numberOf(resolution.startOf(bar)) + 1);
}

/** The number of the first bar that is not over at `timeMs`. */
export function barFrom(resolution: Cut, timeMs: number): number {
  const bar = resolution.numberOf(timeMs);
  return timeMs < barEndMs(resolution, bar) ? bar : bar + 1;
}

/** The number of the bar that starts at `timeMs`; undefined if it is closed, or none does. */
export function openBarAt(resolution: Cut, timeMs: number): number | undefined {
  const bar = resolution.numberOf(timeMs);
  const isOpen = resolution.isShut?.(bar) !== true;
  return isOpen && resolution.startOf(bar) === timeMs ? bar : undefined;
}

/** How many bars there are from one to another, those without a place included. */
export function barsBetween(resolution: Cut, bar: number, next: number): number {
  const { all = resolution } = resolution;
  if (all === resolution || next <= bar) return next - bar;
  const [first, last] = [bar, next - 1].map((at) => all.numberOf(resolution.startOf(at)));
  return last! + 1 - first!;
}
