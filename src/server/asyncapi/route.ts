import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { type Documented, documentOf } from './document.ts';

/**
 * `GET /asyncapi.json`: the WebSocket, as OpenAPI describes the HTTP half. Made when it is first
 * asked for: hardly anyone does, and everyone waits for a start.
 */
export function addAsyncApi(app: FastifyInstance, service: Documented): void {
  let made: ReturnType<typeof documentOf> | undefined;
  app.get('/asyncapi.json', { schema: { hide: true } }, ({ host, protocol }, reply) => {
    made ??= documentOf(service);
    const { asyncapi, info, ...rest } = made;
    // Where the client found it: the server cannot know all of its names.
    const here = { host, protocol: protocol === 'https' ? 'wss' : 'ws', protocolVersion: '13' };
    void reply.header('cache-control', 'no-cache');
    return { asyncapi, info, servers: { here }, ...rest };
  });
}
