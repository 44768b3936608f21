import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** The addresses that `host` stands for on this machine: `localhost` is often two. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (host !== 'localhost') return [host];
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}

/** Why a server cannot listen, as one sentence; undefined for what the system seldom says. */
export function listenProblem(code: string | undefined, host: string, port: number | string) {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is already in use`;
    case 'EACCES':
      return `port ${port} is not one that this user may open`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `host must be a name or address of this machine; given: ${host}`;
    default:
      return undefined;
  }
}

/**
 * Listens at all of `addresses`, with one HTTP server for all: whatever guards it guards each of
 * them. (Fastify would start a second server for the second address of localhost, and hooks of ours
 * on the first would not see it.) Gives what ends the further ones.
 */
export async function listen(
  app: FastifyInstance,
  addresses: readonly string[],
  port: number,
  logger: Logger,
): Promise<() => void> {
  const [first, ...others] = addresses;
  await app.listen({ host: first!, port });
  const bound = app.server.address();
  const samePort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const further: Server[] = [];
  for (const host of others) {
    // As Node's own HTTP server has them.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      app.server.emit('connection', socket);
    });
    server.listen({ host, port: samePort });
    try {
      await once(server, 'listening');
      further.push(server);
    } catch (error) {
      // The first is enough; but who is sent to this one by its name finds another program there.
      const { code } = error as NodeJS.ErrnoException;
      const level = code === 'EADDRINUSE' ? 'warn' : 'info';
      logger[level]({ address: host, port: samePort, code }, 'cannot listen at this address too');
    }
  }
  return () => {
    for (const server of further) server.close();
  };
}
