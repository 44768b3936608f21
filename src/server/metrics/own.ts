import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';
import type { Hub } from '../stream/hub.ts';
import { EventLoop, processReadings } from './process.ts';
import { readAll } from './prometheus.ts';
import { type Metric, type Reading, serverReadings } from './readings.ts';

/** What reads the metrics of this process: each server of a process tells of itself. */
export function metricsReader(
  service: Service,
  hub: Hub,
  app: FastifyInstance,
): () => Promise<Metric[]> {
  const eventLoop = new EventLoop();
  let readings: readonly Reading[] | undefined;
  app.addHook('onClose', async () => eventLoop.stop());

  return () => {
    readings ??= begin();
    return readAll(readings);
  };

  /** With the first scrape: a server that nobody watches does less. */
  function begin(): readonly Reading[] {
    const all = [...serverReadings(service, hub), ...processReadings(), ...eventLoop.readings()];
    eventLoop.start();
    return all;
  }
}
