import { connect, type Socket } from 'node:net';

/** How often it looks whether anybody is there. */
const TALK_MS = 50;

/**
 * A client that does not hang up: when the server has ended its half of the connection, it goes on
 * talking, and so learns when nobody is there any more.
 */
export class StubbornClient {
  /** All that came, as Latin-1, when the server ended its half. */
  readonly answered: Promise<string>;
  /** Resolves when the connection is gone altogether. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  #text = '';

  constructor(url: string, bytes: string) {
    const port = Number(new URL(url).port);
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
    });
    this.#socket.on('error', () => {});
    let talk: NodeJS.Timeout | undefined;
    this.#socket.on('end', () => {
      talk = setInterval(() => this.write(' '), TALK_MS);
    });
    this.#socket.on('close', () => clearInterval(talk));
    this.answered = new Promise((resolve) => this.#socket.on('end', () => resolve(this.#text)));
    this.gone = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    this.write(bytes);
  }

  /** All that has come so far, as Latin-1. */
  get received(): string {
    return this.#text;
  }

  write(bytes: string): void {
    if (this.#socket.writable) this.#socket.write(bytes, 'latin1');
  }

  /** Reads no more, as if its owner had forgotten it. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
