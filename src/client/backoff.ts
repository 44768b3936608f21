const BASE_MS = 500;
const CAP_MS = 20_000;

/**
 * How long to wait before attempt number `attempt` (1, 2, …): anything from nothing to a bound that
 * doubles from 0.5 s to 20 s. Full jitter spreads the clients of a restarted server evenly.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function backoffMs(attempt: number, random: () => number): number {
  const boundMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 30));
  return random() * boundMs;
}
