import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The addresses that `host` stands for on this machine: `localhost` is often two. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (host !== 'localhost') return [host];
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
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
    } catch {
      // Another program has it there, or the machine has no IPv6: the first is enough.
    }
  }
  return () => {
    for (const server of further) server.close();
  };
}
