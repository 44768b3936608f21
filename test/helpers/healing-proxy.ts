import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestTo } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/**
 * A proxy that passes all on, bytes as they are, until it is healed: from then on whoever asks for
 * faults by a path prefix is given a feed without any, as if the trouble had ended.
 */
export class HealingProxy {
  readonly url: string;
  readonly #target: URL;
  readonly #streams = new Set<Socket>();
  readonly #close: () => void;
  #isHealed = false;
  /** The targets that were asked for. */
  readonly asked: string[] = [];

  private constructor(url: string, target: string, close: () => void) {
    this.url = url;
    this.#target = new URL(target);
    this.#close = close;
  }

  static async before(target: string): Promise<HealingProxy> {
    const server = createServer((incoming, response) => {
      const { method, headers } = incoming;
      const path = proxy.#pathOf(incoming);
      const outgoing = requestTo(new URL(path, target), { method, headers, agent: false });
      outgoing.on('response', (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
        answer.on('aborted', () => response.destroy());
      });
      outgoing.on('error', () => response.destroy());
      response.on('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    });
    server.on('upgrade', (incoming, socket) => proxy.#join(incoming, socket as Socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const proxy = new HealingProxy(`http://127.0.0.1:${port}`, target, () => {
      server.close();
      server.closeAllConnections();
    });
    return proxy;
  }

  /** Ends the trouble, and with it what is still in it. */
  heal(): void {
    this.#isHealed = true;
    this.#cut();
  }

  close(): void {
    this.#cut();
    this.#close();
  }

  #cut(): void {
    for (const socket of this.#streams) socket.destroy();
  }

  #pathOf({ url = '/' }: IncomingMessage): string {
    this.asked.push(url);
    return this.#isHealed ? url.replace(/^\/faulty\/[^/]+\//, '/faulty/off/') : url;
  }

  #join(incoming: IncomingMessage, client: Socket): void {
    const path = this.#pathOf(incoming);
    const { hostname, port } = this.#target;
    const server = connect(Number(port), hostname);
    const lines: string[] = [];
    for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
      lines.push(`${incoming.rawHeaders[n]}: ${incoming.rawHeaders[n + 1]}`);
    }
    server.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#streams.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#streams.delete(socket);
        other.destroy();
      });
    }
  }
}
