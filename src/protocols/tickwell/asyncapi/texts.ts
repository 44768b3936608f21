import { CLOSE_CODES, ERRORS, type ErrorCode } from '../../../wire/errors.ts';

/** What errors and close codes mean to a client; limits say it themselves. */

interface ErrorText {
  readonly meaning: string;
  /** The further fields it may have. */
  readonly fields?: readonly string[];
}

/** Undefined for what only HTTP answers. */
const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText | undefined>> = {
  bad_json: { meaning: 'the message is not JSON' },
  bad_request: { meaning: 'a field is missing, unknown or breaks its rule', fields: ['interval'] },
  unknown_type: { meaning: 'clients send no message of this type' },
  unknown_symbol: { meaning: 'the market has no such symbol' },
  not_found: undefined,
  bad_cursor: { meaning: '`since` is not the time of a row', fields: ['origin', 'interval'] },
  before_start: {
    meaning: '`since` is more than an interval before the first row, or the candles all are',
    fields: ['earliest'],
  },
  cursor_ahead: {
    meaning: '`since`, or the first candle, is too far after the head',
    fields: ['head'],
  },
  market_changed: { meaning: 'the request names another market', fields: ['market'] },
  too_many: {
    meaning: 'as many subscriptions or waiting requests as there may be',
    fields: ['limit'],
  },
  range_too_large: { meaning: 'the candles need too many rows', fields: ['limit'] },
  rate_limited: { meaning: 'too many messages, or too much work', fields: ['retryAfterMs'] },
  not_acceptable: undefined,
  faults_off: undefined,
  bad_origin: undefined,
  bad_host: undefined,
  forbidden: undefined,
  unauthorised: undefined,
  conflict: undefined,
  log_full: undefined,
  upgrade_required: undefined,
  version_not_supported: undefined,
  body_too_large: undefined,
  unsupported_media_type: undefined,
  headers_too_large: undefined,
  timed_out: undefined,
  not_ready: undefined,
  internal: { meaning: 'the server failed' },
};

/** Every error of the stream. */
export const STREAM_ERRORS = (Object.keys(ERRORS) as ErrorCode[]).flatMap((code) => {
  const text = ERROR_TEXTS[code];
  if (text === undefined) return [];
  const { meaning, fields = [] } = text;
  return [{ code, retry: ERRORS[code].retry, meaning, fields }];
});

const CLOSE_TEXTS: Readonly<Record<keyof typeof CLOSE_CODES, string>> = {
  shuttingDown: 'the server is shutting down',
  stalled: 'the client read nothing for long, though there was something to read',
  noPong: 'the client owed a pong for too long',
  notReady: 'the newest rows are still being made after a start; instead of hello',
  refusedForNow: 'of event streams only: what was asked for may be had later',
  rateLimited: 'the client went on to send too many messages',
  changedAhead: 'something was done to the market at rows that the client has from elsewhere',
  badRequests: 'the client went on to send wrong requests',
  unauthorised: 'reserved: the client may not',
  version: 'reserved: the client is older or newer than the server',
  connectionLimit: 'as many connections as there may be; instead of hello',
  silent: 'the client connected and then asked for nothing',
};

/** Codes of RFC 6455 that the server closes with, without bye: the client has a bug. */
const PROTOCOL_CLOSES: readonly (readonly [code: number, meaning: string])[] = [
  [1002, 'a frame breaks the WebSocket protocol'],
  [1003, 'a message is binary'],
  [1007, 'a message is not UTF-8'],
  [1008, 'a message has too many fragments'],
  [1009, 'a message is too large'],
];

/** The errors of the stream as a table in Markdown. */
export function errorTable(): string {
  const rows = STREAM_ERRORS.map(({ code, retry, meaning, fields }) => [
    `\`${code}\``,
    retry ? 'yes' : 'no',
    meaning,
    fields.map((field) => `\`${field}\``).join(', '),
  ]);
  return table(['code', 'retry', 'meaning', 'further fields'], rows);
}

/** The close codes as a table in Markdown. */
export function closeTable(): string {
  const ours = Object.entries(CLOSE_TEXTS).map(([name, meaning]) => {
    const code = CLOSE_CODES[name as keyof typeof CLOSE_CODES];
    return [String(code), meaning, code < 4500 ? 'reconnect, same cursor' : 'stop, tell the user'];
  });
  const theirs = PROTOCOL_CLOSES.map(([code, meaning]) => [
    String(code),
    meaning,
    'correct the program',
  ]);
  return table(['close code', 'sent when', 'the client'], [...ours, ...theirs]);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
