import { quoted } from '../core/market/quoted.ts';
import { formatTime } from '../core/market/time.ts';
import { type Clock, shiftedClock, systemClock } from '../host/clock.ts';
import { UsageError } from './usage-error.ts';

/** Only tests set it, so no option and no document for users names it. */
export const CLOCK_VARIABLE = 'TICKWELL_TEST_CLOCK_OFFSET_MS';
/** A hundred years: what is further is a mistake, such as a time where an offset should be. */
const MOST_OFFSET_MS = 100 * 365.25 * 86_400_000;

/** The clock that this process goes by. */
interface ProgramClock {
  readonly clock: Clock;
  /** What to tell whoever looks, if it is not the system's. */
  readonly warning?: string;
}

/** The system's clock, or the one a test has set; throws a `UsageError` if that is invalid. */
export function programClock(): ProgramClock {
  const text = process.env[CLOCK_VARIABLE];
  if (text === undefined) return { clock: systemClock };
  const offsetMs = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(offsetMs) <= MOST_OFFSET_MS)) {
    const rule = `a whole number of milliseconds, from -${MOST_OFFSET_MS} to ${MOST_OFFSET_MS}`;
    throw new UsageError([`${CLOCK_VARIABLE} must be ${rule}; given: ${quoted(text)}`]);
  }
  const clock = shiftedClock(offsetMs);
  const now = formatTime(clock.nowMs());
  return {
    clock,
    warning:
      `a test clock is in use, by which it is ${now}; unset ${CLOCK_VARIABLE} for the real ` +
      'time',
  };
}

/** The time; says so on standard error if it is not the real one. */
export function programNowMs(): number {
  const { clock, warning } = programClock();
  if (warning !== undefined) process.stderr.write(`tickwell: ${warning}\n`);
  return clock.nowMs();
}
