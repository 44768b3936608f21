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
