/**
 * Every error a client can meet: its HTTP status, and whether the same request may succeed later.
 * PROTOCOL.md lists the same, held equal by a test.
 */
export const ERRORS = {
  bad_json: { status: 400, retry: false },
  bad_request: { status: 400, retry: false },
  unknown_type: { status: 400, retry: false },
  unknown_symbol: { status: 404, retry: false },
  not_found: { status: 404, retry: false },
  bad_cursor: { status: 400, retry: false },
  before_start: { status: 400, retry: false },
  cursor_ahead: { status: 400, retry: true },
  market_changed: { status: 409, retry: false },
  too_many: { status: 429, retry: true },
  range_too_large: { status: 400, retry: false },
  rate_limited: { status: 429, retry: true },
  not_acceptable: { status: 406, retry: false },
  faults_off: { status: 403, retry: false },
  bad_origin: { status: 403, retry: false },
  bad_host: { status: 421, retry: false },
  upgrade_required: { status: 426, retry: false },
  body_too_large: { status: 413, retry: false },
  unsupported_media_type: { status: 415, retry: false },
  headers_too_large: { status: 431, retry: false },
  version_not_supported: { status: 505, retry: false },
  timed_out: { status: 408, retry: true },
  not_ready: { status: 503, retry: true },
  internal: { status: 500, retry: true },
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
