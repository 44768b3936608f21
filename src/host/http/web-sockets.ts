import type { IncomingMessage } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import type { HostLimits } from '../host-limits.ts';

/** Tells when its end begins, from either side: no data goes behind the frame that says so. */
export class ClientSocket extends WebSocket {
  onClosing = () => {};
  /** Whether anybody is there at this end, who would answer a close. */
  isHeard = () => true;

  override close(code?: number, reason?: string | Buffer): void {
    if (!this.isHeard()) return;
    this.onClosing();
    super.close(code, reason);
  }
}

export type ClientSockets = ReturnType<typeof newClientSockets>;

/**
 * Makes WebSockets of sockets, whose messages are at most `maxPayload` bytes long; `subprotocolsOf`
 * gives those that a request can choose from.
 */
export function newClientSockets(
  limits: HostLimits,
  maxPayload: number,
  subprotocolsOf: (request: IncomingMessage) => readonly string[],
) {
  const options = {
    noServer: true,
    WebSocket: ClientSocket,
    clientTracking: false,
    maxPayload,
    maxFragments: limits.maxFragments,
    closeTimeout: limits.closeGraceMs,
    perMessageDeflate: false,
    // It would answer whatever is unread, and hang up on many at once without a word.
    autoPong: false,
    // The client's first choice of those that there are.
    handleProtocols(offered: ReadonlySet<string>, request: IncomingMessage) {
      const known = subprotocolsOf(request);
      return [...offered].find((name) => known.includes(name)) ?? (false as const);
    },
  };
  return new WebSocketServer(options);
}
