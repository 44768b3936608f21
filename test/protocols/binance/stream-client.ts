import type { TestServer } from '../../helpers/server.ts';
import { TestSocket } from '../../helpers/socket.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Payload = any;

/** A client of streams on a server whose clock the test moves. */
export class StreamClient {
  readonly socket: TestSocket;
  readonly #server: TestServer;

  constructor(server: TestServer, path: string) {
    this.#server = server;
    this.socket = new TestSocket(`${server.server.url.replace('http', 'ws')}${path}`);
  }

  next(): Promise<Payload> {
    return this.socket.next();
  }

  /** The answer to a request, and what came before it. */
  async ask(request: object): Promise<{ readonly answer: Payload; readonly before: Payload[] }> {
    this.socket.send(request);
    const before: Payload[] = [];
    for (;;) {
      const message = await this.next();
      if ('result' in message || 'error' in message) return { answer: message, before };
      before.push(message);
    }
  }

  /** Rows pass, so many at once; gives all that is told until `isLast` says so. */
  async pass(rows: number, isLast: (payload: Payload) => boolean): Promise<Payload[]> {
    this.#server.clock.pass(rows * this.#server.market.grid.intervalMs);
    const told: Payload[] = [];
    do told.push(await this.next());
    while (!isLast(told.at(-1)));
    return told;
  }

  async close(): Promise<void> {
    await this.socket.close();
  }
}
