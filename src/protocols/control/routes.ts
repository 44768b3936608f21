import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SCENARIOS } from '../../core/market/entries/scenarios.ts';
import { timeOf } from '../../core/market/grid.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import type { ServerParts } from '../../delivery/protocol.ts';
import type { Taken, Turned } from '../../host/control/director.ts';
import { describeEntry } from '../../host/control/taken.ts';
import { turnClock } from '../../host/control/turn-clock.ts';
import { contentTypeOf } from '../../host/http/body.ts';
import { answers } from '../../host/http/schemas.ts';
import { checkReady } from '../../host/readiness.ts';
import { TickwellError } from '../../wire/errors.ts';
import { eventOf, type Parse, scenarioOf, turnOf } from './requests.ts';
import {
  AllowedAnswer,
  ClockBody,
  EventBody,
  LogAnswer,
  ScenarioBody,
  ScenariosAnswer,
  TakenAnswer,
  TurnedAnswer,
} from './schemas.ts';

const ROOT = '/v1/control';

/** All below `/v1/control`. */
export function addRoutes(app: FastifyInstance, { service, access }: ServerParts): void {
  const { director, feed } = service;
  // Before a body is read: who may do nothing here is not listened to.
  app.addHook('onRequest', async ({ raw, routeOptions }: FastifyRequest) => {
    if (routeOptions.url !== ROOT) access.checkControl(raw);
  });
  const may = {
    tags: ['control'],
    summary: 'Whether who asks may do something',
    response: answers(AllowedAnswer, 'Yes or no'),
  };
  // Pages ask before they offer anything: a refusal would be an error in their console.
  app.get(ROOT, { schema: may }, async ({ raw }, reply) => send(reply, allowedJson(access, raw)));

  const post = (path: string, summary: string, body: object, parse: Parse) => {
    const schema = { tags: ['control'], summary, body, response: answers(TakenAnswer, 'Done') };
    app.post(path, { schema, ...UNCHECKED }, async ({ body: given }, reply) => {
      checkReady(service);
      return send(reply, takenJson(await director.take(parse(given, feed.timeline))));
    });
  };
  post('/v1/control/events', 'Does one thing to the market', EventBody, eventOf);
  post('/v1/control/scenarios', 'Does several, all or none', ScenarioBody, scenarioOf);

  const clock = {
    tags: ['control'],
    summary: "Changes the market's time",
    body: ClockBody,
    response: answers(TurnedAnswer, 'Done'),
  };
  app.post('/v1/control/clock', { schema: clock, ...UNCHECKED }, async ({ body }, reply) => {
    checkReady(service);
    return send(reply, turnedJson(feed.timeline, await turnClock(service, turnOf(body))));
  });

  const log = {
    tags: ['control'],
    summary: 'What was done',
    response: answers(LogAnswer, 'The log'),
  };
  app.get('/v1/control/log', { schema: log }, async (_, reply) => {
    checkReady(service);
    const entries = (await director.list()).map(({ timeMs, id, ...entry }) => {
      const { key, index, ...said } = describeEntry(entry);
      return { key, index, time: timeMs, market: id, ...said };
    });
    return send(reply, { market: feed.timeline.id, entries });
  });

  const list = {
    tags: ['control'],
    summary: 'The scenarios that have names',
    response: answers(ScenariosAnswer, 'The scenarios'),
  };
  const scenarios = Object.entries(SCENARIOS).map(([name, said]) => ({ name, ...said }));
  app.get('/v1/control/scenarios', { schema: list }, async (_, reply) =>
    send(reply, { scenarios }),
  );
}

function allowedJson(access: ServerParts['access'], request: IncomingMessage): object {
  try {
    access.checkControl(request);
    return { allowed: true };
  } catch (error) {
    if (!(error instanceof TickwellError)) throw error;
    return { allowed: false, code: error.code, message: error.message };
  }
}

/** What is wrong with a body is said by who reads it. */
const UNCHECKED = { validatorCompiler: () => () => true };

function turnedJson({ grid }: Timeline, { key, index, anchor, id: market }: Turned) {
  const time = timeOf(grid, index);
  const { marketMs: now, speed } = anchor;
  return { key, index, time, market, now, speed };
}

function takenJson({ key, index, timeMs: time, id: market, isProvisional }: Taken) {
  return { key, index, time, market, provisional: isProvisional };
}

function send(reply: FastifyReply, body: object): FastifyReply {
  return reply
    .headers({ 'content-type': contentTypeOf('application/json'), 'cache-control': 'no-store' })
    .send(JSON.stringify(body));
}
