import type { FastifyInstance } from 'fastify';
import type { AccessPolicy } from '../host/access/access-policy.ts';
import type { RouteRules } from '../host/http/scope.ts';
import type { LimitList } from '../host/limits.ts';
import type { Hub } from './hub.ts';
import type { DeliveryService } from './service.ts';
import type { SocketRoute } from './socket-route.ts';

/** What a server gives to each protocol that it speaks. */
export interface ServerParts {
  readonly service: DeliveryService;
  readonly hub: Hub;
  readonly access: AccessPolicy;
  /** All that the server speaks; none before all of them have begun. */
  readonly spoken: readonly Protocol[];
}

/** Where clients of a protocol connect, behind the address of the server. */
export interface BaseUrl {
  readonly over: 'http' | 'ws';
  /** Empty, or from a slash on. */
  readonly path: string;
}

/**
 * A way to ask for rows and to be sent them: routes of HTTP, WebSockets. The host lets in, charges,
 * limits and measures whatever comes by them, in every protocol alike.
 */
export interface Protocol extends RouteRules {
  /** Of one word, which no other protocol has. */
  readonly name: string;
  /** Names of its connections in metrics, one for each encoding, and its own. Default: its name. */
  readonly encodings?: readonly string[];
  /** What people call it. Default: its name. */
  readonly title?: string;
  /** What its clients are given to connect by. Default: nothing. */
  readonly bases?: readonly BaseUrl[];
  /** Where it takes WebSockets in. */
  readonly sockets?: readonly SocketRoute[];
  /** Loads what takes long, before rows flow. */
  load?(): Promise<unknown>;
  /** Hears of every row that comes, once the newest ones are there. */
  advanced?(): void;
  /** Ends what it has begun. */
  stop?(): Promise<void>;
  /**
   * Adds what describes the routes of the whole application, before there are any: `app` is that
   * one. Rules hold for what it adds, as for routes.
   */
  document?(app: FastifyInstance): Promise<void>;
  /** Adds its routes: `app` is a scope of its own. */
  addRoutes(app: FastifyInstance): void | Promise<void>;
}

/** Begins to speak a protocol with the parts of a server. */
export interface NewProtocol {
  (parts: ServerParts): Protocol;
  /** The limits that it declares, if any: `limitsIn` gives their numbers. */
  readonly limits?: LimitList;
}
