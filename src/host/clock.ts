/** The time, as this server reads it: the only place that does. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. May step either way. */
  nowMs(): number;
  /** Milliseconds since some moment; never steps, but stops while the machine is suspended. */
  steadyMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
};

/**
 * The system's clock, read `offsetMs` ahead of what it shows, or behind if that is negative.
 *
 * An offset rather than a time to begin at: processes that share it agree, whenever each was
 * started, and one that is killed and comes back finds that time went on.
 */
export function shiftedClock(offsetMs: number): Clock {
  return { ...systemClock, nowMs: () => systemClock.nowMs() + offsetMs };
}
