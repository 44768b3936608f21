import type { ErrorCode } from '../wire/errors.ts';
import { PASSING_ERRORS } from '../wire/passing-errors.ts';

/**
 * Why something was refused or failed: a code of the server's (PROTOCOL.md, "Errors"), or one of
 * the client's own:
 *
 * - `unreachable`: there was no answer, or it broke off. Only HTTP: a subscription reconnects.
 * - `unexpected_answer`: what answered is not a Tickwell server, such as a proxy with a page.
 * - `protocol_error`: one end of the stream cannot read what the other sends, whatever is asked
 *   again. A bug: do not retry.
 * - `bad_requests`, `unauthorised`, `version`, `connection_limit`, `refused`: the server
 *   closed the stream for good (close codes 4500 to 4999).
 * - `no_websocket`, `bad_url`: what was passed in cannot work here.
 */
export type ClientErrorCode =
  | ErrorCode
  | 'unreachable'
  | 'unexpected_answer'
  | 'protocol_error'
  | 'bad_requests'
  | 'unauthorised'
  | 'version'
  | 'connection_limit'
  | 'refused'
  | 'no_websocket'
  | 'bad_url'
  // Servers that are newer than this client may have others.
  | (string & Record<never, never>);

/** What is known of an error beside its code and its sentence. */
export interface ErrorFacts {
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** What the server sent along: `head`, `earliest`, `market`, `limit` and the like. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What was thrown beneath. */
  readonly cause?: unknown;
}

/** Everything that `tickwell/client` throws of its own accord. Programs go by `code`. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** The HTTP status; undefined where no HTTP answer said so. */
  readonly status: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  /** How long to wait before that, if the server said so. */
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ClientErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, { cause: facts.cause });
    this.name = 'ClientError';
    this.code = code;
    this.status = facts.status;
    this.details = facts.details ?? {};
    this.retry = mayPass(code, facts.status);
    this.retryAfterMs = millisecondsOf(this.details.retryAfterMs);
  }
}

/** Whether what failed with `code` may succeed later, unchanged. */
export function mayPass(code: string, status = 0): boolean {
  if (PASSING_ERRORS.includes(code) || code === 'unreachable' || status === 429) return true;
  return status >= 500 && code !== 'version_not_supported';
}

/** `value`, if it is a time to wait. */
export function millisecondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
