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
  not_ready: { status: 503, retry: true },
  internal: { status: 500, retry: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/**
 * Wrong input, told to whoever sent it: one sentence with the field, the rule and what was given.
 */
export class TickwellError extends Error {
  readonly code: ErrorCode;
  /** Further facts for programs, such as `{head}`; they stand beside `code` and `message`. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.name = 'TickwellError';
    this.code = code;
    this.details = details;
  }
}

/** Why the server closes a stream. 4000-4499: reconnect with the same cursor; 4500-4999: do not. */
export const CLOSE_CODES = { shuttingDown: 4000, notReady: 4003 } as const;
