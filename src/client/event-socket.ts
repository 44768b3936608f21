import type { HelloMessage } from '../wire/messages.ts';
import { ClientError } from './error.ts';
import { eventsIn, type ServerEvent } from './event-stream.ts';
import type { Host, Socket } from './host.ts';
import { failureOf, get } from './http.ts';
import { BROKEN } from './reason.ts';
import { httpUrl } from './url.ts';

/**
 * What the server at `url` would say first on a WebSocket, asked over HTTP. Throws the
 * `ClientError` that stands in the way of it.
 */
export async function askHello(
  url: string,
  host: Pick<Host, 'fetch'>,
  signal: AbortSignal,
): Promise<HelloMessage> {
  try {
    return await get('v1/hello', { url, fetch: host.fetch, signal });
  } catch (error) {
    throw asClientError(error);
  }
}

function asClientError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  return new ClientError('unreachable', 'The answer of the server broke off.', { cause });
}

/**
 * The stream of a server over plain HTTP, in the shape of a socket: rows are server-sent events,
 * one request for each subscription. It says what a WebSocket says, as JSON.
 */
export class EventSocket implements Socket {
  binaryType = '';
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly #url: string;
  readonly #host: Pick<Host, 'fetch'>;
  readonly #over = new AbortController();
  /** Of the subscription that runs. */
  #stop = new AbortController();

  constructor(url: string, host: Pick<Host, 'fetch'>) {
    this.#url = url;
    this.#host = host;
    void this.#ask((hello) => hello);
  }

  send(text: string): void {
    const { type, id, ...asked } = JSON.parse(text);
    if (type === 'ping') {
      void this.#ask(({ now, speed }) => ({ type: 'pong', id, now, speed }));
      return;
    }
    this.#stop.abort();
    if (type === 'subscribe') void this.#listen(id, asked);
  }

  close(): void {
    this.#over.abort();
    this.#stop.abort();
  }

  /** Ask the server who it is, and say what that comes to. */
  async #ask(said: (hello: HelloMessage) => object): Promise<void> {
    try {
      this.#say(JSON.stringify(said(await askHello(this.#url, this.#host, this.#over.signal))));
    } catch (error) {
      this.#end(error, this.#over.signal);
    }
  }

  /** Pass on the rows of one subscription, until it is over. */
  async #listen(id: number, asked: Readonly<Record<string, unknown>>): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const url = httpUrl(this.#url, 'v1/events');
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, String(value));
    try {
      const answer = await this.#host.fetch(url.href, { signal });
      const { status, headers, body } = answer;
      const isStream = headers.get('content-type')?.startsWith('text/event-stream');
      if (status !== 200 || !isStream || body === null) {
        throw failureOf(status, await answer.text(), headers.get('retry-after'));
      }
      for await (const event of eventsIn(body)) {
        if (signal.aborted) return;
        this.#say(messageOf(id, event));
      }
      this.#end(undefined, signal);
    } catch (error) {
      this.#end(error, signal);
    }
  }

  #say(data: string): void {
    if (!this.#over.signal.aborted) this.onmessage?.({ data });
  }

  /** It has ended by itself, with what was thrown. */
  #end(thrown: unknown, { aborted }: AbortSignal): void {
    if (aborted || this.#over.signal.aborted) return;
    this.close();
    const error = thrown === undefined ? {} : { error: asClientError(thrown) };
    this.onclose?.({ code: BROKEN, reason: '', ...error });
  }
}

/** The message of a WebSocket that says the same. */
function messageOf(id: number, { name, data }: ServerEvent): string {
  if (name === 'heartbeat') {
    const { until, ...beat } = JSON.parse(data);
    return JSON.stringify({ type: name, ...beat, subscriptions: { [id]: until } });
  }
  // Rows are most of it, and are not parsed twice.
  return `{"type":"${name || 'rows'}","id":${id},${data.slice(1)}`;
}
