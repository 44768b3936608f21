import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES } from '../../wire/errors.ts';
import { LIMITS } from '../limits.ts';
import type { Hub } from './hub.ts';
import type { Socket } from './socket.ts';

const PATH = '/v1/stream';
const SUBPROTOCOL = 'tickwell.v1.json';

/** Lets the clients of `/v1/stream` in. */
export function addStream(server: Server, hub: Hub, isReady: () => boolean): void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LIMITS.maxPayloadBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== PATH) {
      refuse(socket, request.url);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket));
  });

  function welcome(webSocket: WebSocket): void {
    if (!isReady()) {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.close(CLOSE_CODES.notReady, 'the market is still being filled');
      return;
    }
    const connection = hub.add(socketOf(webSocket));
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) webSocket.close(1003, 'messages are text');
      else connection.receive(data.toString());
    });
    webSocket.on('close', () => hub.remove(connection));
    // A broken frame: ws has begun to close with the code that says why.
    webSocket.on('error', () => {});
  }
}

function socketOf(webSocket: WebSocket): Socket {
  return {
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    send: (text, onSent) =>
      webSocket.send(text, { binary: false }, (error) => {
        if (!error) onSent();
      }),
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}

function refuse(socket: Duplex, url: string | undefined): void {
  const message = `the path of a WebSocket must be ${PATH}; given: ${url ?? 'nothing'}`;
  const body = JSON.stringify({ error: { code: 'not_found', message } });
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
