import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type TickwellError } from '../../wire/errors.ts';

/** The seconds of `Retry-After`; undefined where nothing is known of when to ask again. */
export function retryAfterOf({
  code,
  details,
}: Pick<TickwellError, 'code' | 'details'>): number | undefined {
  // How long it takes to fill the ring nobody knows: it says how much is done.
  const usualMs = code === 'not_ready' ? 1000 : undefined;
  const ms = details.waitMs ?? details.retryAfterMs ?? usualMs;
  return ms === undefined ? undefined : Math.ceil(Number(ms) / 1000);
}

/** Answers what never became a request of Fastify's, and hangs up. */
export function refuseOn(
  socket: Duplex,
  { code, message, details }: TickwellError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { status } = ERRORS[code];
  const body = JSON.stringify({ error: { code, message, ...details } });
  const seconds = retryAfterOf({ code, details });
  const wait = seconds === undefined ? '' : `retry-after: ${seconds}\r\n`;
  const { connection = 'close', ...others } = headers;
  const more = Object.entries(others)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: ${connection}\r\n` +
      `${wait}${more}` +
      'content-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
