import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { quoted } from '../../core/market/quoted.ts';
import { type ErrorCode, TickwellError } from '../../wire/errors.ts';
import type { HostLimits } from '../host-limits.ts';

/** What Node gives with a request that it cannot read. */
interface ParseError extends NodeJS.ErrnoException {
  /** What llhttp has to say beside its code. */
  readonly reason?: string;
  /** The bytes that were read last, in which the problem is; none if it is that they ended. */
  readonly rawPacket?: Buffer;
  /** How many of them were understood. */
  readonly bytesParsed?: number;
}

const METHOD_RULE = 'the method must be one of HTTP, in capital letters';
const LINE_RULE = 'the request line must end with HTTP/1.1 and CR LF';
const END_RULE = 'each line must end with CR LF';
const LENGTH_RULE = 'Content-Length must be one whole number, without Transfer-Encoding';

/** By what llhttp calls it: what the part that is broken must be. */
const RULES: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: METHOD_RULE,
  HPE_INVALID_URL: 'the path must begin with / and be percent-encoded',
  HPE_INVALID_VERSION: LINE_RULE,
  HPE_INVALID_CONSTANT: LINE_RULE,
  HPE_STRICT: END_RULE,
  HPE_CR_EXPECTED: END_RULE,
  HPE_LF_EXPECTED: END_RULE,
  HPE_UNEXPECTED_SPACE: 'the first header must not begin with a space',
  HPE_INVALID_HEADER_TOKEN: 'each header must be a name, a colon and text on one line',
  HPE_INVALID_CONTENT_LENGTH: LENGTH_RULE,
  HPE_UNEXPECTED_CONTENT_LENGTH: LENGTH_RULE,
  HPE_INVALID_TRANSFER_ENCODING: 'Transfer-Encoding must be chunked, without Content-Length',
  HPE_INVALID_CHUNK_SIZE: 'the size of a chunk must be at most 16 hexadecimal digits',
  HPE_CLOSED_CONNECTION: 'a request with Connection: close must be the last',
};
const RULE = 'the request must be HTTP/1.1';

/** Problems that are found only when their header has ended. */
const HEADERS: Readonly<Record<string, string>> = {
  HPE_INVALID_CONTENT_LENGTH: 'content-length',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-encoding',
};

/** So many bytes behind a request line that is not the one of PRI, llhttp finds it so. */
const PRI_SLIP = 3;

/** What llhttp says of requests that are well formed, and of another version or protocol. */
const FOREIGN = /^Invalid HTTP version$|RTSP\/x|ICE\/x/;
const REQUEST_LINE = /^[A-Z_-]+ +\S+ +([A-Z]+\/\d\.\d)$/;

/**
 * What to answer to what is no HTTP, or too much or too slow of it; undefined if there is nobody to
 * answer.
 */
export function brokenRequest(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { headersMs, requestMs }: HostLimits,
): TickwellError | undefined {
  const { code = '' } = error;
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) return undefined;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusal(
        'headers_too_large',
        'the request must have headers of at most 16 KiB',
        'more',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refusal('bad_request', 'a chunk must have at most 16 KiB of extensions', 'more');
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const rule =
        `the request must arrive whole within ${requestMs} ms, its headers within ` +
        `${Math.min(headersMs, requestMs)} ms`;
      return refusal('timed_out', rule, 'a part of it');
    }
    case 'HPE_PAUSED_H2_UPGRADE':
      return otherProtocol('HTTP/2.0');
    case 'HPE_INVALID_EOF_STATE':
      return refusal('bad_request', 'the request must come whole', 'a part of it');
    default:
      return unreadable(error as ParseError);
  }
}

const TARGETS = /(?:^|\r\n)[A-Z_-]+ +(\S+) +[A-Z]+\/\d\.\d(?=\r\n)/g;

/**
 * What a request was for that could not be read, as far as its bytes tell; `unfinished` is one
 * whose headers were.
 */
export function brokenUrl(
  error: NodeJS.ErrnoException,
  unfinished: IncomingMessage | undefined,
): string | undefined {
  if (unfinished !== undefined) return unfinished.url;
  const { rawPacket, bytesParsed = 0 } = error as ParseError;
  const bytes = rawPacket?.toString('latin1') ?? '';
  const lines = [...bytes.matchAll(TARGETS)];
  // Of several, the last that the parser has come to.
  return lines.findLast(({ index }) => index <= bytesParsed)?.[1];
}

/** The refusal of a request that is no HTTP/1. */
export function otherProtocol(given: string): TickwellError {
  return refusal('version_not_supported', RULE, given);
}

function unreadable({ code = '', reason = '', rawPacket, bytesParsed = 0 }: ParseError) {
  if (rawPacket === undefined) return refusal('bad_request', RULE, 'something else');
  const bytes = rawPacket.toString('latin1');
  // Of PRI it says so when its line is over.
  const at = code === 'HPE_INVALID_VERSION' ? bytesParsed - PRI_SLIP : bytesParsed;
  const line = lineAt(bytes, at, HEADERS[code]);
  if (code === 'HPE_INVALID_CONSTANT' || code === 'HPE_INVALID_VERSION') {
    const protocol = REQUEST_LINE.exec(line.text)?.[1];
    // Its method is one of RTSP, or PRI.
    if (protocol === 'HTTP/1.1' || protocol === 'HTTP/1.0') {
      return refusal('bad_request', METHOD_RULE, quoted(line.text));
    }
    if (protocol !== undefined || FOREIGN.test(reason)) {
      return otherProtocol(quoted(protocol ?? line.text));
    }
  }
  return refusal('bad_request', RULES[code] ?? RULE, quoted(aroundProblem(line)));
}

interface Line {
  readonly text: string;
  /** Where in it the problem was found. */
  readonly at: number;
}

/**
 * The line of `bytes` that has the problem found just before place `at`; with `header`, the last
 * line of that header before `at`.
 */
function lineAt(bytes: string, at: number, header?: string): Line {
  let start = beginning(bytes, at);
  if (header !== undefined) {
    const head = bytes.toLowerCase();
    const isNamed = (from: number) => head.startsWith(`${header}:`, from);
    while (start > 0 && !isNamed(start)) start = beginning(bytes, start - 2);
    // It came before these bytes: what there is of them says most.
    if (!isNamed(start)) start = beginning(bytes, at);
  }
  const end = bytes.indexOf('\r\n', start);
  return { text: bytes.slice(start, end < 0 ? undefined : end), at: at - start };
}

/** Where the line begins that holds place `at`: behind the CR LF before it. */
function beginning(bytes: string, at: number): number {
  const end = at < 2 ? -1 : bytes.lastIndexOf('\r\n', at - 2);
  return end < 0 ? 0 : end + 2;
}

/** So much before a problem is shown of a long line. */
const BEFORE_FAULT = 20;
/** As much as is shown of a text. */
const SHOWN = 57;

function aroundProblem({ text, at }: Line): string {
  return at < SHOWN || at > text.length ? text : `...${text.slice(at - BEFORE_FAULT)}`;
}

function refusal(code: ErrorCode, rule: string, given: string): TickwellError {
  return new TickwellError(code, `${rule}; given: ${given}`);
}
