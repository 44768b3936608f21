import { once } from 'node:events';
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { eventually } from '../../helpers/eventually.ts';
import type { Json } from './world.ts';

/** A client of a stream, with all that it was told. */
export class StreamClient {
  readonly socket: WebSocket;
  /** Lists of messages, as they came. */
  readonly lists: Json[][] = [];
  /** The same as they were written; of JSON alone. */
  readonly texts: string[] = [];
  readonly closed: Promise<number>;
  readonly #isPacked: boolean;

  constructor(url: string, path: string, { isPacked = false, headers = {} } = {}) {
    const type = isPacked ? { 'content-type': 'application/msgpack' } : {};
    this.#isPacked = isPacked;
    this.socket = new WebSocket(url.replace('http', 'ws') + path, {
      headers: { ...type, ...headers },
    });
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary !== isPacked) throw new Error('messages are bytes where they were asked for');
      this.lists.push((isPacked ? decode(data) : JSON.parse(String(data))) as Json[]);
      if (!isPacked) this.texts.push(String(data));
    });
    this.socket.on('error', () => {});
    this.closed = once(this.socket, 'close').then(([code]) => code as number);
  }

  /** One that has said who it is. */
  static async open(url: string, path: string, options: { isPacked?: boolean } = {}) {
    const client = new StreamClient(url, path, options);
    await once(client.socket, 'open');
    client.send({ action: 'auth', key: 'any', secret: 'key' });
    await eventually(() => {
      if (client.lists.length < 2) throw new Error('it is told that it is authenticated');
    });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(this.#isPacked ? encode(message) : JSON.stringify(message));
  }

  /** Messages of one kind, in the order in which they came. */
  of(T: string): Json[] {
    return this.lists.flat().filter((message) => message.T === T);
  }

  /** Sends a message; gives the first of a kind that comes behind it. */
  async ask(message: unknown, T = 'subscription'): Promise<Json> {
    const before = this.of(T).length;
    this.send(message);
    return await eventually(() => {
      const found = this.of(T)[before];
      if (found === undefined) throw new Error(`${T} comes; there came ${this.lists.length}`);
      return found;
    });
  }

  /** Those of a kind, once there are so many. */
  async atLeast(T: string, count: number): Promise<Json[]> {
    return await eventually(() => {
      const found = this.of(T);
      if (found.length < count) throw new Error(`${count} of ${T} come; there are ${found.length}`);
      return found;
    });
  }
}
