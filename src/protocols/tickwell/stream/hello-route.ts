import type { FastifyInstance } from 'fastify';
import type { AccessPolicy } from '../../../host/access/access-policy.ts';
import { faultsOf } from '../../../host/faults/asked-faults.ts';
import { contentTypeOf } from '../../../host/http/body.ts';
import { answers } from '../../../host/http/schemas.ts';
import { checkReady } from '../../../host/readiness.ts';
import { HelloAnswer } from '../http/schemas.ts';
import type { TickwellHub } from '../limits.ts';
import { helloOf } from './hello.ts';

const SCHEMA = {
  tags: ['market'],
  summary: 'What the stream says first, or why it cannot be opened',
  description:
    'For clients whose WebSocket fails: browsers do not tell them why. The answer is the `hello` ' +
    'of the stream, or the error that a WebSocket would be refused with, such as `bad_origin`.',
  response: answers(HelloAnswer, 'The hello of the stream'),
};

/** Answers over HTTP as a WebSocket would be greeted, or refused, if it were opened now. */
export function addHello(app: FastifyInstance, hub: TickwellHub, access: AccessPolicy): void {
  app.get('/v1/hello', { schema: SCHEMA }, ({ raw }, reply) => {
    access.checkOrigin(raw);
    checkReady(hub.service);
    return reply
      .headers({ 'content-type': contentTypeOf('application/json'), 'cache-control': 'no-store' })
      .send(JSON.stringify(helloOf(hub, faultsOf(raw))));
  });
}
