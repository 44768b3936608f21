import type { Fetch } from '../client/index.ts';

/** Three times what the slowest charts take that nobody has made yet, on a busy machine. */
const MOST_WAIT_MS = 60_000;

/**
 * Gives up on an answer that does not begin in time, as if the server could not be reached: whoever
 * asks then says so, or asks again. One that has begun may take as long as it comes.
 */
export function inTime(ask: Fetch, waitMs = MOST_WAIT_MS): Fetch {
  return async (url, { signal }) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), waitMs);
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      return await ask(url, { signal: either });
    } finally {
      clearTimeout(timer);
    }
  };
}
