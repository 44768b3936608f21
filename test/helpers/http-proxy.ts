import { once } from 'node:events';
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * What becomes of an upgrade: it goes through; it is answered 502 or, as by proxies that know of no
 * such thing, as if it were a plain request; nobody ever answers; it is granted, and then silent.
 */
export type Upgrades = 'pass' | 'refuse' | 'ignore' | 'hang' | 'mute';

const HOST = '127.0.0.1';

/** A proxy of HTTP, as stands before many a server: it says 502 where there is none. */
export class HttpProxy {
  upgrades: Upgrades = 'pass';
  /** After so many bytes of an event stream it breaks the connection, anywhere in an event. */
  mostEventBytes = Number.POSITIVE_INFINITY;
  /** What it was asked for, upgrades with an exclamation mark. */
  readonly asked: string[] = [];
  /** How often it has said 502. */
  failures = 0;
  readonly #server: Server;
  #upstream: number;
  readonly #sockets = new Set<Duplex>();

  private constructor(server: Server, upstream: number) {
    this.#server = server;
    this.#upstream = upstream;
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.on('request', (request, response) => this.#pass(request, response));
    server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  /** A proxy on a free port before the server on `upstream`, which need not be there yet. */
  static async before(upstream: string | number): Promise<HttpProxy> {
    const port = typeof upstream === 'number' ? upstream : Number(new URL(upstream).port);
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new HttpProxy(server, port);
  }

  /** The server before which it stands from now on. */
  set upstream(url: string) {
    this.#upstream = Number(new URL(url).port);
  }

  get url(): string {
    const address = this.#server.address();
    return `http://${HOST}:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Asks through it with headers that `fetch` does not let its callers set. */
  async ask(url: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const asking = ask(url, { headers, agent: false, ...(signal === undefined ? {} : { signal }) });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return new Response(await text(answer), {
      status: answer.statusCode ?? 0,
      headers: { 'content-type': answer.headers['content-type'] ?? '' },
    });
  }

  /** Breaks what there is and takes no more. */
  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  /** Breaks all connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/', headers } = request;
    this.asked.push(url);
    const { upgrade: _, ...others } = headers;
    const options = { host: HOST, port: this.#upstream, method, path: url, headers: others };
    const up = ask({ ...options, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      let left = url.startsWith('/v1/events') ? this.mostEventBytes : Number.POSITIVE_INFINITY;
      answer.on('data', (bytes: Buffer) => {
        left -= bytes.length;
        if (left < 0) response.destroy();
      });
      answer.on('error', () => response.destroy());
    });
    up.on('error', () => {
      if (response.headersSent) response.destroy();
      else this.#fail(response);
    });
    response.on('close', () => up.destroy());
    up.end();
  }

  #fail(response: ServerResponse): void {
    this.failures += 1;
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
  }

  #upgrade({ url = '/', rawHeaders }: IncomingMessage, socket: Duplex): void {
    this.asked.push(`${url}!`);
    if (this.upgrades === 'hang') return;
    if (this.upgrades === 'refuse') {
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    const up = connect(this.#upstream, HOST);
    this.#keep(up);
    up.on('error', () => socket.destroy());
    const left = this.upgrades === 'ignore' ? ['upgrade', 'connection'] : [];
    const lines = [`GET ${url} HTTP/1.1`];
    for (let n = 0; n < rawHeaders.length; n += 2) {
      if (left.includes(rawHeaders[n]!.toLowerCase())) continue;
      lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`);
    }
    up.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.pipe(up);
    if (this.upgrades === 'mute') up.once('data', (head: Buffer) => socket.write(answerIn(head)));
    else up.pipe(socket);
    socket.on('error', () => up.destroy());
    socket.on('close', () => up.destroy());
    up.on('close', () => socket.destroy());
  }
}

/** The head of an answer, without what came behind it. */
function answerIn(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4);
}
