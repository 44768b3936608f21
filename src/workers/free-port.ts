import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that is free at `address`, and at others most probably. */
export async function freePortAt(address: string): Promise<number> {
  const server = createServer().listen({ host: address, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
