import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { METRICS_COST } from '../budgets/cost.ts';
import type { Pay } from '../budgets/work.ts';
import { COMPRESSED } from '../http/responder.ts';
import { ErrorAnswer } from '../http/schemas.ts';
import { CONTENT_TYPE, type Metric, textOf, together } from './exposition.ts';

const SCHEMA = {
  tags: ['operation'],
  summary: 'Metrics, as Prometheus reads them',
  response: {
    200: {
      description: 'One line for each value',
      content: { 'text/plain': { schema: Type.String() } },
    },
    '4xx': ErrorAnswer,
    '5xx': ErrorAnswer,
  },
};

/**
 * Serves `/metrics`: one page of what `read` gives of each process that has a part in it. All who
 * ask while one is being made get the same.
 */
export function addMetrics(
  app: FastifyInstance,
  read: () => Promise<readonly (readonly Metric[])[]>,
  payerOf: (request: FastifyRequest) => Pay,
): void {
  let making: Promise<string> | undefined;
  const make = async () => textOf(together(await read()));
  const options = { schema: SCHEMA, ...COMPRESSED, config: { isStrict: true } };
  app.get('/metrics', options, async (request, reply) => {
    if (making === undefined) {
      payerOf(request)(METRICS_COST);
      making = make().finally(() => {
        making = undefined;
      });
    }
    const text = await making;
    // Not for the pages of other sites.
    reply.removeHeader('access-control-allow-origin');
    void reply.header('cache-control', 'no-store').header('vary', 'accept-encoding');
    return reply.type(CONTENT_TYPE).send(text);
  });
}
