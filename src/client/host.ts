/** What a link needs of a socket. A browser's WebSocket has it, and so does Node's. */
export interface LinkSocket {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** The world around a link: sockets, time, chance and the network. Tests pass in their own. */
export interface LinkHost {
  openSocket(url: string): LinkSocket;
  /** A clock that never steps back. */
  nowMs(): number;
  /** Call `run` once after `afterMs`; what is returned cancels it. */
  setTimer(afterMs: number, run: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
  isOnline(): boolean;
  /** Call `wake` whenever it makes sense to try at once; what is returned stops that. */
  onWake(wake: () => void): () => void;
}

/** The host of a page: it wakes the link when the network comes back or the page is shown again. */
export function browserHost(): LinkHost {
  return {
    openSocket: (url) => new WebSocket(url, 'tickwell.v1.json') as LinkSocket,
    nowMs: () => performance.now(),
    setTimer(afterMs, run) {
      const timer = setTimeout(run, afterMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    isOnline: () => navigator.onLine,
    onWake(wake) {
      const whenShown = () => {
        if (document.visibilityState === 'visible') wake();
      };
      addEventListener('online', wake);
      document.addEventListener('visibilitychange', whenShown);
      return () => {
        removeEventListener('online', wake);
        document.removeEventListener('visibilitychange', whenShown);
      };
    },
  };
}
