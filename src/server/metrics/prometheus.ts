import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Metric, Reading } from './readings.ts';

const SCHEMA = { tags: ['operation'], summary: 'Metrics, as Prometheus reads them' };

/** Serves `/metrics`: one page of what `read` gives of each process that has a part in it. */
export function addMetrics(
  app: FastifyInstance,
  read: () => Promise<readonly (readonly Metric[])[]>,
): void {
  app.get('/metrics', { schema: SCHEMA }, async (_request, reply) => {
    const registry = await registryOf(await read());
    const text = await registry.metrics();
    // Not for the pages of other sites.
    reply.removeHeader('access-control-allow-origin');
    return reply
      .header('content-type', registry.contentType)
      .header('cache-control', 'no-store')
      .send(text);
  });
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
