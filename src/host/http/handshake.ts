import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { inQuotes, quoted, ruleBroken } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { plainPath } from './paths.ts';

/** Whether a request to upgrade is for a WebSocket, among others perhaps. */
export function isForWebSocket({ headers }: IncomingMessage): boolean {
  return /\bwebsocket\b/i.test(headers.upgrade ?? '');
}

/** Throws if a request cannot open a WebSocket. Source: RFC 6455, section 4.2.1. */
export function checkHandshake({ method, httpVersion, headers }: IncomingMessage): void {
  const { upgrade, 'sec-websocket-key': key, 'sec-websocket-version': version } = headers;
  checkText('the method of a WebSocket', method, /^GET$/, 'GET');
  checkText('the HTTP of a WebSocket', httpVersion, /^1\.1$/, '1.1');
  checkText('Upgrade', upgrade, /^websocket$/i, 'websocket');
  checkText('Sec-WebSocket-Key', key, /^[+/0-9a-z]{22}==$/i, '16 bytes as base64');
  if (version === '13') return;
  throw new TickwellError(
    'upgrade_required',
    ruleBroken('Sec-WebSocket-Version', 'must be 13', version),
  );
}

function checkText(field: string, given: string | undefined, rule: RegExp, allowed: string): void {
  if (given !== undefined && rule.test(given)) return;
  throw new TickwellError('bad_request', ruleBroken(field, `must be ${allowed}`, given));
}

/** Refuses requests for a WebSocket that ask for no upgrade: those with one never come here. */
export function addWithoutUpgrade(app: FastifyInstance, path: string): void {
  if (app.hasRoute({ method: 'GET', url: path })) return;
  // No call of OpenAPI's ends well here.
  app.get(path, { schema: { hide: true } }, ({ method }) => {
    throw new TickwellError(
      'upgrade_required',
      `${path} must be opened as a WebSocket; given: ${method} without upgrade`,
    );
  });
}

/**
 * The refusal of a WebSocket at another path than the `known` ones. It names those that begin as
 * that path does, or else the first.
 */
export function pathProblem({ url }: IncomingMessage, known: readonly string[]): TickwellError {
  const plain = plainPath(url ?? '');
  const path = inQuotes(plain);
  const near = known.filter((one) => firstOf(one) === firstOf(plain));
  const named = near.length === 0 ? known.slice(0, 1) : near;
  const where = named.length === 1 ? 'it is' : 'they are';
  const there = named.length === 0 ? 'there is none' : `${where} at ${named.join(', ')}`;
  return new TickwellError('not_found', `no WebSocket at ${path}; ${there}`);
}

/** The part of a path up to its second slash. */
function firstOf(path: string): string {
  return path.split('/', 2).join('/');
}

/** The refusal of a request whose list of subprotocols cannot be read. */
export function subprotocolProblem({ headers }: IncomingMessage): TickwellError {
  const rule = 'Sec-WebSocket-Protocol must be a list of names, each once';
  const given = quoted(headers['sec-websocket-protocol']);
  return new TickwellError('bad_request', `${rule}; given: ${given}`);
}

/**
 * The answer to a request that offers another protocol, as some clients do with HTTP/2: as if it
 * did not. Node leaves its socket to us.
 */
export function answerOn(socket: TcpSocket, request: IncomingMessage): ServerResponse {
  const answer = new ServerResponse(request);
  answer.shouldKeepAlive = false;
  answer.assignSocket(socket);
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => answer.emit('drain'));
  answer.on('finish', () => {
    answer.detachSocket(socket);
    socket.destroySoon();
  });
  return answer;
}
