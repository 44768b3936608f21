import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Service } from '../service.ts';

/** Sees to it that this process, and all together, hold no more sockets than they may. */
export class SocketCap {
  readonly #sockets = new Set<Socket>();
  readonly #service: Service;

  /** `isAlone`: whether no other process serves the same market at the same port. */
  constructor(server: Server, service: Service, isAlone: boolean) {
    this.#service = service;
    const { limits, maxOwnConnections, addresses } = service;
    const most = limits.maxConnections + limits.spareConnections;
    const mostOwn = maxOwnConnections + limits.spareConnections;
    if (isAlone) {
      // Node counts those of one address that it listens at, and drops them before they cost
      // anything. Of several workers each would hand them to the next, for ever.
      server.maxConnections = most;
      server.on('drop', () => this.#drop());
    }
    server.on('connection', (socket) => {
      // It is counted by now.
      if (this.#sockets.size >= mostOwn || addresses.count('sockets') > most) {
        this.#drop(socket);
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Cuts all that there are. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #drop(socket?: Socket): void {
    const { metrics, log } = this.#service;
    metrics.droppedConnections += 1;
    log.tell('too many connections', { dropped: metrics.droppedConnections });
    socket?.destroy();
  }
}
