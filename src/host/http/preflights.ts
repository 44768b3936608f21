import type { FastifyInstance, RouteOptions } from 'fastify';
import { type NotFound, plainPath } from './paths.ts';

/**
 * Has preflights refused for paths that change something and are for pages of no other origin: all
 * others are answered alike, with a yes. To be called before there are routes.
 */
export function refusePreflights(app: FastifyInstance, notFound: NotFound): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  // What holds for a route is settled when all are there.
  let paths: ReadonlySet<string> | undefined;
  app.addHook('onRequest', ({ method, url, raw }, _reply, done) => {
    paths ??= new Set(routes.filter(isForOurselves).map((route) => route.url));
    const isRefused = method === 'OPTIONS' && paths.has(plainPath(url));
    done(isRefused ? notFound(raw) : undefined);
  });
}

const READING = ['GET', 'HEAD', 'OPTIONS'];

function isForOurselves({ method, config }: RouteOptions): boolean {
  const isReading = [method].flat().every((one) => READING.includes(one));
  return !isReading && config?.isForOtherOrigins !== true;
}
