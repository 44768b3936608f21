import type { Logger } from 'pino';
import { ClientError } from '../../src/client/error.ts';
import type { Host, Socket } from '../../src/client/host.ts';
import type { Batch } from '../../src/client/kind.ts';
import type { Stream } from '../../src/client/stream.ts';
import type { Faults } from '../../src/core/faults/profile.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { FaultyTransport } from '../../src/delivery/faulty/faulty-transport.ts';
import { EVENT_FRAMING, SOCKET_FRAMING } from '../../src/delivery/faulty/framing.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { Outlet } from '../../src/delivery/outlet.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { askedOf } from '../../src/protocols/tickwell/sse/sse-route.ts';
import { SseStream } from '../../src/protocols/tickwell/sse/sse-stream.ts';
import { SseTransport } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { helloOf } from '../../src/protocols/tickwell/stream/hello.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { TickwellError } from '../../src/wire/errors.ts';
import { ChunkReader } from '../helpers/chunks.ts';
import { FrameReader, OPCODES } from '../helpers/frames.ts';
import { VirtualClock } from './clock.ts';
import { Pipe } from './pipe.ts';
import { SimulatedServer } from './server.ts';
import { simulatedResponse, simulatedSocket } from './sockets.ts';

/** Rows there are before anybody comes. */
const FIRST_HEAD = 50;
/** Timers are looked at so often. */
const STEP_MS = 250;
const ALL = Number.MAX_SAFE_INTEGER;
/** Without limits on messages: clients that are harmed come back often. */
const LIMITS = {
  ...DEFAULT_LIMITS,
  ...{ heartbeatMs: 3000, messagesPerSecond: 1e9, messagesBurst: 1e9, refusalsBurst: 1e9 },
  ...{ workPerSecond: 1e9, workBurst: 1e9, maxConnectionsPerAddress: 1e6 },
};

/** Something that reads its end of a connection when it is told. */
interface Line {
  read(): void;
}

/** A server of a market, and clients of `src/client` that reach it over plain objects. */
export class ClientWorld {
  readonly server: SimulatedServer;
  readonly market: Market;
  readonly clock: VirtualClock;
  readonly lines = new Set<Line>();
  #timers: { dueMs: number; run: () => void }[] = [];
  #beatAtMs = BEAT_MS;

  constructor(market: Market, logger: Logger) {
    this.market = market;
    this.clock = new VirtualClock(timeOf(market.grid, FIRST_HEAD - 1), 0);
    this.server = new SimulatedServer(market, this.clock.skewedBy(0), LIMITS, logger);
  }

  /** The time of the newest row. */
  get headMs(): number {
    return timeOf(this.market.grid, this.server.head - 1);
  }

  setTimer(afterMs: number, run: () => void): () => void {
    const timer = { dueMs: this.clock.steadyMs + afterMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time passes, and with it whatever is due. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.pass(STEP_MS);
      await this.#settle();
      const due = this.#timers.filter(({ dueMs }) => dueMs <= this.clock.steadyMs);
      for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
        // One may have taken another back.
        if (!this.#timers.includes(timer)) continue;
        this.#timers = this.#timers.filter((other) => other !== timer);
        timer.run();
      }
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    const { hub } = this.server;
    this.server.look();
    if (this.clock.steadyMs >= this.#beatAtMs) {
      this.#beatAtMs = this.clock.steadyMs + BEAT_MS;
      hub.beat();
    }
    hub.faulty.lines.look();
    while (this.server.turn());
    for (const line of [...this.lines]) line.read();
    await new Promise((resolve) => setImmediate(resolve));
    while (this.server.turn());
    for (const line of [...this.lines]) line.read();
  }
}

/** All that a client needs of the world, some of it faulty. */
export class WorldHost implements Host {
  /** What is done to connections that are opened from now on. */
  faults: Faults | undefined;
  readonly world: ClientWorld;
  #chance: number;

  constructor(world: ClientWorld, faults?: Faults) {
    this.world = world;
    this.faults = faults;
    this.#chance = faults?.seed ?? 1;
  }

  readonly fetch: Host['fetch'] = (address, { signal }) => {
    const url = new URL(address);
    const { hub } = this.world.server;
    if (url.pathname === '/v1/hello')
      return Promise.resolve(answer(200, helloOf(hub, this.faults)));
    try {
      const line = new EventLine(this, Object.fromEntries(url.searchParams));
      signal?.addEventListener('abort', () => line.leave());
      return Promise.resolve(answer(200, {}, line.body));
    } catch (error) {
      if (!(error instanceof TickwellError)) throw error;
      const { code, message, details } = error;
      return Promise.resolve(answer(400, { error: { code, message, ...details } }));
    }
  };

  openSocket(_url: string, protocols: readonly string[]): Socket {
    return new SocketLine(this, protocols[0] === 'tickwell.v1.json');
  }

  nowMs(): number {
    return this.world.clock.steadyMs;
  }

  setTimer(afterMs: number, run: () => void): () => void {
    return this.world.setTimer(afterMs, run);
  }

  /** Numbers of a linear congruence; source: D. Knuth, MMIX. */
  readonly random = (): number => {
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#chance / 2 ** 32;
  };

  isOnline(): boolean {
    return true;
  }

  onWake(): () => void {
    return () => {};
  }
}

function answer(status: number, said: object, body: ReadableStream<Uint8Array> | null = null) {
  const type = body === null ? 'application/json' : 'text/event-stream; charset=utf-8';
  return {
    ...{ status, body },
    headers: { get: (name: string) => (name === 'content-type' ? type : null) },
    text: () => Promise.resolve(JSON.stringify(said)),
  };
}

const newPipe = () => new Pipe({ kernelBytes: 1e9, highWaterBytes: 16_384, isEager: true });

/** A WebSocket between a client and the server. */
class SocketLine implements Socket, Line {
  binaryType = '';
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly #world: ClientWorld;
  readonly #pipe = newPipe();
  readonly #frames = new FrameReader();
  readonly #connection: StreamConnection;
  readonly #faulty: FaultyTransport | undefined;
  #isCut = false;

  constructor({ world, faults }: WorldHost, isJson: boolean) {
    const { hub } = world.server;
    const address = hub.service.addresses.of('10.0.0.1');
    this.#world = world;
    const watcher = {
      wrote() {},
      pinged() {},
      closed: (code: number) => {
        this.#isCut = code === 1006;
      },
    };
    const plain = simulatedSocket(this.#pipe, watcher);
    this.#faulty =
      faults && new FaultyTransport({ hub, plain, faults, address, framing: SOCKET_FRAMING });
    const encoder = encodersOf(hub)[isJson ? 'json' : 'binary'];
    const outlet = new SocketOutlet(hub, this.#faulty ?? plain);
    this.#connection = new StreamConnection(hub, outlet, address, encoder);
    hub.add(this.#connection);
    world.lines.add(this);
  }

  send(text: string): void {
    if (this.#faulty?.isDead !== true) this.#connection.receive(text);
  }

  close(): void {
    this.#world.lines.delete(this);
    this.#world.server.hub.remove(this.#connection);
  }

  read(): void {
    if (this.#isCut) this.#end(1006);
    for (const bytes of this.#pipe.read(ALL)) {
      for (const { opcode, payload } of this.#frames.push(Buffer.from(bytes))) {
        if (!this.#world.lines.has(this)) return;
        if (opcode === OPCODES.text) this.onmessage?.({ data: payload.toString() });
        if (opcode === OPCODES.binary) this.onmessage?.({ data: Uint8Array.from(payload).buffer });
        if (opcode === OPCODES.ping && this.#faulty?.isDead !== true) {
          this.#connection.ponged(payload.readUInt32BE());
        }
        if (opcode === OPCODES.close) this.#end(payload.readUInt16BE());
      }
    }
  }

  #end(code: number): void {
    this.close();
    this.onclose?.({ code, reason: '' });
  }
}

/** An event stream between a client and the server. */
class EventLine implements Line {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #world: ClientWorld;
  readonly #pipe = newPipe();
  readonly #chunks = new ChunkReader();
  readonly #stream: SseStream;
  #controller!: ReadableStreamController<Uint8Array<ArrayBuffer>>;
  #isCut = false;

  constructor({ world, faults }: WorldHost, query: object) {
    const { hub, chunks } = world.server;
    const address = hub.service.addresses.of('10.0.0.1');
    this.#world = world;
    const asked = askedOf(hub, query, () => {});
    const watcher = {
      wrote() {},
      pinged() {},
      closed: (code: number) => {
        this.#isCut = code === 1006;
      },
    };
    const plain = new SseTransport(simulatedResponse(this.#pipe, watcher), chunks);
    const way =
      faults && new FaultyTransport({ hub, plain, faults, address, framing: EVENT_FRAMING });
    this.#stream = new SseStream(hub, {
      ...{ outlet: new Outlet(hub, way ?? plain), encoder: encodersOf(hub).events },
      ...{ address, ...asked },
    });
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => void this.#leave(),
    });
    hub.add(this.#stream);
    hub.drained(this.#stream);
    world.lines.add(this);
  }

  /** The client has had enough. */
  leave(): void {
    if (this.#leave()) this.#controller.error(new DOMException('left', 'AbortError'));
  }

  read(): void {
    if (this.#isCut) {
      if (this.#leave()) this.#controller.error(new TypeError('terminated'));
      return;
    }
    for (const bytes of this.#pipe.read(ALL)) {
      for (const chunk of this.#chunks.push(bytes)) {
        if (chunk.length > 0) this.#controller.enqueue(Uint8Array.from(chunk));
        else if (this.#leave()) this.#controller.close();
      }
    }
  }

  #leave(): boolean {
    this.#world.server.hub.remove(this.#stream);
    return this.#world.lines.delete(this);
  }
}

/** A program that keeps all that it is given, until its stream ends. */
export class Application<Given extends Batch> {
  readonly given: Given[] = [];
  /** Why the stream has ended, if it has. */
  code: string | undefined;
  readonly stream: Stream<Batch, Given>;

  constructor(stream: Stream<Batch, Given>) {
    this.stream = stream;
    void this.#read();
  }

  get until(): number {
    return this.given.at(-1)?.until ?? -Infinity;
  }

  async #read(): Promise<void> {
    try {
      for await (const batch of this.stream) this.given.push(batch);
    } catch (error) {
      this.code = error instanceof ClientError ? error.code : String(error);
    }
  }
}
