import { ACCESS_LIMITS } from './access/limits.ts';
import { BUDGET_LIMITS } from './budgets/limits.ts';
import { CONTROL_LIMITS } from './control/limits.ts';
import { HTTP_LIMITS } from './http/limits.ts';
import type { LimitList, LimitsOf } from './limits.ts';

/** Of the process itself: its event loop and its clock. */
export const PROCESS_LIMITS = {
  sliceMs: {
    default: 5,
    most: 1000,
    reason:
      'Long work gives the event loop back this often, so that live rows are never late by ' +
      'more.',
    told: 'Long work lets live rows pass this often.',
  },
  aheadMs: {
    default: 2000,
    reason:
      "Replicas' clocks differ: a cursor this far ahead of the head waits instead of failing.",
    told: 'A cursor this far ahead of the head waits instead of being cursor_ahead.',
  },
} as const satisfies LimitList;

/** All that the host declares. */
export const HOST_LIMITS = {
  ...HTTP_LIMITS,
  ...BUDGET_LIMITS,
  ...ACCESS_LIMITS,
  ...PROCESS_LIMITS,
  ...CONTROL_LIMITS,
};

export type HostLimits = LimitsOf<typeof HOST_LIMITS>;
