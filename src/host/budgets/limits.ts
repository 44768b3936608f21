import type { LimitList } from '../limits.ts';

/** Prices add up to more than a timer takes. */
const MOST_WORK = 10 ** 15;

/** What one address may have computed, and how often one WebSocket may ask. */
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
  messagesPerSecond: {
    default: 10,
    reason:
      'Nobody needs to ask faster where rows come by themselves; pings of the protocol count ' +
      'too.',
    told: 'Messages and WebSocket pings of one connection, on average.',
  },
  messagesBurst: {
    default: 20,
    reason: 'All subscriptions of a page at once.',
    told: 'As many of them at once.',
  },
  refusalsBurst: {
    default: 100,
    reason:
      'Messages over the rate are refused; a client that goes on so often within a burst is ' +
      'cut.',
    told: 'Messages over the rate, at once, before the connection is closed with 4005.',
  },
  badRequestsBurst: {
    default: 20,
    reason:
      'Wrong requests, but for those that may succeed later. A program that loops on one is ' +
      'ended.',
    told: 'Wrong requests, at once, before the connection is closed with 4500.',
  },
  badRequestsPerMinute: {
    default: 6,
    reason: 'So many are forgiven again.',
    told: 'Wrong requests that are forgiven in a minute.',
  },
} as const satisfies LimitList;
