import type { Message } from './socket.ts';

/** One server-sent event. */
export interface ServerEvent {
  /** `message` if it has no name, as in a browser. */
  readonly name: string;
  readonly id: string | undefined;
  readonly retry: number | undefined;
  readonly data: Message;
}

/** Reads server-sent events as the HTML standard says, one after the other. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The next event; undefined when the server has ended the stream. */
  async next(): Promise<ServerEvent | undefined> {
    let end = this.#text.indexOf('\n\n');
    while (end < 0) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
      end = this.#text.indexOf('\n\n');
    }
    const fields = new Map(
      this.#text
        .slice(0, end)
        .split('\n')
        .map((line) => {
          const at = line.indexOf(': ');
          return [line.slice(0, at), line.slice(at + 2)];
        }),
    );
    this.#text = this.#text.slice(end + 2);
    const retry = fields.get('retry');
    return {
      name: fields.get('event') ?? 'message',
      id: fields.get('id'),
      retry: retry === undefined ? undefined : Number(retry),
      data: JSON.parse(fields.get('data') ?? 'null'),
    };
  }

  /** The next event; throws if it has another name. */
  async expect(name: string): Promise<ServerEvent> {
    const event = await this.next();
    if (event?.name === name) return event;
    throw new Error(`the next event is ${name}; it is: ${JSON.stringify(event)?.slice(0, 300)}`);
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
