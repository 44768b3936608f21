import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { KeptPage } from '../core/history/kept-candles.ts';
import { addFaultyAnswers } from '../delivery/faulty/faulty-answers.ts';
import type { Protocol, ServerParts } from '../delivery/protocol.ts';
import { Upgrades } from '../delivery/upgrades.ts';
import { payerOf } from '../host/budgets/work.ts';
import { newApp } from '../host/http/app.ts';
import { ErrorShapes } from '../host/http/error-shapes.ts';
import { addWithoutUpgrade } from '../host/http/handshake.ts';
import { addHealth } from '../host/http/health.ts';
import { addPage } from '../host/http/page.ts';
import { addScope, addToAll } from '../host/http/scope.ts';
import { addMetrics } from '../host/metrics/route.ts';
import type { Peers } from '../host/peers.ts';
import { metricsReader } from './readings.ts';

/** As seen from `dist/server` and from `dist/bin`, whose files hold all. */
const PAGE = fileURLToPath(new URL('../page/', import.meta.url));

/** The HTTP application of a server, with all that it answers. */
export async function newApplication(
  parts: ServerParts,
  protocols: readonly Protocol[],
  peers: Peers | undefined,
): Promise<FastifyInstance> {
  const { service, access } = parts;
  // First: these say which paths cannot be.
  const shapes = new ErrorShapes(protocols);
  const upgrades = new Upgrades(parts, protocols, shapes);
  const { app, turns } = await newApp(service, access, shapes);
  addFaultyAnswers(app, service);
  for (const protocol of protocols) {
    if (protocol.document === undefined) continue;
    await addToAll(app, protocol, (all) => protocol.document!(all));
  }
  addHealth(app, service);
  for (const protocol of protocols) {
    await addScope(app, service, protocol, async (scope) => {
      await protocol.addRoutes(scope);
      for (const { path } of protocol.sockets ?? []) addWithoutUpgrade(scope, path);
    });
  }
  const read = metricsReader(parts, app, protocols);
  addMetrics(
    app,
    peers === undefined ? async () => [await read()] : () => peers.read(),
    payerOf(service),
  );
  // It speaks that protocol alone.
  if (protocols.some(({ name }) => name === 'tickwell')) await addPage(app, service, PAGE);
  upgrades.listenTo(app.server, turns);
  const { kept } = service.feed.history;
  const takeCandles = (pages: readonly KeptPage[]) => {
    for (const page of pages) kept.keep(page);
  };
  peers?.join({ addresses: service.addresses, read, takeCandles });
  return app;
}
