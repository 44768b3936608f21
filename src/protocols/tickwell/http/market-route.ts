import type { FastifyInstance } from 'fastify';
import { contentTypeOf } from '../../../host/http/body.ts';
import { ASK_AGAIN } from '../../../host/http/caching.ts';
import { onceThere } from '../../../host/http/once-there.ts';
import { once, ReadyStart } from '../../../host/http/ready.ts';
import type { Responder } from '../../../host/http/responder.ts';
import { answers } from '../../../host/http/schemas.ts';
import { checkReady } from '../../../host/readiness.ts';
import type { Service } from '../../../host/service.ts';
import { checkSpeaks, namedId, saidId } from '../market-ids.ts';
import { MarketQuery } from './queries.ts';
import { MarketAnswer } from './schemas.ts';
import { settingsJson, settingsRestJson } from './settings.ts';

/** `GET /v1/market`. Has no tag: `now` is another each time, and what it is for. */
export function addMarket(app: FastifyInstance, service: Service, responder: Responder): void {
  const { feed, clock, version, slicer } = service;
  const { market, history } = feed;
  const schema = {
    tags: ['market'],
    summary: 'The settings: what a client asks for first',
    querystring: MarketQuery,
    response: answers(MarketAnswer, 'The settings'),
  };
  const ready = once(async () =>
    ReadyStart.of(Buffer.concat(await slicer.run(settingsJson(market, version)))),
  );

  app.get<{ Querystring: MarketQuery }>('/v1/market', { schema }, (request, reply) => {
    checkReady(service);
    const named = namedId(history, request.query.market);
    checkSpeaks(history, named, history.head);
    return onceThere(ready(), (start) => {
      void reply.headers({
        'content-type': contentTypeOf('application/json'),
        'cache-control': ASK_AGAIN,
      });
      const rest = settingsRestJson(history, saidId(history, named, history.head), clock);
      return start.send(request, reply, rest, responder.payerOf(request));
    });
  });
}
