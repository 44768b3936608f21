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
  maxInstrumentEffects: {
    default: 200_000,
    most: 10_000_000,
    reason:
      'What is done to an instrument takes some 800 bytes for each effect: 160 MB in all. One ' +
      'that is for all instruments counts as often as there are some.',
    told: 'The same, where each counts as often as there are instruments that it is for.',
  },
} as const satisfies LimitList;

export type ControlLimits = LimitsOf<typeof CONTROL_LIMITS>;
