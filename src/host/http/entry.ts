import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessPolicy } from '../access/access-policy.ts';
import { RefusedOrigins } from '../access/refused-origins.ts';
import { countAnswer, leaveUnheard } from '../access/sockets.ts';
import type { Turns } from '../access/turns.ts';
import { REQUEST_COST } from '../budgets/cost.ts';
import { payWork } from '../budgets/work.ts';
import { faultsOf, slashedOf } from '../faults/asked-faults.ts';
import type { Service } from '../service.ts';
import { checkHostCount, checkVersion } from './head.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For whoever watches over this server: free, and under whatever name it is called. */
    isProbe?: boolean;
    /**
     * Its answers are not counted as under way: they are small files, or do not end. Those that do
     * not end are connections: the route itself has the hub hold them to the limits of these.
     */
    isUncounted?: boolean;
    /** What its answers are counted as in the metrics, if not as its own path: there are many. */
    countedAs?: string;
  }
}

/** Those that change nothing (RFC 9110, section 9.2.1): any page may have a browser send them. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What every request passes before anything is done for it, whatever its route, and if it has none:
 * it is paid for, meant for this server, by no page of another site if it could change something,
 * and one of not too many. Only probes are let through.
 */
export function addEntry(
  app: FastifyInstance,
  service: Service,
  access: AccessPolicy,
  turns: Turns,
): void {
  const refusedOrigins = new RefusedOrigins(service.logger, access, 'an answer');
  const checkOrigin = (request: IncomingMessage) => {
    try {
      access.checkOrigin(request);
    } catch (error) {
      refusedOrigins.tell(request);
      throw error;
    }
  };
  const check = (
    { raw, ip, routeOptions: { config, url } }: FastifyRequest,
    reply: FastifyReply,
  ) => {
    checkVersion(raw);
    // Nothing has parts: a range that is asked for is the whole, as RFC 9110 (14.2) allows.
    if (raw.headers.range !== undefined) delete raw.headers.range;
    // Only by its plain path: a target may also name a host, and then is meant for that.
    if (config.isProbe === true && raw.url?.split('?')[0] === url) return;
    // A page learns why it is refused too: what follows may end the request before its own answer.
    if (url === undefined || config.isForOtherOrigins === true) {
      void reply.header('access-control-allow-origin', '*');
    }
    const address = service.addresses.of(ip);
    try {
      payWork(service, address, REQUEST_COST);
    } catch (error) {
      // A proxy has requests of others on the same connection.
      if (!access.trusts(raw.socket.remoteAddress ?? '', 0)) {
        leaveUnheard(raw.socket, reply.raw, turns);
      }
      throw error;
    }
    checkHostCount(raw);
    access.checkHost(raw);
    faultsOf(raw);
    if (!SAFE_METHODS.has(raw.method ?? '')) checkOrigin(raw);
    if (config.isUncounted !== true) countAnswer(service, address, reply.raw);
  };
  app.addHook('onRequest', (request, reply, done) => {
    check(request, reply);
    const slash = SAFE_METHODS.has(request.method) ? slashedOf(request.raw) : undefined;
    if (slash !== undefined) return void reply.redirect(slash);
    // Once all that was read with it has been parsed: a fault in its body goes before its answer.
    process.nextTick(done);
  });
}
