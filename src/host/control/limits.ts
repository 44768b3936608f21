import type { LimitList, LimitsOf } from '../limits.ts';

/** Of what is done to a market. */
export const CONTROL_LIMITS = {
  maxEffects: {
    default: 2000,
    most: 100_000,
    reason:
      'Each row of an instrument is found among all that were done to it: a thousand on one take ' +
      'less than 2 ms for a row that was never asked for.',
    told: 'Effects in the log of a market, of all events and scenarios together.',
  },
} as const satisfies LimitList;

export type ControlLimits = LimitsOf<typeof CONTROL_LIMITS>;
