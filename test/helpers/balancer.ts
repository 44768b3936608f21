import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** How often it asks each server, and how long that may take to say. */
const ASK_MS = 100;
const PATIENCE_MS = 5000;

/** A toy of a proxy before several servers: each connection goes to the next one that is ready. */
export class Balancer {
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #ready = new Set<number>();
  readonly #sockets = new Set<Socket>();
  readonly #asking: NodeJS.Timeout;
  #turn = 0;

  private constructor(server: Server, ports: readonly number[]) {
    this.#server = server;
    this.#ports = ports;
    server.on('connection', (socket: Socket) => this.#pass(socket));
    this.#asking = setInterval(() => void this.look(), ASK_MS);
  }

  /** One on a free port before servers on these ports. */
  static async before(ports: readonly number[]): Promise<Balancer> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    const balancer = new Balancer(server, ports);
    await balancer.look();
    return balancer;
  }

  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  async look(): Promise<void> {
    await Promise.all(this.#ports.map((port) => this.#ask(port)));
  }

  async close(): Promise<void> {
    clearInterval(this.#asking);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async #ask(port: number): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const url = `http://${HOST}:${port}/readyz`;
    const isReady = await fetch(url, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) this.#ready.add(port);
    else this.#ready.delete(port);
  }

  #pass(socket: Socket): void {
    const ready = this.#ports.filter((port) => this.#ready.has(port));
    const port = ready[this.#turn++ % ready.length];
    const up = connect(port ?? 1, HOST);
    for (const [one, other] of [
      [socket, up],
      [up, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
