import type { LinkHost, LinkSocket } from '../../src/client/host.ts';
import type { ServerMessage } from '../../src/wire/messages.ts';

/** A socket that a test holds the other end of. */
export class FakeSocket implements LinkSocket {
  onmessage: LinkSocket['onmessage'] = null;
  onclose: LinkSocket['onclose'] = null;
  onerror: LinkSocket['onerror'] = null;
  readonly sent: { type: string; since?: number; market?: string }[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server says this. */
  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The server, or the network, ends it. */
  end(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

/** Time, chance and network in the hands of a test. */
export class World implements LinkHost {
  readonly sockets: FakeSocket[] = [];
  online = true;
  wake: () => void = () => {};
  #nowMs = 1_000;
  #timers: { dueMs: number; run: () => void }[] = [];

  openSocket(): FakeSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(afterMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + afterMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 0.5;
  }

  isOnline(): boolean {
    return this.online;
  }

  onWake(wake: () => void): () => void {
    this.wake = wake;
    return () => {
      this.wake = () => {};
    };
  }

  /** Let time pass; whatever falls due happens at its time. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort(byTime)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

function byTime(a: { dueMs: number }, b: { dueMs: number }): number {
  return a.dueMs - b.dueMs;
}
