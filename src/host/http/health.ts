import type { FastifyInstance } from 'fastify';
import { checkServing } from '../readiness.ts';
import type { Service } from '../service.ts';
import { answers, StatusAnswer } from './schemas.ts';

const PROBE = { isProbe: true } as const;

/** Serves whether the process is alive, and whether rows flow. */
export function addHealth(app: FastifyInstance, service: Service): void {
  const alive = {
    tags: ['operation'],
    summary: 'Alive',
    response: answers(StatusAnswer, 'The process runs'),
  };
  app.get('/healthz', { schema: alive, config: PROBE }, () => ({ status: 'alive' }));

  const ready = {
    tags: ['operation'],
    summary: 'Ready to serve',
    response: answers(StatusAnswer, 'Rows flow; else 503 not_ready, with a reason'),
  };
  app.get('/readyz', { schema: ready, config: PROBE }, () => {
    checkServing(service);
    return { status: 'ready' };
  });
}
