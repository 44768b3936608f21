import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TickwellError } from '../../wire/errors.ts';
import type { Address } from '../budgets/addresses.ts';
import type { Service } from '../service.ts';
import type { AccessPolicy } from './access-policy.ts';
import { whenOver } from './answer-end.ts';
import type { Turns } from './turns.ts';

/**
 * Sees to it that no client holds more sockets than it may, or holds one for nothing. Node watches
 * requests that begin and do not end (`headersMs`, `requestMs`). This is about the rest:
 *
 * - one address with all the sockets there are: its further ones are closed unheard;
 * - an answer that nobody reads, and a connection that is idle: cut after `stallMs`, `keepAliveMs`;
 * - a client that was told to go and leaves its own half open: cut after `closeGraceMs`.
 */
export function guardSockets(server: Server, service: Service, access: AccessPolicy): void {
  const { limits, addresses, metrics, log } = service;
  const most = limits.maxConnectionsPerAddress + limits.spareConnections;
  /** How many requests of a connection are being answered. */
  const answering = new WeakMap<Socket, { count: number }>();

  // With nobody listening, Node would cut those who wait for a long computation too.
  server.on('timeout', () => {});
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    let own = answering.get(socket);
    if (own === undefined) {
      own = { count: 0 };
      answering.set(socket, own);
    }
    const answers = own;
    answers.count += 1;
    whenOver(response, () => {
      answers.count -= 1;
    });
  });
  server.on('connection', (socket: Socket) => {
    const ip = socket.remoteAddress ?? '';
    const address = addresses.of(ip);
    // A proxy has the connections of all its clients.
    if (!access.trusts(ip, 0) && address.count('sockets') >= most) {
      metrics.droppedConnections += 1;
      log.tell('too many connections', { dropped: metrics.droppedConnections });
      socket.destroy();
      return;
    }
    address.take('sockets');
    socket.on('close', () => address.release('sockets'));
    socket.on('timeout', () => {
      const isWaiting = (answering.get(socket)?.count ?? 0) > 0 && socket.writableLength === 0;
      if (!isWaiting) socket.destroy();
    });
    socket.on('finish', () => {
      const cut = setTimeout(() => socket.destroy(), limits.closeGraceMs);
      socket.once('close', () => clearTimeout(cut));
    });
  });
}

/** Counts an answer as under way until its client has read it. Throws if there are too many. */
export function countAnswer({ limits }: Service, address: Address, response: ServerResponse): void {
  const limit = limits.maxAnswersPerAddress;
  if (address.count('answers') >= limit) {
    const rule = `an address waits for at most ${limit} answers at once`;
    throw new TickwellError('too_many', `${rule}; given: one request more`, { limit });
  }
  address.take('answers');
  whenOver(response, () => address.release('answers'));
}

/** `Retry-After` says at least as much. */
const UNHEARD_MS = 1000;

/**
 * Reads nothing more from a connection for a while, once `refusal` has been sent. A client that
 * does not wait would otherwise cost a refusal each time.
 */
export function leaveUnheard(socket: Socket, refusal: ServerResponse, turns: Turns): void {
  refusal.once('finish', () => {
    // In a turn of its own: Node goes on to read once it is done with the request.
    setImmediate(() => {
      // What came with it is answered first; and one silence is enough for several refusals.
      if (turns.holds(socket) || unheard.has(socket) || socket.destroyed) return;
      unheard.add(socket);
      socket.pause();
      const end = () => {
        clearTimeout(hear);
        socket.off('close', end);
        unheard.delete(socket);
        // Whoever holds it will have it read in time.
        if (!turns.holds(socket)) socket.resume();
      };
      const hear = setTimeout(end, UNHEARD_MS);
      socket.once('close', end);
    });
  });
}

const unheard = new WeakSet<Socket>();
