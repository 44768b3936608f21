/**
 * How a jump is spread over time: by the logarithm, so that each factor of time brings as much of
 * it, from seconds to hours.
 */
import { log } from '../../random/kernels.ts';

/** Ten seconds and seven hours of a day round the clock. */
const FIRST_DAYS = 0.00012;
export const BURST_DAYS = 0.3;
const WHOLE = log(1 + BURST_DAYS / FIRST_DAYS);

/** The part of a jump that is done `days` after it began. */
export function burstAt(days: number): number {
  if (days <= 0) return 0;
  return days < BURST_DAYS ? log(1 + days / FIRST_DAYS) / WHOLE : 1;
}
