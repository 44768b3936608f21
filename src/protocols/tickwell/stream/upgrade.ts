import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { inQuotes, quoted, ruleBroken } from '../../../core/market/quoted.ts';
import { unknownName } from '../../../core/market/unknown.ts';
import type { Frame } from '../../../delivery/encoder.ts';
import type { House } from '../../../delivery/protocol.ts';
import type { Socket } from '../../../delivery/socket.ts';
import { RefusedOrigins } from '../../../host/access/refused-origins.ts';
import type { Turns } from '../../../host/access/turns.ts';
import type { Address } from '../../../host/budgets/addresses.ts';
import { UPGRADE_COST } from '../../../host/budgets/cost.ts';
import { payWork } from '../../../host/budgets/work.ts';
import { pathOf } from '../../../host/client-log.ts';
import { checkHostCount, checkVersion } from '../../../host/http/head.ts';
import { isFree } from '../../../host/http/parameters.ts';
import { refuseOn } from '../../../host/http/refusal.ts';
import { fillingReason } from '../../../host/readiness.ts';
import { noteRefused, toldOf } from '../../../host/refused.ts';
import { webSocketPing } from '../../../host/websocket-frames.ts';
import { CLOSE_CODES, TickwellError } from '../../../wire/errors.ts';
import { encodersOf } from '../encoders.ts';
import { StreamConnection } from './stream-connection.ts';

const PATH = '/v1/stream';
const JSON_PROTOCOL = 'tickwell.v1.json';
const BINARY_PROTOCOL = 'tickwell.v1.bin';
const FULL = {
  maxConnections: 'as many connections as there may be',
  maxConnectionsPerAddress: 'as many connections as one address may have',
} as const;

/** Tells when its end begins, from either side: no data goes behind the frame that says so. */
class ClientSocket extends WebSocket {
  onClosing = () => {};

  override close(code?: number, reason?: string | Buffer): void {
    this.onClosing();
    super.close(code, reason);
  }
}

/** Lets the clients of `/v1/stream` in. */
export function addStream(server: Server, house: House, turns: Turns): void {
  const { hub, access } = house;
  const encoders = encodersOf(hub);
  const { limits, clock, isReady, metrics, log, logger, addresses } = hub.service;
  const refusedOrigins = new RefusedOrigins(logger, access);
  const options = {
    noServer: true,
    WebSocket: ClientSocket,
    clientTracking: false,
    maxPayload: limits.maxPayloadBytes,
    maxFragments: limits.maxFragments,
    closeTimeout: limits.closeGraceMs,
    perMessageDeflate: false,
    // It would answer whatever is unread, and hang up on many at once without a word.
    autoPong: false,
    // The client's first choice of those that there are.
    handleProtocols: (offered: ReadonlySet<string>) => {
      const known = [...offered].find((name) => name === JSON_PROTOCOL || name === BINARY_PROTOCOL);
      return known ?? (false as const);
    },
  };
  const sockets = new WebSocketServer(options);
  // All else that ws would refuse has been.
  sockets.on('wsClientError', (_error, socket, request) => {
    const rule = 'Sec-WebSocket-Protocol must be a list of names, each once';
    const given = quoted(request.headers['sec-websocket-protocol']);
    refuse(socket, request, new TickwellError('bad_request', `${rule}; given: ${given}`));
  });
  server.on('upgrade', (request: IncomingMessage, socket: TcpSocket, head: Buffer) => {
    // What came before it is answered first.
    turns.whenFree(socket, () => upgrade(request, socket, head));
  });

  function upgrade(request: IncomingMessage, socket: TcpSocket, head: Buffer): void {
    if (!/\bwebsocket\b/i.test(request.headers.upgrade ?? '')) {
      server.emit('request', request, answerOn(socket, request));
      return;
    }
    const address = addresses.of(access.addressOf(request));
    try {
      payWork(hub.service, address, UPGRADE_COST);
      checkVersion(request);
      checkHostCount(request);
      checkPath(request.url);
      access.checkHost(request);
      access.checkOrigin(request);
      checkHandshake(request);
      checkParameters(request.url);
    } catch (error) {
      refuse(socket, request, error);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      welcome(webSocket, socket, address),
    );
  }

  function welcome(webSocket: ClientSocket, raw: TcpSocket, address: Address): void {
    // A broken frame: ws has begun to close with the code that says why.
    webSocket.on('error', () => {});
    if (!isReady()) {
      turnAway(webSocket, address, CLOSE_CODES.notReady, fillingReason(hub.service));
      return;
    }
    const reached = hub.limitReached(address);
    if (reached !== undefined) {
      turnAway(webSocket, address, CLOSE_CODES.connectionLimit, FULL[reached]);
      return;
    }
    const encoding = webSocket.protocol === BINARY_PROTOCOL ? 'binary' : 'json';
    const connection = new StreamConnection(
      hub,
      new StreamSocket(webSocket, raw),
      address,
      encoders[encoding],
    );
    hub.add(connection);
    const openedMs = clock.steadyMs();
    log.tell('connected', { address: address.name, encoding });
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) webSocket.close(1003, 'messages are text');
      else connection.receive(data.toString());
    });
    webSocket.on('ping', (payload) => connection.pinged(payload));
    webSocket.on('pong', (data) => {
      connection.ponged(data.byteLength === 4 ? data.readUInt32BE() : -1);
    });
    raw.on('drain', () => hub.drained(connection));
    const closing = () => connection.closed();
    webSocket.onClosing = closing;
    // ws closes it without a word then.
    raw.on('end', closing);
    webSocket.on('close', (heard) => {
      const { sentRows } = connection;
      hub.remove(connection);
      // Who is stuck does not answer a close: ws then gives 1006.
      const code = connection.closeCode ?? heard;
      metrics.closed(code);
      log.tell('disconnected', {
        address: address.name,
        code,
        seconds: Math.round(clock.steadyMs() - openedMs) / 1000,
        rows: sentRows,
        bytes: raw.bytesWritten,
      });
    });
  }

  function turnAway(webSocket: WebSocket, address: Address, code: number, reason: string): void {
    log.tell('turned away', { address: address.name, code });
    const retryAfterMs = hub.retryAfterMs();
    webSocket.send(JSON.stringify({ type: 'bye', code, reason, retryAfterMs }));
    webSocket.close(code, reason);
    metrics.closed(code);
  }

  /** Answers an upgrade that is refused; every other answer of the server is made by Fastify. */
  function refuse(socket: Duplex, request: IncomingMessage, error: unknown): void {
    const told = toldOf(error);
    const address = access.addressOf(request);
    noteRefused(hub.service, told, { path: pathOf(request.url), address });
    if (told.code === 'bad_origin') refusedOrigins.tell(request);
    refuseOn(socket, told);
  }
}

/**
 * The answer to a request that offers another protocol, as some clients do with HTTP/2: as if it
 * did not. Node leaves its socket to us.
 */
function answerOn(socket: TcpSocket, request: IncomingMessage): ServerResponse {
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

/** Source: RFC 6455, section 4.2.1. */
function checkHandshake({ method, httpVersion, headers }: IncomingMessage): void {
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

function checkPath(url: string | undefined): void {
  if (url?.split('?')[0] === PATH) return;
  const path = inQuotes(url?.split('?')[0] ?? '');
  throw new TickwellError('not_found', `no WebSocket at ${path}; it is at ${PATH}`);
}

function checkParameters(url = ''): void {
  const [, query] = url.split(/\?(.*)/s);
  for (const name of new URLSearchParams(query).keys()) {
    if (isFree(name)) continue;
    const see = 'what you want is said in messages, such as subscribe';
    const asked = { kind: 'parameter', name, known: [], of: PATH, see };
    throw new TickwellError('bad_request', unknownName(asked));
  }
}

/** Rows go to the socket itself, as frames that are made once for all; ws does the rest. */
class StreamSocket implements Socket {
  readonly wire: TcpSocket;
  readonly #webSocket: WebSocket;

  constructor(webSocket: WebSocket, raw: TcpSocket) {
    this.#webSocket = webSocket;
    this.wire = raw;
  }

  write(frames: Frame): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.wire.write(frames, 'latin1');
  }

  cork(): void {
    this.wire.cork();
  }

  uncork(): void {
    this.wire.uncork();
  }

  ping(number: number): void {
    this.write(webSocketPing(number));
  }

  writeAndPing(frames: Frame, number: number): void {
    const ping = webSocketPing(number);
    if (typeof frames === 'string') this.write(frames + ping.toString('latin1'));
    else this.write(Buffer.concat([frames, ping]));
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }
}
