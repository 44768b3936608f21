import { ERRORS, type ErrorCode } from '../wire/errors.ts';

/** Where a link stands; made to be shown to people. */
export type LinkState =
  | { readonly kind: 'connecting' }
  /** Every row there is has arrived. */
  | { readonly kind: 'live' }
  /** Open, yet no rows for longer than three of them should take. */
  | { readonly kind: 'stale' }
  /** Closed; attempt number `attempt` follows `inMs` after this state was entered. */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly inMs: number }
  /** Open, and `lagRows` behind the head. */
  | { readonly kind: 'catching up'; readonly lagRows: number }
  /** Not connected, and the machine says that it has no network. Attempts go on. */
  | { readonly kind: 'offline' }
  /** The server will not serve this reader: the link has stopped and will not try again. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** What happened to the rows of a link since it was made. */
export interface LinkCounters {
  /** Rows handed over. */
  readonly rows: number;
  /** Frames that began after the last row; each was refused and its rows asked for again. */
  readonly gaps: number;
  /** Frames that repeated rows; each was refused. */
  readonly duplicates: number;
  /** Connections made after the first one. */
  readonly reconnects: number;
  /** Rows that were missed while the link was down, and came afterwards. */
  readonly rowsRestored: number;
}

/** Close codes after which coming back would only repeat the failure. */
const FINAL_CLOSE_CODES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  1002: ['protocol_error', 'The server could not read what this client sent.'],
  1003: ['protocol_error', 'The server does not take this kind of message.'],
  1007: ['protocol_error', 'The server could not read what this client sent.'],
  1009: ['protocol_error', 'This client sent a message that is too large.'],
  4500: ['bad_requests', 'The server refused too many requests of this client.'],
  4501: ['unauthorised', 'The server asks for a permission that this client does not have.'],
  4502: ['version', 'This client is older or newer than the server.'],
  4503: ['connection_limit', 'The server has as many connections as it allows.'],
  4504: ['silent', 'The server did not hear from this client in time.'],
};

/** Why a link must stop after close code `code`; undefined where it should come back. */
export function finalClose(code: number): readonly [code: string, message: string] | undefined {
  const known = FINAL_CLOSE_CODES[code];
  if (known !== undefined) return known;
  return code >= 4500 && code <= 4999
    ? ['refused', `The server closed the stream for good (${code}).`]
    : undefined;
}

/** Whether the same request may succeed later. */
export function passesByItself(errorCode: string): boolean {
  return errorCode in ERRORS && ERRORS[errorCode as ErrorCode].retry;
}
