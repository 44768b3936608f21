import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, TickwellError } from '../../wire/errors.ts';
import type { Address } from '../addresses.ts';
import type { Doors } from '../doors.ts';
import { refuseOn } from '../refusal.ts';
import { Conversation } from './conversation.ts';
import type { Hub } from './hub.ts';
import type { Socket } from './socket.ts';

const PATH = '/v1/stream';
const JSON_PROTOCOL = 'tickwell.v1.json';
const BINARY_PROTOCOL = 'tickwell.v1.bin';

/** Lets the clients of `/v1/stream` in. */
export function addStream(server: Server, hub: Hub, doors: Doors): void {
  const { limits, isReady, metrics, logger, addresses } = hub.service;
  const options = {
    noServer: true,
    clientTracking: false,
    maxPayload: limits.maxPayloadBytes,
    maxFragments: limits.maxFragments,
    closeTimeout: limits.closeGraceMs,
    perMessageDeflate: false,
    // The client's first choice of those that there are.
    handleProtocols: (offered: ReadonlySet<string>) => {
      const known = [...offered].find((name) => name === JSON_PROTOCOL || name === BINARY_PROTOCOL);
      return known ?? (false as const);
    },
  };
  const sockets = new WebSocketServer(options);
  // An upgrade that is no WebSocket: ws says what is missing.
  sockets.on('wsClientError', (error, socket, request) => {
    refuse(socket, request, new TickwellError('bad_request', `${error.message}; given: a request`));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      checkPath(request.url);
      doors.checkHost(request);
      doors.checkOrigin(request);
    } catch (error) {
      refuse(socket, request, error as TickwellError);
      return;
    }
    const address = addresses.of(doors.addressOf(request));
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      welcome(webSocket, socket, address),
    );
  });

  function welcome(webSocket: WebSocket, raw: Duplex, address: Address): void {
    // A broken frame: ws has begun to close with the code that says why.
    webSocket.on('error', () => {});
    if (!isReady()) {
      turnAway(webSocket, CLOSE_CODES.notReady, 'the market is still being filled');
      return;
    }
    if (hub.connections.size >= limits.maxConnections) {
      turnAway(webSocket, CLOSE_CODES.connectionLimit, 'as many connections as there may be');
      return;
    }
    if (address.connections >= limits.maxConnectionsPerAddress) {
      turnAway(
        webSocket,
        CLOSE_CODES.connectionLimit,
        'as many connections as one address may have',
      );
      return;
    }
    const encoding = webSocket.protocol === BINARY_PROTOCOL ? 'binary' : 'json';
    const conversation = new Conversation(hub, socketOf(webSocket, raw), address, encoding);
    hub.add(conversation);
    logger.info({ address: address.name, encoding }, 'connected');
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) webSocket.close(1003, 'messages are text');
      else conversation.receive(data.toString());
    });
    webSocket.on('ping', () => conversation.pinged());
    webSocket.on('pong', (data) => {
      conversation.ponged(data.byteLength === 4 ? data.readUInt32BE() : -1);
    });
    raw.on('drain', () => hub.drained(conversation));
    webSocket.on('close', (code) => {
      hub.remove(conversation);
      metrics.closed(code);
      logger.info({ address: address.name, code }, 'disconnected');
    });
  }

  function turnAway(webSocket: WebSocket, code: number, reason: string): void {
    const retryAfterMs = hub.retryAfterMs();
    webSocket.send(JSON.stringify({ type: 'bye', code, reason, retryAfterMs }));
    webSocket.close(code, reason);
    metrics.closed(code);
  }

  /** Answers an upgrade that is refused; every other answer of the server is made by Fastify. */
  function refuse(socket: Duplex, request: IncomingMessage, error: TickwellError): void {
    metrics.refused(error.code);
    logger.info({ code: error.code, url: request.url }, 'refused');
    refuseOn(socket, error);
  }
}

function checkPath(url: string | undefined): void {
  if (url?.split('?')[0] === PATH) return;
  const message = `the path of a WebSocket must be ${PATH}; given: ${url ?? 'nothing'}`;
  throw new TickwellError('not_found', message);
}

/** Rows go to the socket itself, as frames that are made once for all; ws does the rest. */
function socketOf(webSocket: WebSocket, raw: Duplex): Socket {
  return {
    get bufferedBytes() {
      return raw.writableLength;
    },
    write(frames) {
      if (webSocket.readyState === webSocket.OPEN) raw.write(frames);
    },
    cork: () => raw.cork(),
    uncork: () => raw.uncork(),
    ping(value) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      const number = Buffer.alloc(4);
      number.writeUInt32BE(value);
      webSocket.ping(number);
    },
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}
