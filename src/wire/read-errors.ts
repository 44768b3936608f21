/**
 * Every error that who reads rows can meet: its HTTP status, and whether the same request may
 * succeed later.
 */
export const READ_ERRORS = {
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
} as const;
