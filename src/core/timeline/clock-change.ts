import { type Grid, headAt, timeOf } from '../market/grid.ts';
import { ruleBroken } from '../market/quoted.ts';
import { parseDuration } from '../market/resolution.ts';
import { unknownName } from '../market/unknown.ts';
import { type Anchor, isSpeed, LEAST_SPEED, type MarketTime, MOST_SPEED } from './market-time.ts';

/** What is done to the time of a market: one of these. */
export type ClockChange =
  | { readonly speed: number }
  /** When it ends, time goes on as fast as before. */
  | { readonly paused: boolean }
  /** So many rows more, or so many milliseconds, of a market that stands still. */
  | { readonly stepRows: number }
  | { readonly stepMs: number };

export type ClockCheck =
  | { readonly ok: true; readonly change: ClockChange }
  | { readonly ok: false; readonly problem: string };

/** A step of more is a mistake: ten years of a row each second. */
const MOST_STEP_ROWS = 315_360_000;
const MOST_STEP_MS = 10 * 365.25 * 86_400_000;

const NAMES = ['speed', 'paused', 'step'];
export const SPEED_RULE = `must be a number from ${LEAST_SPEED} to ${MOST_SPEED}, or 0 for a pause`;
const STEP_RULE = `must be a number of rows from 1 to ${MOST_STEP_ROWS}, or a time such as 10s`;

/** What somebody says is to be done to the time of a market: `{"step": "10s"}`. */
export function checkClockChange(input: Readonly<Record<string, unknown>>): ClockCheck {
  const [name, ...others] = Object.keys(input);
  if (name === undefined || others.length > 0) {
    return wrong(`a change of the clock must be one of ${NAMES.join(', ')}`);
  }
  if (!NAMES.includes(name)) return wrong(unknownName({ kind: 'field', name, known: NAMES }));
  const value = input[name];
  if (name === 'paused') {
    if (typeof value === 'boolean') return { ok: true, change: { paused: value } };
    return wrong(ruleBroken('paused', 'must be true or false', value));
  }
  if (name === 'speed') {
    if (isSpeed(value)) return { ok: true, change: { speed: value } };
    return wrong(ruleBroken('speed', SPEED_RULE, value));
  }
  const change = stepOf(value);
  return change === undefined ? wrong(ruleBroken('step', STEP_RULE, value)) : { ok: true, change };
}

function stepOf(value: unknown): ClockChange | undefined {
  if (typeof value === 'string') {
    const stepMs = parseDuration(value) ?? 0;
    return stepMs >= 1 && stepMs <= MOST_STEP_MS ? { stepMs } : undefined;
  }
  const isRows = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_STEP_ROWS;
  return isRows ? { stepRows: Number(value) } : undefined;
}

/** Why `time` cannot be changed so now, as one sentence; undefined if it can. */
export function clockProblem(time: MarketTime, change: ClockChange): string | undefined {
  const isStep = 'stepRows' in change || 'stepMs' in change;
  if (!isStep || time.newest.speed === 0) return undefined;
  const { speed } = time.newest;
  return `step must be of a market that stands still: pause it first; its speed is ${speed}`;
}

/** When a change is made: by the host's clock, and the first row that nobody has been given. */
export interface ChangeTime {
  readonly hostMs: number;
  readonly index: number;
}

/**
 * The anchor that a change makes: rows from `index` on obey it, those before it are due by `time`
 * as it is. So whoever knows the anchor before its own row `index` has the same rows, however late
 * it comes to know.
 */
export function changedAt(
  time: MarketTime,
  grid: Grid,
  change: ClockChange,
  { hostMs, index }: ChangeTime,
): Anchor {
  const { newest } = time;
  const earliestMs = Math.max(hostMs, newest.hostMs);
  const arrivesMs = time.hostMs(timeOf(grid, index - 1));
  // A market that stands still gets nowhere: there it is changed as it is.
  const isLater = Number.isFinite(arrivesMs) && arrivesMs > earliestMs;
  const atMs = isLater ? arrivesMs : earliestMs;
  const arrivedMs = isLater ? timeOf(grid, index - 1) : time.marketMs(earliestMs);
  const marketMs = Math.max(newest.marketMs, arrivedMs);
  const anchor = { hostMs: atMs, marketMs };
  if ('speed' in change) return { ...anchor, speed: change.speed };
  if ('paused' in change) return { ...anchor, speed: change.paused ? 0 : time.pace };
  const stepped =
    'stepMs' in change
      ? marketMs + change.stepMs
      : timeOf(grid, headAt(grid, marketMs) + change.stepRows - 1);
  return { hostMs: atMs, marketMs: stepped, speed: 0 };
}

function wrong(problem: string): ClockCheck {
  return { ok: false, problem };
}
