import { CLOSE_CODES } from '../wire/errors.ts';
import type { ByeMessage } from '../wire/messages.ts';
import type { ClientError, ClientErrorCode } from './error.ts';

/** Reasons that have a sentence of their own, whoever gives them. */
const SENTENCES = {
  lost: 'The connection broke.',
  blocked: 'The server answers over HTTP, but no WebSocket gets through to it.',
  silence: 'Nothing has been heard of the server for too long.',
  no_rows: 'The server answers, but has no new rows: it may be waiting for its clock.',
  held_back:
    'The server answers, but holds rows back: this address may have had its share of work.',
  gap: 'Rows were missing; they are asked for again.',
  duplicate: 'Rows came twice; they are asked for again.',
  garbled: 'What came is not whole; it is asked for again.',
  asked: 'A new connection was asked for.',
} as const;

/** What a server that closes a stream for now means by it. */
const CLOSES: Readonly<Record<number, string>> = {
  [CLOSE_CODES.shuttingDown]: 'shutting_down',
  [CLOSE_CODES.stalled]: 'stalled',
  [CLOSE_CODES.noPong]: 'no_pong',
  [CLOSE_CODES.notReady]: 'not_ready',
  [CLOSE_CODES.rateLimited]: 'rate_limited',
  [CLOSE_CODES.silent]: 'silent',
};

/** Says no more than that the connection broke: a code in `bye` says more. */
export const BROKEN = 1006;

/**
 * Why a subscription is not live: a code of an error, or one of these:
 *
 * - `lost`: the connection broke without a word. `closed`: it was closed with another close code.
 * - `shutting_down`, `stalled`, `no_pong`, `silent`: the server said goodbye (close codes 4000,
 *   4001, 4002, 4504); so it does with `not_ready` and `rate_limited`.
 * - `blocked`: the server answers over HTTP, but a WebSocket does not get through.
 * - `silence`: nothing was heard. `no_rows`: the server answers and has no new rows.
 *   `held_back`: it has some and does not send them.
 * - `gap`, `duplicate`: rows were refused, and are asked for again. `garbled`: so was what is no
 *   message, or not what was promised. `asked`: `retry()` was called.
 */
export type ReasonCode =
  | ClientErrorCode
  | keyof typeof SENTENCES
  | 'closed'
  | 'shutting_down'
  | 'stalled'
  | 'no_pong'
  | 'silent';

/** Why rows do not come: programs go by `code`, people by `message`. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  /** Such as `closeCode`, the HTTP `status`, `retryAfterMs`, and what the server sent along. */
  readonly details: Readonly<Record<string, unknown>>;
}

export function reason(code: keyof typeof SENTENCES): Reason {
  return { code, message: SENTENCES[code], details: {} };
}

/** Of an event stream it has the code of the error, if what was asked for was refused. */
export type Goodbye = ByeMessage & { readonly error?: string };

/** What was thrown, as a reason. */
export function reasonOf({ code, message, status, details }: ClientError): Reason {
  return { code, message, details: status === undefined ? details : { status, ...details } };
}

/** Why a connection ended with `closeCode`, which the client comes back from. */
export function closeReason(closeCode: number, said: string, bye: Goodbye | undefined): Reason {
  if (closeCode === BROKEN) return reason('lost');
  const code = bye?.error ?? CLOSES[closeCode] ?? 'closed';
  const sentence =
    code === 'not_ready' ? 'The server is not ready' : 'The server closed the connection';
  const details = bye === undefined ? {} : { retryAfterMs: bye.retryAfterMs };
  return {
    code,
    message: said === '' ? `${sentence}.` : `${sentence}: ${said}.`,
    details: { closeCode, ...details },
  };
}
