import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Responder } from '../../../host/http/responder.ts';
import type { TickwellService } from '../limits.ts';
import { addCandles } from './candles-route.ts';
import { addDepth } from './depth-route.ts';
import { addFaults } from './faults-route.ts';
import { addGrade } from './grade-route.ts';
import { addLatest } from './latest-route.ts';
import { addMarket } from './market-route.ts';
import { addRealism } from './realism-route.ts';
import { addRows } from './rows-route.ts';
import { addSparklines } from './sparklines-route.ts';
import { addTrades } from './trades-route.ts';

/** The HTTP half of `/v1`, and whether the server is alive and ready. */
export function addRoutes(app: FastifyInstance, service: TickwellService): void {
  const responder = new Responder(service);
  addMarket(app, service, responder);
  addRows(app, service, responder);
  addTrades(app, service, responder);
  addCandles(app, service, responder);
  addDepth(app, service, responder);
  addLatest(app, service, responder);
  addSparklines(app, service, responder);
  addRealism(app, service, responder);
  addGrade(app, service, responder);
  addFaults(app, service, responder);
}
