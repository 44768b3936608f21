import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Protocol } from '../../../delivery/protocol.ts';
import { contentTypeOf } from '../../../host/http/body.ts';
import { answers } from '../../../host/http/schemas.ts';

const ProtocolsAnswer = Type.Object({
  protocols: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String({ description: 'What people call it.' }),
      bases: Type.Array(
        Type.Object({
          over: Type.Union([Type.Literal('http'), Type.Literal('ws')]),
          path: Type.String({ description: 'Behind the address of the server; may be empty.' }),
        }),
        { description: 'Where its clients connect.' },
      ),
    }),
  ),
});

const SCHEMA = {
  tags: ['market'],
  summary: 'What the server speaks, and where clients connect',
  response: answers(ProtocolsAnswer, 'The protocols'),
};

/** `GET /v1/protocols`: those that have been begun by the time it is asked for. */
export function addProtocols(app: FastifyInstance, spoken: readonly Protocol[]): void {
  app.get('/v1/protocols', { schema: SCHEMA }, (_, reply) => {
    const protocols = spoken.map(({ name, title = name, bases = [] }) => ({ name, title, bases }));
    return reply
      .headers({ 'content-type': contentTypeOf('application/json'), 'cache-control': 'no-store' })
      .send(JSON.stringify({ protocols }));
  });
}
