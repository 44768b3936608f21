import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, onSendHookHandler } from 'fastify';
import { pathOf } from '../client-log.ts';
import type { Service } from '../service.ts';

/**
 * Answers that are broken off after they have begun. If their client has left, that is nobody's
 * fault; else it is ours. To be called after everything that changes what is sent.
 */
export function watchAnswers(app: FastifyInstance, { failures }: Service): void {
  const watch: onSendHookHandler = (request, reply, payload, done) => {
    // Whoever leaves has it destroyed, without an error; those that it is made of, with one.
    if (isStream(payload)) {
      payload.on('error', (error) => {
        // Otherwise it is answered as an error, and counted there.
        if (reply.raw.headersSent) failures.tell(error, pathOf(request.url));
      });
    }
    done(null, payload);
  };
  app.addHook('onRoute', (route) => {
    route.onSend = [route.onSend ?? [], watch].flat();
  });
}

function isStream(payload: unknown): payload is NodeJS.ReadableStream {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload;
}

/** Answers that have begun: only the end of their connection shows whether they are whole. */
const unframed = new Set<Socket>();
let isExitWatched = false;

/**
 * Has an answer without chunks and without a length, as HTTP/1.0 gets it, end by a reset if it is
 * broken off: an end in order would say that it was whole. That holds for whatever breaks it off:
 * a failure, a client that is stuck, a stop, the end of this process (but for SIGKILL).
 */
export function resetBrokenAnswers(server: Server): void {
  server.on('request', ({ httpVersion, socket }: IncomingMessage, response: ServerResponse) => {
    if (httpVersion !== '1.0') return;
    // Once for each connection, which may be kept for any number of requests.
    if (!unframed.has(socket)) socket.once('close', () => unframed.delete(socket));
    unframed.add(socket);
    if (!isExitWatched) process.on('exit', destroyAll);
    isExitWatched = true;
    socket.destroy = (error) => {
      Reflect.deleteProperty(socket, 'destroy');
      // Only the other side can have failed.
      if (error !== undefined || !isBrokenOff(response)) return socket.destroy(error);
      return socket.resetAndDestroy();
    };
  });
}

function isBrokenOff(response: ServerResponse): boolean {
  return (
    response.headersSent && !response.writableFinished && !response.hasHeader('content-length')
  );
}

function destroyAll(): void {
  for (const socket of unframed) socket.destroy();
}
