import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type TickwellError } from '../../wire/errors.ts';

/** Answers what never became a request of Fastify's, and hangs up. */
export function refuseOn(
  socket: Duplex,
  { code, message, details }: TickwellError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { status } = ERRORS[code];
  const body = JSON.stringify({ error: { code, message, ...details } });
  const { retryAfterMs } = details;
  const wait =
    retryAfterMs === undefined ? '' : `retry-after: ${Math.ceil(Number(retryAfterMs) / 1000)}\r\n`;
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
