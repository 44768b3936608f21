import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Message = any;

/** How a socket ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** A client of the stream whose messages wait in a queue until the test takes them. */
export class TestSocket {
  /** Resolves when the socket has opened, if it does. */
  readonly opened: Promise<void>;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<Ending>;
  readonly #socket: WebSocket;
  readonly #texts: string[] = [];
  readonly #waiting: { give(text: string): void; fail(error: Error): void }[] = [];
  #ending: Ending | undefined;

  constructor(url: string, subprotocol?: string) {
    this.#socket = new WebSocket(url, subprotocol);
    this.#socket.on('message', (data) => {
      const text = String(data);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#texts.push(text);
      else waiting.give(text);
    });
    this.opened = new Promise((resolve) => this.#socket.on('open', resolve));
    // What went wrong is told by the ending.
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => {
        this.#ending = { code, reason: String(reason) };
        for (const { fail } of this.#waiting) fail(this.#noMore());
        resolve(this.#ending);
      });
    });
  }

  /** The text of the next message. */
  nextText(): Promise<string> {
    const text = this.#texts.shift();
    if (text !== undefined) return Promise.resolve(text);
    if (this.#ending !== undefined) return Promise.reject(this.#noMore());
    return new Promise((give, fail) => this.#waiting.push({ give, fail }));
  }

  /** The next message; throws if it is not of the type that is due. */
  async next(type?: string): Promise<Message> {
    const text = await this.nextText();
    const message: Message = JSON.parse(text);
    if (type !== undefined && message.type !== type) {
      throw new Error(`the next message is of type ${type}; it is: ${text.slice(0, 300)}`);
    }
    return message;
  }

  /** Sends an object as JSON, text as it is, bytes as a binary message. */
  send(message: object | string | Uint8Array): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.#socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** Sends bytes as a text message, be they UTF-8 or not. */
  sendAsText(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: false });
  }

  /** Sends a message and gives the next one that comes. */
  ask(message: object | string | Uint8Array, type?: string): Promise<Message> {
    this.send(message);
    return this.next(type);
  }

  /** Rows from the next messages, until the one that leaves a lag of 0; messages as they came. */
  async rowsUntilLive(): Promise<Message[]> {
    const frames: Message[] = [];
    do frames.push(await this.next('rows'));
    while (frames.at(-1).lag > 0);
    return frames;
  }

  close(): Promise<Ending> {
    this.#socket.close();
    return this.closed;
  }

  #noMore(): Error {
    return new Error(`a message is due; the socket closed: ${JSON.stringify(this.#ending)}`);
  }
}
