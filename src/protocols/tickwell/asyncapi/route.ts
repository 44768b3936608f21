import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessPolicy } from '../../../host/access/access-policy.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { contentTypeOf } from '../../../host/http/body.ts';
import { ASK_AGAIN } from '../../../host/http/caching.ts';
import { once, ReadyStart } from '../../../host/http/ready.ts';
import { type Documented, documentOf } from './document.ts';

/**
 * `GET /asyncapi.json`: the WebSocket, as OpenAPI describes the HTTP half. Made when it is first
 * asked for: hardly anyone does, and everyone waits for a start.
 */
export function addAsyncApi(
  app: FastifyInstance,
  service: Documented,
  access: AccessPolicy,
  payerOf: (request: FastifyRequest) => Pay,
): void {
  const ready = once(async () =>
    ReadyStart.of(Buffer.from(`${JSON.stringify(documentOf(service)).slice(0, -1)},`)),
  );
  const options = { schema: { hide: true } } as const;
  app.get('/asyncapi.json', options, async (request, reply) => {
    const start = await ready();
    const { host, protocol } = request;
    // Where the client found it: the server cannot know all of its names.
    const pathname = access.prefixOf(request.raw);
    const below = pathname === '' ? {} : { pathname };
    const scheme = protocol === 'https' ? 'wss' : 'ws';
    const here = { host, ...below, protocol: scheme, protocolVersion: '13' };
    void reply.headers({
      'content-type': contentTypeOf('application/json'),
      'cache-control': ASK_AGAIN,
    });
    return start.send(
      request,
      reply,
      JSON.stringify({ servers: { here } }).slice(1),
      payerOf(request),
    );
  });
}
