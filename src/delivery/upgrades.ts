import type { IncomingMessage, Server } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RefusedOrigins } from '../host/access/refused-origins.ts';
import type { Turns } from '../host/access/turns.ts';
import type { Address } from '../host/budgets/addresses.ts';
import { UPGRADE_COST } from '../host/budgets/cost.ts';
import { payWork } from '../host/budgets/work.ts';
import { pathOf } from '../host/client-log.ts';
import { FAILED, HOST_CLOSES } from '../host/close-codes.ts';
import { faultsOf } from '../host/faults/asked-faults.ts';
import { FAULTS_HEADER, faultsText } from '../host/faults/fates.ts';
import type { ErrorShapes } from '../host/http/error-shapes.ts';
import {
  answerOn,
  checkHandshake,
  isForWebSocket,
  pathProblem,
  subprotocolProblem,
} from '../host/http/handshake.ts';
import { checkHostCount, checkVersion } from '../host/http/head.ts';
import { errorBody, refuseOn } from '../host/http/refusal.ts';
import {
  type ClientSocket,
  type ClientSockets,
  newClientSockets,
} from '../host/http/web-sockets.ts';
import { fillingReason } from '../host/readiness.ts';
import { clientErrorOf, noteRefused } from '../host/refused.ts';
import { FaultyTransport } from './faulty/faulty-transport.ts';
import { SOCKET_FRAMING } from './faulty/framing.ts';
import { PlainConnection } from './plain-connection.ts';
import { atOnce } from './promised.ts';
import type { Protocol, ServerParts } from './protocol.ts';
import { SocketConnection } from './socket-connection.ts';
import { SocketOutlet } from './socket-outlet.ts';
import { type PathParameters, SocketPaths } from './socket-paths.ts';
import type { SocketRoute } from './socket-route.ts';
import { StreamSocket } from './stream-socket.ts';

const FULL = {
  maxConnections: 'as many connections as there may be',
  maxConnectionsPerAddress: 'as many connections as one address may have',
} as const;

interface Target {
  readonly route: SocketRoute;
  readonly protocol: Protocol;
}

interface Client {
  readonly webSocket: ClientSocket;
  readonly raw: TcpSocket;
  readonly outlet: SocketOutlet;
  readonly address: Address;
  readonly request: IncomingMessage;
  readonly parameters: PathParameters;
}

/** By path. Throws a `RangeError` if two protocols want the same, or one is no path. */
function targetsOf(protocols: readonly Protocol[]): SocketPaths<Target> {
  const targets = new SocketPaths<Target>();
  for (const protocol of protocols) {
    for (const route of protocol.sockets ?? []) {
      const other = targets.add(route.path, { route, protocol })?.protocol.name;
      if (other !== undefined) {
        const rule = `protocols must take WebSockets at paths of their own`;
        const given = `${route.path} of both ${other} and ${protocol.name}`;
        throw new RangeError(`${rule}; given: ${given}`);
      }
    }
  }
  return targets;
}

/** Takes in clients of all socket routes, by the same checks, costs and limits. */
export class Upgrades {
  readonly #parts: ServerParts;
  readonly #targets: SocketPaths<Target>;
  readonly #shapes: ErrorShapes;
  /** By the longest message that they take. */
  readonly #sockets = new Map<number, ClientSockets>();
  readonly #refusedOrigins: RefusedOrigins;

  constructor(parts: ServerParts, protocols: readonly Protocol[], shapes: ErrorShapes) {
    const { service, access } = parts;
    this.#parts = parts;
    this.#targets = targetsOf(protocols);
    this.#shapes = shapes;
    this.#refusedOrigins = new RefusedOrigins(service.logger, access);
  }

  /** Takes what comes to a server. */
  listenTo(server: Server, turns: Turns): void {
    server.on('upgrade', (request: IncomingMessage, socket: TcpSocket, head: Buffer) => {
      // What came before it is answered first.
      turns.whenFree(socket, () => {
        if (isForWebSocket(request)) this.#upgrade(request, socket, head);
        else server.emit('request', request, answerOn(socket, request));
      });
    });
  }

  #upgrade(request: IncomingMessage, raw: TcpSocket, head: Buffer): void {
    const { service, access } = this.#parts;
    const address = service.addresses.of(access.addressOf(request));
    let found: ReturnType<SocketPaths<Target>['find']>;
    try {
      payWork(service, address, UPGRADE_COST);
      checkVersion(request);
      checkHostCount(request);
      found = this.#targetOf(request);
      if (found === undefined) throw pathProblem(request, this.#targets.paths);
      access.checkHost(request);
      access.checkOrigin(request);
      checkHandshake(request);
      atOnce(found.value.route.check?.(request), 'check');
      faultsOf(request);
    } catch (error) {
      this.#refuse(raw, request, error);
      return;
    }
    const { value: target, parameters } = found;
    this.#socketsOf(target.route).handleUpgrade(request, raw, head, (webSocket) => {
      const outlet = this.#outletOf(webSocket, raw, request, address);
      this.#welcome(target, { webSocket, raw, outlet, address, request, parameters });
    });
  }

  #outletOf(
    webSocket: ClientSocket,
    raw: TcpSocket,
    request: IncomingMessage,
    address: Address,
  ): SocketOutlet {
    const { hub } = this.#parts;
    const faults = faultsOf(request);
    const plain = new StreamSocket(webSocket, raw);
    if (faults === undefined) return new SocketOutlet(hub, plain);
    const way = { hub, plain, faults, framing: SOCKET_FRAMING, address };
    const faulty = new FaultyTransport(way);
    webSocket.isHeard = () => !faulty.isDead;
    return new SocketOutlet(hub, faulty);
  }

  #socketsOf({ maxMessageBytes = 0 }: SocketRoute): ClientSockets {
    const { limits } = this.#parts.service;
    const most = Math.max(limits.maxPayloadBytes, maxMessageBytes);
    const known = this.#sockets.get(most);
    if (known !== undefined) return known;
    const sockets = newClientSockets(
      limits,
      most,
      (request) => this.#targetOf(request)?.value.route.subprotocols ?? [],
    );
    sockets.on('headers', (headers, request) => {
      const faults = faultsOf(request);
      if (faults !== undefined) headers.push(`${FAULTS_HEADER}: ${faultsText(faults)}`);
    });
    // All else that ws would refuse was refused before.
    sockets.on('wsClientError', (_error, socket, request) => {
      this.#refuse(socket, request, subprotocolProblem(request));
    });
    this.#sockets.set(most, sockets);
    return sockets;
  }

  #targetOf({ url = '' }: IncomingMessage) {
    return this.#targets.find(url);
  }

  #welcome(target: Target, client: Client): void {
    const { service, hub } = this.#parts;
    const { webSocket, outlet, address } = client;
    // A broken frame: ws has begun to close with the code that says why.
    webSocket.on('error', () => {});
    if (!service.isReady()) {
      this.#turnAway(target, client, HOST_CLOSES.notReady, fillingReason(service));
      return;
    }
    const reached = hub.limitReached(address);
    if (reached !== undefined) {
      this.#turnAway(target, client, HOST_CLOSES.connectionLimit, FULL[reached]);
      return;
    }
    try {
      this.#attend(client, this.#open(target, client));
    } catch (error) {
      this.#failed(client, error);
      outlet.end();
      service.metrics.closed(FAILED.code);
    }
  }

  #open({ route, protocol }: Target, client: Client): SocketConnection {
    const { webSocket, outlet, address, request, parameters } = client;
    const subprotocol = webSocket.protocol;
    const opened = { outlet, subprotocol, parameters, address, request };
    const given = atOnce(route.open(opened), 'open');
    const connection =
      typeof given === 'function'
        ? new PlainConnection(this.#parts.hub, opened, protocol.name, given)
        : given;
    if (!(connection instanceof SocketConnection)) {
      const rule = 'open must give a SocketConnection or a handler of messages';
      throw new TypeError(`${rule}; given: ${typeof connection}`);
    }
    if (route.isAskedByPath === true) connection.hasAsked = true;
    return connection;
  }

  /** Counts a connection, keeps it alive, and sees to its end. */
  #attend({ webSocket, raw, outlet, address }: Client, connection: SocketConnection): void {
    const { hub, service } = this.#parts;
    const { clock, log, metrics } = service;
    // A protocol may fail to say: it is not counted then.
    const { kind } = connection;
    hub.add(connection);
    const openedMs = clock.steadyMs();
    log.tell('connected', { address: address.name, encoding: kind });
    const attempt = (act: () => void) => hub.attempt(connection, act);
    // The only listener: a protocol gets what has been paid for.
    webSocket.on('message', (data, isBinary) => {
      // As ws gives it, unless it is asked for something else.
      const message = isBinary ? (data as Buffer) : data.toString();
      attempt(() => connection.receive(message));
    });
    webSocket.on('ping', (payload) => attempt(() => connection.pinged(payload)));
    webSocket.on('pong', (data) => {
      const number = data.byteLength === 4 ? data.readUInt32BE() : -1;
      attempt(() => connection.ponged(number));
    });
    raw.on('drain', () => hub.drained(connection));
    const closing = () => hub.closing(connection);
    webSocket.onClosing = closing;
    // ws closes it without a word then.
    raw.on('end', closing);
    webSocket.on('close', (closedWith) => {
      const { sentRows } = outlet;
      hub.remove(connection);
      // A stuck client does not answer a close: ws then gives 1006.
      const code = outlet.closeCode ?? closedWith;
      metrics.closed(code);
      log.tell('disconnected', {
        address: address.name,
        code,
        seconds: Math.round(clock.steadyMs() - openedMs) / 1000,
        rows: sentRows,
        bytes: raw.bytesWritten,
      });
    });
  }

  /** A protocol has failed: that is logged, and its client is sent away. */
  #failed({ outlet, request }: Client, error: unknown): void {
    this.#parts.service.failures.tell(error, pathOf(request.url));
    outlet.close(FAILED.code, FAILED.reason);
  }

  #turnAway({ route }: Target, client: Client, code: number, reason: string): void {
    const { hub, service } = this.#parts;
    const { outlet, address, request } = client;
    service.log.tell('turned away', { address: address.name, code });
    try {
      const bye = { code, reason, retryAfterMs: hub.retryAfterMs() };
      const goodbye = atOnce(route.goodbye?.(bye, request), 'goodbye');
      if (goodbye !== undefined) outlet.say(goodbye);
    } catch (error) {
      service.failures.tell(error, pathOf(request.url));
    }
    outlet.close(code, reason);
    outlet.end();
    service.metrics.closed(code);
  }

  /** Answers an upgrade that is refused; every other answer of the server is made by Fastify. */
  #refuse(socket: Duplex, request: IncomingMessage, error: unknown): void {
    const { service, access } = this.#parts;
    const refusal = clientErrorOf(error);
    const address = access.addressOf(request);
    noteRefused(service, refusal, { path: pathOf(request.url), address });
    if (refusal.code === 'bad_origin') this.#refusedOrigins.tell(request);
    const target = this.#targetOf(request)?.value;
    const { url } = request;
    const encode = target === undefined ? this.#shapes.of(url) : target.protocol.encodeError;
    refuseOn(socket, refusal, errorBody(refusal, encode, service.failures, address));
  }
}
