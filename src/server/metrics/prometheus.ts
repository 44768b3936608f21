import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { METRICS_COST } from '../guards/cost.ts';
import type { Pay } from '../http/ready.ts';
import { COMPRESSED } from '../http/responder.ts';
import { ErrorAnswer } from '../http/schemas.ts';
import type { Metric, Reading } from './readings.ts';

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
  let making: Promise<Page> | undefined;
  const make = async (): Promise<Page> => {
    const registry = await registryOf(await read());
    return { type: registry.contentType, text: await registry.metrics() };
  };
  app.get('/metrics', { schema: SCHEMA, compress: COMPRESSED }, async (request, reply) => {
    if (making === undefined) {
      payerOf(request)(METRICS_COST);
      making = make().finally(() => {
        making = undefined;
      });
    }
    const { type, text } = await making;
    // Not for the pages of other sites.
    reply.removeHeader('access-control-allow-origin');
    return reply.header('content-type', type).header('cache-control', 'no-store').send(text);
  });
}

interface Page {
  readonly type: string;
  readonly text: string;
}

/** What the readings say now. */
export function readAll(readings: readonly Reading[]): Promise<Metric[]> {
  return Promise.all(
    readings.map(async ({ name, help, type, aggregator = 'sum', read }) => {
      const values = (await read()).map((sample) => ({ labels: {}, ...sample }));
      return { name, help, type, aggregator, values };
    }),
  );
}

/** The metrics of several processes as if they were one. */
export async function together(all: readonly (readonly Metric[])[]): Promise<Metric[]> {
  return (await (await registryOf(all)).getMetricsAsJSON()) as unknown as Metric[];
}

/** Loaded with the first scrape: a server that nobody watches starts sooner. */
async function registryOf(all: readonly (readonly Metric[])[]): Promise<Registry> {
  const { AggregatorRegistry } = await import('prom-client');
  return AggregatorRegistry.aggregate(all as Metric[][]);
}
