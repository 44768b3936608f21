import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { hostLinesOf } from '../access/host-lines.ts';
import { otherProtocol } from './broken-requests.ts';

const RTSP_URL = /^rtsps?:/i;

/**
 * The refusal of a request that is of another version or protocol than HTTP/1, if it is: Node's
 * parser lets it through, and says of `RTSP/1.0` no more than 1.0. What it does not say is found by
 * what every request of RTSP has, a place in a sequence (RFC 2326, section 12.17), and by
 * `watchProtocols`.
 */
export function versionProblem(request: IncomingMessage): TickwellError | undefined {
  const { httpVersion, headers, url } = request;
  // RTSP has no version 1.1: whoever sends such a header over HTTP/1.1 speaks HTTP all the same.
  const isRtsp = httpVersion === '1.0' && (headers.cseq !== undefined || RTSP_URL.test(url ?? ''));
  const protocol = foreign.get(request) ?? `${isRtsp ? 'RTSP' : 'HTTP'}/${httpVersion}`;
  const isOurs = protocol === 'HTTP/1.1' || protocol === 'HTTP/1.0';
  return isOurs ? undefined : otherProtocol(protocol);
}

/** Throws if a request is of another version or protocol than HTTP/1. */
export function checkVersion(request: IncomingMessage): void {
  const problem = versionProblem(request);
  if (problem !== undefined) throw problem;
}

/** Source: RFC 9112, section 3.2. */
export function checkHostCount(request: IncomingMessage): void {
  const host = hostLinesOf(request);
  if (host.length === 1 || (host.length === 0 && request.httpVersion === '1.0')) return;
  const sentence =
    host.length === 0 ? 'Host is missing' : `Host must be given once; given: ${quoted(host)}`;
  throw new TickwellError('bad_request', sentence);
}

/** The protocols of requests that are of another than HTTP. */
const foreign = new WeakMap<IncomingMessage, string>();

/**
 * Looks for the protocol of requests in their bytes, which is the one place where it stands. Node
 * copies them for whoever wants to see them, at a tenth of the price of a bare request: so those
 * are let be that nobody takes for anything else, GET of HTTP/1.1. (RTSP has no version 1.1.)
 *
 * A request line is looked for in the bytes that came with the end of its headers.
 */
export function watchProtocols(server: Server): void {
  // Before they have to wait for their turn: the bytes are gone by then.
  server.prependListener('request', (request: IncomingMessage) => {
    const { httpVersion, method, socket } = request;
    if (httpVersion !== '1.0' && (method === 'GET' || method === 'HEAD')) return;
    note(request, linesOf(socket));
  });
  server.prependListener('upgrade', (request: IncomingMessage, _socket, head: Buffer) => {
    // It is the end of what Node has read, and stands in its memory behind the rest.
    note(request, foreignLines(Buffer.from(head.buffer, 0, head.byteOffset)));
  });
}

function note(request: IncomingMessage, lines: ForeignLines): void {
  const protocol = lines.get(`${request.method} ${request.url}`);
  if (protocol !== undefined) foreign.set(request, protocol);
}

/** The protocol of each request line that is not of HTTP, by its method and target. */
type ForeignLines = ReadonlyMap<string, string>;

const LINE = /(?:^|\r\n)([A-Z_]+) +(\S+) +((?:RTSP|ICE)\/\d\.\d)(?=\r\n)/g;
const NONE: ForeignLines = new Map();

function foreignLines(bytes: Buffer): ForeignLines {
  if (!bytes.includes(' RTSP/') && !bytes.includes(' ICE/')) return NONE;
  const found = bytes.toString('latin1').matchAll(LINE);
  return new Map(
    [...found].map(([, method, target, protocol]) => [`${method} ${target}`, protocol!]),
  );
}

interface Looked {
  readonly bytesRead: number;
  readonly lines: ForeignLines;
}

/** What was found last, by connection: a thousand requests may come at once. */
const looked = new WeakMap<Socket, Looked>();

/** Of Node's own, and undocumented: without it, requests are taken for HTTP. */
interface Parser {
  getCurrentBuffer?(): Buffer | undefined;
}

/** The lines among the bytes that are being parsed. */
function linesOf(socket: Socket): ForeignLines {
  const { bytesRead } = socket;
  const last = looked.get(socket);
  if (last?.bytesRead === bytesRead) return last.lines;
  const { parser } = socket as Socket & { readonly parser?: Parser | null };
  const bytes = parser?.getCurrentBuffer?.();
  const lines = bytes === undefined ? NONE : foreignLines(bytes);
  looked.set(socket, { bytesRead, lines });
  return lines;
}
