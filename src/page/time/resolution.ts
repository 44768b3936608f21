import { formatDuration, parseResolution, type Resolution } from '../../core/market/resolution.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The resolutions with a button and a key of their own. */
export const PRESETS: readonly Resolution[] = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'].map(
  (text) => parseResolution(text)!,
);

/** Whether a market with a row every `intervalMs` has bars of this resolution. */
export function isOffered(resolution: Resolution, intervalMs: number): boolean {
  return resolution.ms >= intervalMs && resolution.ms % intervalMs === 0;
}

/** What a page opens with: one minute where the market has it, else the next best. */
export function defaultResolution(intervalMs: number): Resolution {
  const offered = PRESETS.filter((preset) => isOffered(preset, intervalMs));
  const minute = offered.find((preset) => preset.ms >= MINUTE_MS);
  return minute ?? offered.at(-1) ?? parseResolution(formatDuration(intervalMs))!;
}

/** The number of the bar that holds `timeMs`; bars are numbered from the epoch. */
export function barAt(resolution: Resolution, timeMs: number): number {
  return Math.floor((timeMs - resolution.anchorMs) / resolution.ms);
}

/** When bar number `bar` starts; fractions of a bar are allowed. */
export function barStartMs(resolution: Resolution, bar: number): number {
  return resolution.anchorMs + bar * resolution.ms;
}
