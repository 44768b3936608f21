import type { Transport } from './connection.ts';
import { ClientError } from './error.ts';

/** A handler of one kind of event; declared as a method so that richer events fit as well. */
type Handler<Event> = { handle(event: Event): void }['handle'] | null;

/** What is needed of a socket. A browser's WebSocket has it, and so do Node's and that of `ws`. */
export interface Socket {
  binaryType: string;
  onmessage: Handler<{ readonly data: unknown }>;
  onclose: Handler<{
    readonly code: number;
    readonly reason: string;
    /** What was thrown beneath, if that is known. */
    readonly error?: ClientError;
  }>;
  onerror: Handler<unknown>;
  send(text: string): void;
  close(): void;
}

/** A WebSocket class: the browser's, Node 22's, or that of `ws`. */
export type SocketClass = new (url: string, protocols: string[]) => Socket;

/** What is needed of `fetch` for answers that do not end. */
export type StreamFetch = (
  url: string,
  init: { signal?: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}>;

/** The world around a subscription: sockets, time, chance and the network. Tests pass their own. */
export interface Host {
  openSocket(url: string, protocols: readonly string[]): Socket;
  /** Ask over HTTP, past any cache: why a socket was not opened, or for rows instead of one. */
  readonly fetch: StreamFetch;
  /** A clock that never steps back, in milliseconds. */
  nowMs(): number;
  /** Call `run` once after `afterMs`; what is returned cancels it. */
  setTimer(afterMs: number, run: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
  isOnline(): boolean;
  /** Call `wake` whenever it makes sense to try at once; what is returned stops that. */
  onWake(wake: () => void): () => void;
}

/**
 * The world as it is. In a browser, the network that comes back and the page that is shown again
 * wake; Node has no such events. Throws `no_websocket` where there is no WebSocket class.
 */
export function defaultHost(
  WebSocketClass: SocketClass | undefined = globalThis.WebSocket as SocketClass | undefined,
  transport?: Transport,
): Host {
  if (WebSocketClass === undefined && transport !== 'events') {
    throw new ClientError(
      'no_websocket',
      'There is no WebSocket here: pass one, such as that of ws, as the option WebSocket.',
    );
  }
  return {
    openSocket: (url, protocols) => new WebSocketClass!(url, [...protocols]),
    fetch: (url, init) => fetch(url, { ...init, cache: 'no-store' }),
    nowMs: () => performance.now(),
    setTimer(afterMs, run) {
      const timer = setTimeout(run, afterMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    // Node has a navigator that does not say.
    isOnline: () => globalThis.navigator?.onLine !== false,
    onWake(wake) {
      const page = globalThis.document;
      const whenShown = () => {
        if (page.visibilityState === 'visible') wake();
      };
      globalThis.addEventListener?.('online', wake);
      page?.addEventListener('visibilitychange', whenShown);
      return () => {
        globalThis.removeEventListener?.('online', wake);
        page?.removeEventListener('visibilitychange', whenShown);
      };
    },
  };
}
