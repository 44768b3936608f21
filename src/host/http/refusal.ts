import { STATUS_CODES, validateHeaderValue } from 'node:http';
import type { Duplex } from 'node:stream';
import { quoted } from '../../core/market/quoted.ts';
import { ERRORS, type TickwellError } from '../../wire/errors.ts';
import type { Failures } from '../failures.ts';
import { WrongMethod } from './paths.ts';
import { SAFETY_HEADERS } from './safety-headers.ts';

/** The seconds of `Retry-After`; undefined where nothing is known of when to ask again. */
function retryAfterOf({ code, details }: TickwellError): number | undefined {
  // How long it takes to fill the ring nobody knows: it says how much is done.
  const defaultMs = code === 'not_ready' ? 1000 : undefined;
  const ms = details.waitMs ?? details.retryAfterMs ?? defaultMs;
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
export function refusalHeaders(error: TickwellError): Record<string, string> {
  const seconds = retryAfterOf(error);
  return {
    ...SAFETY_HEADERS,
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    ...(error.code === 'upgrade_required' ? UPGRADE_HEADERS : {}),
    // Source: RFC 9110, section 10.2.1.
    ...(error instanceof WrongMethod ? { allow: error.methods.join(', ') } : {}),
  };
}

/** The body of an answer that is an error. */
export interface ErrorBody {
  readonly contentType: string;
  readonly body: string;
  /** Default: that of the error's code. */
  readonly status?: number;
  /** What the protocol says in headers beside. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an error as a protocol does, for a client at `ip`, which is empty once it has left. */
export type ErrorEncoder = (error: TickwellError, ip: string) => ErrorBody;

/** An error as `encode` writes it; as our own, if there is none, or if it fails. */
export function errorBody(
  error: TickwellError,
  encode: ErrorEncoder | undefined,
  failures: Failures,
  ip: string,
): Required<ErrorBody> {
  const ours = ourErrorBody(error);
  if (encode === undefined) return ours;
  try {
    const { contentType, body, status = ours.status, headers = {} } = encode(error, ip);
    checkAnswer(contentType, body, status);
    for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
    return { contentType, body, status, headers };
  } catch (failure) {
    failures.tell(failure);
    return ours;
  }
}

/** Source: RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Throws unless this can be sent, by whom no type has held to it. */
function checkAnswer(contentType: unknown, body: unknown, status: unknown): void {
  // Those below 200 do not end an exchange.
  const isEnd = Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599;
  if (!isEnd || WITHOUT_BODY.has(Number(status))) {
    const rule = 'encodeError must give a status from 200 to 599';
    const rest = isEnd ? ' that takes a body' : '';
    throw new Error(`${rule}${rest}; given: ${quoted(status)}`);
  }
  if (typeof body !== 'string') {
    throw new Error(`encodeError must give a text as its body; given: ${typeof body}`);
  }
  if (typeof contentType !== 'string' || contentType === '') {
    throw new Error(`encodeError must give a contentType; given: ${quoted(contentType)}`);
  }
  validateHeaderValue('content-type', contentType);
}

function ourErrorBody({ code, message, details }: TickwellError): Required<ErrorBody> {
  return {
    status: ERRORS[code].status,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ error: { code, message, ...details } }),
    headers: {},
  };
}

/** Answers what never became a request of Fastify's, and hangs up. */
export function refuseOn(
  socket: Duplex,
  error: TickwellError,
  { contentType, body, status, headers: own }: Required<ErrorBody> = ourErrorBody(error),
): void {
  const headers = { ...own, connection: 'close', ...refusalHeaders(error) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}` +
      `content-type: ${contentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
