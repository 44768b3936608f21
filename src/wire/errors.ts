import { READ_ERRORS } from './read-errors.ts';

/**
 * Every error a client can meet: its HTTP status, and whether the same request may succeed later.
 * PROTOCOL.md lists the same, held equal by a test.
 */
export const ERRORS = {
  ...READ_ERRORS,
  forbidden: { status: 403, retry: false },
  unauthorised: { status: 401, retry: false },
  conflict: { status: 409, retry: false },
  log_full: { status: 409, retry: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Further facts of an error for programs, such as `{head}`; they stand beside code and message. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/**
 * Wrong input, told to its sender: one sentence with the field, the rule and what was given.
 */
export class TickwellError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'TickwellError';
    this.code = code;
    this.details = details;
  }
}

/**
 * Why a server closes a stream. 4000-4499: reconnect with the same cursor; 4500-4999: do not.
 * PROTOCOL.md lists the same, held equal by a test.
 */
export const CLOSE_CODES = {
  shuttingDown: 4000,
  /** It has not read for long, though there was something to read. */
  stalled: 4001,
  noPong: 4002,
  notReady: 4003,
  /** Of event streams only: a request was refused that may succeed later. */
  refusedForNow: 4004,
  rateLimited: 4005,
  /** Something was done to the market at rows that it has from elsewhere. */
  changedAhead: 4006,
  badRequests: 4500,
  unauthorised: 4501,
  version: 4502,
  connectionLimit: 4503,
  /** It connected and then asked for nothing. */
  silent: 4504,
} as const;
