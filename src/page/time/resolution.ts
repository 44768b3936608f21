const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** The epoch was a Thursday; weeks start on the Monday before it, on the server as well. */
const FIRST_MONDAY_MS = -3 * DAY_MS;
/** As on the server: ten years of weeks. */
const WIDEST_MS = 520 * WEEK_MS;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: WEEK_MS,
};

/** The width of a bar, and where bar 0 starts. */
export interface Resolution {
  /** As on the wire and in the URL: `15m`. */
  readonly text: string;
  readonly ms: number;
  readonly anchorMs: number;
}

/** The resolutions with a button and a key of their own. */
export const PRESETS: readonly Resolution[] = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'].map(
  (text) => parseResolution(text)!,
);

/** The resolution that `text` names; undefined where it names none. */
export function parseResolution(text: string): Resolution | undefined {
  const match = /^(\d{1,6})(ms|s|m|h|d|w)$/.exec(text.trim());
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  const count = Number(match?.[1]);
  if (unitMs === undefined || !(count > 0) || count * unitMs > WIDEST_MS) return undefined;
  return {
    text: `${count}${match![2]}`,
    ms: count * unitMs,
    anchorMs: unitMs === WEEK_MS ? FIRST_MONDAY_MS : 0,
  };
}

/** Whether a market with a row every `intervalMs` has bars of this resolution. */
export function isOffered(resolution: Resolution, intervalMs: number): boolean {
  return resolution.ms >= intervalMs && resolution.ms % intervalMs === 0;
}

/** What a page opens with: one minute where the market has it, else the next best. */
export function defaultResolution(intervalMs: number): Resolution {
  const offered = PRESETS.filter((preset) => isOffered(preset, intervalMs));
  const minute = offered.find((preset) => preset.ms >= MINUTE_MS);
  return minute ?? offered.at(-1) ?? parseResolution(intervalText(intervalMs))!;
}

/** The number of the bar that holds `timeMs`; bars are numbered from the epoch. */
export function barAt(resolution: Resolution, timeMs: number): number {
  return Math.floor((timeMs - resolution.anchorMs) / resolution.ms);
}

/** When bar number `bar` starts; fractions of a bar are allowed. */
export function barStartMs(resolution: Resolution, bar: number): number {
  return resolution.anchorMs + bar * resolution.ms;
}

function intervalText(intervalMs: number): string {
  return intervalMs % SECOND_MS === 0 ? `${intervalMs / SECOND_MS}s` : `${intervalMs}ms`;
}
