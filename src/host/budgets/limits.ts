import type { LimitList } from '../limits.ts';

/** Prices add up to more than a timer takes. */
const MOST_WORK = 10 ** 15;

/** What one address may have computed. */
export const BUDGET_LIMITS = {
  workPerSecond: {
    default: 500_000_000,
    most: MOST_WORK,
    reason:
      'In units of one price of a walk (see `cost.ts`): half a core for each, which is 5,000 ' +
      'requests a second.',
    told: 'Prices that are computed for one address in a second, on average.',
  },
  workBurst: {
    default: 10_000_000_000,
    most: MOST_WORK,
    reason:
      'A screen of charts over ten years at once, or an office of 500 whose browsers each ' +
      'load the page and 100 answers.',
    told: 'As many of them at once.',
  },
} as const satisfies LimitList;
