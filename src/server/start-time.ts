import { type Grid, MAX_ROWS, timeOf } from '../core/market/grid.ts';
import { formatTime, parseTime } from '../core/market/time.ts';
import { type Anchor, LEAST_SPEED, MOST_SPEED } from '../core/timeline/market-time.ts';

/** The latest time that has a name. */
const LATEST_MS = parseTime('9999-12-31')!;

/** How the time of a market begins. */
export interface StartTime {
  /** Milliseconds since 1970, or RFC 3339 text. Default: the time of the host. */
  readonly at?: number | string;
  /** Milliseconds of the market in one of the host's. Default 1. */
  readonly speed?: number;
  /** Whether it stands still until it is told to go on, at `speed` then. */
  readonly isPaused?: boolean;
}

/** What is wrong with one of them: the rule that it breaks, for whoever knows its name. */
export interface StartTimeProblem {
  readonly field: keyof StartTime;
  readonly rule: string;
  readonly value: unknown;
}

/** What is wrong with them. */
export function startTimeProblems(
  { at, speed = 1, isPaused = false }: StartTime,
  grid: Grid,
): StartTimeProblem[] {
  const problems: StartTimeProblem[] = [];
  const latestMs = Math.min(LATEST_MS, timeOf(grid, MAX_ROWS));
  const atMs = at === undefined ? undefined : timeMs(at);
  if (at !== undefined && !(atMs! >= grid.originMs && atMs! <= latestMs)) {
    const range = `from the origin, ${formatTime(grid.originMs)}, to ${formatTime(latestMs)}`;
    problems.push({ field: 'at', rule: `must be a time ${range}`, value: at });
  }
  if (!(typeof speed === 'number' && speed >= LEAST_SPEED && speed <= MOST_SPEED)) {
    const range = `from ${LEAST_SPEED} to ${MOST_SPEED}`;
    problems.push({ field: 'speed', rule: `must be a number ${range}`, value: speed });
  }
  if (typeof isPaused !== 'boolean') {
    problems.push({ field: 'isPaused', rule: 'must be true or false', value: isPaused });
  }
  return problems;
}

/** The anchors that a market begins with, by the host's clock; what is given is right. */
export function startAnchors(
  { at, speed = 1, isPaused = false }: StartTime,
  hostMs: number,
): readonly Anchor[] {
  if (at === undefined && speed === 1 && !isPaused) return [];
  const marketMs = at === undefined ? hostMs : timeMs(at)!;
  const anchor = { hostMs, marketMs, speed };
  // The first says how fast it goes on when the pause ends.
  return isPaused ? [anchor, { ...anchor, speed: 0 }] : [anchor];
}

function timeMs(at: number | string): number | undefined {
  return typeof at === 'string' ? parseTime(at) : Math.floor(at);
}
