/**
 * The errors after which the same request may succeed later, for clients, which have no use for the
 * rest of `ERRORS`. A test holds both equal.
 */
export const PASSING_ERRORS: readonly string[] = [
  'cursor_ahead',
  'too_many',
  'rate_limited',
  'timed_out',
  'not_ready',
  'internal',
];
