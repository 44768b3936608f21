import { CLOSE_CODES } from '../wire/errors.ts';
import type { ClientErrorCode } from './error.ts';
import type { Reason } from './reason.ts';

/** Where a subscription stands; made to be shown to people. */
export type SubscriptionState =
  | { readonly kind: 'connecting' }
  /** Every row there is has arrived. */
  | { readonly kind: 'live' }
  /** Open, yet no rows for longer than three of them should take (and at least 3 s). */
  | { readonly kind: 'stale'; readonly reason: Reason }
  /**
   * Closed; attempt number `attempt` follows `inMs` after this state was entered. It is entered
   * again once more is known of the reason.
   */
  | {
      readonly kind: 'reconnecting';
      readonly attempt: number;
      readonly inMs: number;
      readonly reason: Reason;
    }
  /** Open, and `lagRows` behind the head. */
  | { readonly kind: 'catching up'; readonly lagRows: number }
  /** Not connected, and the machine says that it has no network. Attempts go on. */
  | { readonly kind: 'offline'; readonly reason: Reason }
  /** The server will not serve this reader: the subscription has ended and will not try again. */
  | ({ readonly kind: 'refused' } & Refusal)
  /** Ended by `close()`, by leaving the loop, or by the `signal`. */
  | { readonly kind: 'closed' };

/** Why a server will not serve. `details` is what it sent along, such as `{market}`. */
export interface Refusal extends Reason {
  readonly code: ClientErrorCode;
}

/** What happened to the rows of a subscription since it was made. */
export interface SubscriptionCounters {
  /** Rows received. */
  readonly rows: number;
  /** Frames that began after the last row; each was refused and its rows asked for again. */
  readonly gaps: number;
  /** Frames that repeated rows; each was refused. */
  readonly duplicates: number;
  /** Connections made after the first one. */
  readonly reconnects: number;
  /** Rows that were missed while there was no connection, and came afterwards. */
  readonly rowsRestored: number;
  /** Rows left out by `delivery: 'latest'`. Always 0 for `'all'`. */
  readonly rowsSkipped: number;
  /** How often the server was asked to wait, because the application was behind. */
  readonly pauses: number;
}

/** Counters before anything has happened. */
export function noCounters(): { -readonly [Name in keyof SubscriptionCounters]: number } {
  return {
    rows: 0,
    gaps: 0,
    duplicates: 0,
    reconnects: 0,
    rowsRestored: 0,
    rowsSkipped: 0,
    pauses: 0,
  };
}

const UNREAD = ['protocol_error', 'The server could not read what this client sent.'] as const;

/** Close codes after which coming back would only repeat the failure. */
const FINAL_CLOSE_CODES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  1002: UNREAD,
  1003: UNREAD,
  1007: UNREAD,
  1009: ['protocol_error', 'This client asked in too many words: name fewer symbols, or `*`.'],
  [CLOSE_CODES.badRequests]: ['bad_requests', 'The server refused too many requests.'],
  [CLOSE_CODES.unauthorised]: ['unauthorised', 'The server asks for a permission.'],
  [CLOSE_CODES.version]: ['version', 'This client is older or newer than the server.'],
  [CLOSE_CODES.connectionLimit]: ['connection_limit', 'The server has no connection to spare.'],
};

/** Why to stop after close code `closeCode`; undefined where a client should come back. */
export function finalClose(closeCode: number, reason: string): Refusal | undefined {
  // This client asks at once: if the server did not hear it, the line held it up.
  const isFinal = closeCode >= 4500 && closeCode <= 4999 && closeCode !== CLOSE_CODES.silent;
  const known = FINAL_CLOSE_CODES[closeCode];
  if (known === undefined && !isFinal) return undefined;
  const [code, sentence] = known ?? ['refused', 'The server closed the stream for good.'];
  return { code, message: reason === '' ? sentence : reason, details: { closeCode } };
}
