import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** What an HTTP answer is made into. */
export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * A proxy that knows what it passes on: answers of HTTP whole, the stream message by message. So it
 * can do what no network does, and what a broken program in between might.
 *
 *     page ── requests, messages ──► server
 *          ◄── answer(path, reply) ──
 *          ◄── rows(message) ────────
 */
export class FrameProxy {
  /** Called with each message of rows from the server; those it gives are passed on instead. */
  rows: (message: Buffer) => readonly Buffer[] = (message) => [message];
  /** Called with each answer; what it gives is passed on instead, when it gives it. */
  answer: (path: string, reply: Reply) => Reply | Promise<Reply> = (_, reply) => reply;
  /** Nothing of the stream is passed on, either way, and nothing is closed. */
  isSilent = false;
  readonly url: string;
  readonly #target: URL;
  readonly #close: () => Promise<void>;
  readonly #sockets = new Set<WebSocket>();

  private constructor(url: string, target: string, close: () => Promise<void>) {
    this.url = url;
    this.#target = new URL(target);
    this.#close = close;
  }

  /** A proxy on a free port before the server at `target`, such as `http://127.0.0.1:8080`. */
  static async before(target: string): Promise<FrameProxy> {
    const server = createServer((request, response) => void proxy.#ask(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const entrance = new WebSocketServer({
      server,
      handleProtocols: (protocols) => [...protocols][0] ?? false,
    });
    const proxy = new FrameProxy(`http://127.0.0.1:${port}`, target, async () => {
      entrance.close();
      server.closeAllConnections();
      server.close();
    });
    entrance.on('connection', (page, { url = '' }) => proxy.#join(page, url));
    return proxy;
  }

  /** Ends every stream that passes through it, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    await this.#close();
  }

  async #ask({ url = '/', method = 'GET' }: IncomingMessage, response: ServerResponse) {
    try {
      const answer = await fetch(new URL(url, this.#target), { method });
      const body = Buffer.from(await answer.arrayBuffer());
      const reply = await this.answer(url, { status: answer.status, body });
      const headers = Object.fromEntries(answer.headers);
      // These are about the bytes on the wire, which are others now.
      for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) {
        delete headers[name];
      }
      response.writeHead(reply.status, { ...headers, 'cache-control': 'no-store' });
      response.end(reply.body);
    } catch {
      // No server: as if it had broken off.
      response.destroy();
    }
  }

  #join(page: WebSocket, path: string): void {
    const url = new URL(path, this.#target).href.replace('http', 'ws');
    const server = new WebSocket(url, page.protocol === '' ? [] : [page.protocol]);
    const early: RawData[] = [];
    page.on('message', (data) => {
      if (this.isSilent) return;
      if (server.readyState === WebSocket.OPEN) server.send(String(data));
      else early.push(data);
    });
    server.on('open', () => {
      for (const data of early) server.send(String(data));
    });
    server.on('message', (data, isBinary) => {
      if (this.isSilent) return;
      if (!isBinary) page.send(String(data));
      else for (const message of this.rows(data as Buffer)) page.send(message);
    });
    for (const [socket, other] of [
      [page, server],
      [server, page],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', (code) => {
        this.#sockets.delete(socket);
        // Codes that a program may not send are those of a line that broke.
        if (code >= 3000 || code === 1000) other.close(code);
        else other.terminate();
      });
    }
  }
}
