import type { FastifyInstance } from 'fastify';
import type { Gauge, Registry } from 'prom-client';
import type { Service } from '../service.ts';
import type { Hub } from '../stream/hub.ts';
import { EventLoop, processReadings } from './process.ts';
import { type Reading, serverReadings } from './readings.ts';

const SCHEMA = { tags: ['operation'], summary: 'Metrics, as Prometheus reads them' };

/** Serves `/metrics`: each server of a process tells of itself. */
export function addMetrics(app: FastifyInstance, service: Service, hub: Hub): void {
  const eventLoop = new EventLoop();
  let registry: Promise<Registry> | undefined;

  app.get('/metrics', { schema: SCHEMA }, async (_request, reply) => {
    registry ??= begin();
    const { contentType } = await registry;
    const text = await (await registry).metrics();
    // Not for the pages of other sites.
    reply.removeHeader('access-control-allow-origin');
    return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text);
  });
  app.addHook('onClose', async () => eventLoop.stop());

  /** With the first scrape: a server that nobody watches starts sooner and does less. */
  async function begin(): Promise<Registry> {
    const readings = [...serverReadings(service, hub), ...processReadings()];
    const made = await registryOf([...readings, ...eventLoop.readings()]);
    eventLoop.start();
    return made;
  }
}

async function registryOf(readings: readonly Reading[]): Promise<Registry> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  for (const reading of readings) registry.registerMetric(metricOf(reading));
  return registry;
}

/** A metric whose numbers are kept elsewhere: a registry asks for no more than these two. */
function metricOf({ name, help, type, read }: Reading): Gauge {
  const get = async () => ({
    name,
    help,
    type,
    values: (await read()).map((sample) => ({ labels: {}, ...sample })),
  });
  return { name, get } as unknown as Gauge;
}
