import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type TickwellError } from '../../wire/errors.ts';
import type { Failures } from '../failures.ts';

/** The seconds of `Retry-After`; undefined where nothing is known of when to ask again. */
function retryAfterOf({
  code,
  details,
}: Pick<TickwellError, 'code' | 'details'>): number | undefined {
  // How long it takes to fill the ring nobody knows: it says how much is done.
  const usualMs = code === 'not_ready' ? 1000 : undefined;
  const ms = details.waitMs ?? details.retryAfterMs ?? usualMs;
  return ms === undefined ? undefined : Math.ceil(Number(ms) / 1000);
}

/** Source: RFC 6455, section 4.4; RFC 9110, section 15.5.22. */
const UPGRADE_HEADERS = {
  upgrade: 'websocket',
  // Without the close, Node would forget that the client asked for one.
  connection: 'upgrade, close',
  'sec-websocket-version': '13',
};

/** What the headers of a refusal say, beside its body. */
export function refusalHeaders(
  error: Pick<TickwellError, 'code' | 'details'>,
): Record<string, string> {
  const seconds = retryAfterOf(error);
  return {
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    ...(error.code === 'upgrade_required' ? UPGRADE_HEADERS : {}),
  };
}

/** The body of an answer that is an error. */
export interface ErrorBody {
  readonly contentType: string;
  readonly body: string;
}

/** Writes an error as a protocol does. */
export type ErrorEncoder = (error: TickwellError) => ErrorBody;

/** An error as `encode` writes it; as our own, if there is none, or if it fails. */
export function errorBody(
  error: TickwellError,
  encode: ErrorEncoder | undefined,
  failures: Failures,
): ErrorBody {
  if (encode === undefined) return ourErrorBody(error);
  try {
    return encode(error);
  } catch (failure) {
    failures.tell(failure);
    return ourErrorBody(error);
  }
}

function ourErrorBody({ code, message, details }: TickwellError): ErrorBody {
  return {
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ error: { code, message, ...details } }),
  };
}

/** Answers what never became a request of Fastify's, and hangs up. */
export function refuseOn(
  socket: Duplex,
  error: TickwellError,
  { contentType, body }: ErrorBody = ourErrorBody(error),
): void {
  const { status } = ERRORS[error.code];
  const headers = { connection: 'close', ...refusalHeaders(error) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}` +
      `content-type: ${contentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
