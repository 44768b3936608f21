import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pick } from './random.ts';

/** `up`: from the client to the server. */
export type Direction = 'up' | 'down';

/** What happens to the bytes of a wire. None of it alters them, their order or their number. */
export interface Faults {
  /** What was read at once waits so long; so it is also at most 64 KiB in that time. */
  readonly delayMs?: number;
  /** Every byte is sent by itself. */
  readonly isSliced?: boolean;
  /** Neither reads nor writes that way, until told otherwise. */
  readonly stalled?: Direction | 'both';
  /** At most so many bytes a second, each way. */
  readonly bytesPerSecond?: number;
}

const HOST = '127.0.0.1';
/** A throttled wire is served so many times a second: its burst is that part of a second's bytes. */
const REFILLS_PER_SECOND = 20;

/**
 * One client's connection through the proxy, and its own to the server.
 *
 *     client ══ up ══►  one reading at a time  ══► server
 *            ◄═ down ═  one reading at a time  ◄══
 *
 * A reading is not forgotten until the kernel of the other side has taken it, and the next one is
 * not begun before: a side that does not read holds up the other one, whatever it sends.
 */
export class Wire {
  /** Resolves when both sockets are gone. */
  readonly closed: Promise<void>;
  /** Bytes handed on, by direction. */
  readonly passed = { up: 0, down: 0 };
  readonly #client: Socket;
  readonly #server: Socket;
  #faults: Faults;
  #isCut = false;
  #changed = newGate();

  constructor(client: Socket, server: Socket, faults: Faults) {
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      socket.setNoDelay(true);
      // What broke one side breaks the other.
      socket.on('error', () => reset(other));
      socket.on('close', () => this.set(this.#faults));
    }
    this.closed = Promise.all([
      this.#pump('up', client, server),
      this.#pump('down', server, client),
      ...[client, server].map((socket) => new Promise((gone) => socket.once('close', gone))),
    ]).then(() => {});
  }

  get faults(): Faults {
    return this.#faults;
  }

  /** From the next byte on, these faults instead of those there were. */
  set(faults: Faults): void {
    this.#faults = faults;
    this.#changed.open();
    this.#changed = newGate();
  }

  /** Ends both sides in order (FIN), each after what it was given; what comes later is dropped. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#client.end();
    this.#server.end();
    this.set({});
  }

  /** Breaks both sides (RST). */
  reset(): void {
    reset(this.#client);
    reset(this.#server);
    this.set({});
  }

  async #pump(direction: Direction, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        await this.#pass(direction, chunk, to);
      }
      to.end();
    } catch {
      // The socket broke, and its other side with it.
    }
  }

  /** Hands on `chunk`, a piece at a time; drops it if there is nobody to hand it to. */
  async #pass(direction: Direction, chunk: Buffer, to: Socket): Promise<void> {
    if (this.#faults.delayMs) await sleep(this.#faults.delayMs);
    for (let at = 0; at < chunk.length; ) {
      while (isStalled(this.#faults, direction) && !to.destroyed) await this.#changed.opened;
      if (this.#isCut || to.destroyed) return;
      const { isSliced, bytesPerSecond } = this.#faults;
      const burst = bytesPerSecond && Math.max(1, Math.floor(bytesPerSecond / REFILLS_PER_SECOND));
      const piece = chunk.subarray(at, at + (isSliced ? 1 : (burst ?? chunk.length)));
      await taken(to, piece);
      at += piece.length;
      this.passed[direction] += piece.length;
      // Its reader, which may be of this process, has a turn: else the kernel would join the bytes.
      if (isSliced) await nextTurn();
      if (bytesPerSecond) await sleep((piece.length / bytesPerSecond) * 1000);
    }
  }
}

/** A TCP proxy that treats what passes through it as badly as a network may. */
export class FaultProxy {
  readonly wires = new Set<Wire>();
  readonly #server: Server;
  readonly #port: number;
  #faults: Faults = {};

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on('connection', (client) => this.#accept(client));
  }

  /** A proxy on a free port before the server on `port`, which need not be there yet. */
  static async before(port: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, HOST);
    await once(server, 'listening');
    return new FaultProxy(server, port);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** These faults for all wires, those to come included. */
  set(faults: Faults): void {
    this.#faults = faults;
    for (const wire of this.wires) wire.set(faults);
  }

  /** Breaks what is left and takes no more. */
  async close(): Promise<void> {
    this.#server.close();
    const wires = [...this.wires];
    for (const wire of wires) wire.reset();
    await Promise.all(wires.map(({ closed }) => closed));
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#port, host: HOST, allowHalfOpen: true });
    const wire = new Wire(client, server, this.#faults);
    this.wires.add(wire);
    void wire.closed.then(() => this.wires.delete(wire));
  }
}

/** What a bad network does next: most of the time something, one time in four nothing. */
export function randomFaults(random: () => number): Faults {
  return pick<() => Faults>(random, [
    () => ({}),
    () => ({ delayMs: Math.ceil(random() * 200) }),
    () => ({ isSliced: true }),
    () => ({ bytesPerSecond: 16_000 }),
    () => ({ stalled: pick(random, ['up', 'down', 'both'] as const) }),
    () => ({ delayMs: Math.ceil(random() * 50), bytesPerSecond: 16_000 }),
    () => ({ delayMs: Math.ceil(random() * 50), isSliced: true }),
    () => ({}),
  ])();
}

function isStalled({ stalled }: Faults, direction: Direction): boolean {
  return stalled === direction || stalled === 'both';
}

function reset(socket: Socket): void {
  if (socket.destroyed) return;
  // Node 24 never closes a socket that is reset while its end is on the way.
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Resolves when the kernel has taken `bytes`, or the socket is gone. */
function taken(to: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => to.write(bytes, () => resolve()));
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function newGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
