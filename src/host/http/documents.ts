import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { payerOf } from '../budgets/work.ts';
import type { Service } from '../service.ts';
import { contentTypeOf } from './body.ts';
import { ASK_AGAIN } from './caching.ts';
import { onceThere } from './once-there.ts';
import { once, ReadyBody } from './ready.ts';

/** A document that never changes: made when it is first asked for, by whoever asks. */
export function addDocument(
  app: FastifyInstance,
  service: Service,
  path: string,
  make: () => object,
): void {
  const pay = payerOf(service);
  const ready = once(async () => ReadyBody.of(Buffer.from(JSON.stringify(make()))));
  app.get(path, { schema: { hide: true }, config: { isStrict: true } }, (request, reply) =>
    onceThere(ready(), (body) => {
      void reply.headers({
        'content-type': contentTypeOf('application/json'),
        'cache-control': ASK_AGAIN,
      });
      return body.send(request, reply, pay(request));
    }),
  );
}
