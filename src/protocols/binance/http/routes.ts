import type {} from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerHarm } from '../../../delivery/faulty/answer-harm.ts';
import { COMPRESSED, Responder } from '../../../host/http/responder.ts';
import { answerHarm } from '../harm.ts';
import type { Parameters } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import { timeUnitOf } from '../time-unit.ts';
import type { Endpoint } from './endpoint.ts';
import { addStubs } from './stubs.ts';

const TIME_UNIT = 'x-mbx-time-unit';

/** Adds all that is asked for over HTTP. */
export function addRoutes(
  app: FastifyInstance,
  parts: BinanceParts,
  endpoints: readonly Endpoint[],
): void {
  const responder = new Responder(parts.service);
  // What has a weight says it later; all else has none.
  app.addHook('onRequest', (request, reply, done) => {
    sayWeight(parts, request, reply, 0);
    done();
  });
  const harm = answerHarm(parts.symbols);
  for (const endpoint of endpoints) addEndpoint(app, parts, responder, { ...endpoint, harm });
  addStubs(app, parts);
}

function addEndpoint(
  app: FastifyInstance,
  parts: BinanceParts,
  responder: Responder,
  endpoint: Endpoint & { readonly harm: AnswerHarm },
): void {
  const path = `/api/v3/${endpoint.path}`;
  const options = { ...COMPRESSED, config: { harm: endpoint.harm } };
  app.get<{ Querystring: Parameters }>(path, options, (request, reply) => {
    const { query, headers } = request;
    // First, so that those that are wrong have it too.
    sayWeight(parts, request, reply, endpoint.weight(query));
    const unit = timeUnitOf(TIME_UNIT.toUpperCase(), headers[TIME_UNIT]);
    const pay = responder.payerOf(request);
    const answer = endpoint.answer({ parameters: query, unit, pay });
    return 'body' in answer ? reply.send(answer.body) : responder.answer(request, reply, answer);
  });
}

/** Counts a request, and says what all of this minute count as. */
function sayWeight(
  { service, used }: BinanceParts,
  { ip }: FastifyRequest,
  reply: FastifyReply,
  weight: number,
): void {
  void reply.headers(used.headers(service.addresses.of(ip), weight));
}
