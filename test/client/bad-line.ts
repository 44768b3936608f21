import fc from 'fast-check';
import { expect } from 'vitest';
import type { Batch } from '../../src/client/kind.ts';
import type { Stream } from '../../src/client/stream.ts';
import { type FakeSocket, hello, INTERVAL, START, World } from './world.ts';

/** What may happen; `n` is a number of rows, of reads or of milliseconds. */
export type Event = { readonly kind: (typeof KINDS)[number]; readonly n: number };
export const KINDS = [
  'gap',
  'repeat',
  'swap',
  'old',
  'stray',
  'end',
  'silence',
  'restart',
  'skip',
  'select',
] as const;

/** Rows that a frame is to tell of, under the id of a subscription. */
export interface Told {
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly id: number;
  readonly isBinary: boolean;
}

/** What an honest server sends of them. */
export type FramesOf = (told: Told) => readonly (object | ArrayBuffer)[];

/** A server of one socket after another: honest, unless an event says otherwise. */
export class FakeServer {
  readonly #world: World;
  readonly #framesOf: FramesOf;
  #heard = new Map<FakeSocket, number>();
  #id = 0;
  at = 0;
  head = START;

  constructor(world: World, framesOf: FramesOf) {
    this.#world = world;
    this.#framesOf = framesOf;
  }

  get socket(): FakeSocket {
    return this.#world.socket;
  }

  /** Whether there is a subscription to send rows of. */
  get isAsked(): boolean {
    return this.#id > 0 && !this.socket.isClosed;
  }

  /** Answer all that was asked. */
  answer(): void {
    const { socket } = this;
    if (socket.isClosed) return;
    const heard = this.#heard.get(socket);
    if (heard === undefined) {
      this.#id = 0;
      this.#heard.set(socket, 0);
      hello(socket, this.head);
    }
    for (const { type, id, since, symbols } of socket.sent.slice(heard ?? 0)) {
      if (type === 'subscribe') {
        [this.#id, this.at] = [id, since as number];
        const names = symbols === '*' ? ['a'] : symbols;
        socket.say({ type: 'subscribed', id, symbols: names, since });
      } else if (type === 'unsubscribe') {
        socket.say({ type: 'unsubscribed', id, until: this.at });
        this.#id = 0;
      } else socket.say({ type: 'pong', id, now: this.head });
    }
    this.#heard.set(socket, socket.sent.length);
  }

  send(rows: number): void {
    const until = this.at + rows * INTERVAL;
    this.head = Math.max(this.head, until);
    this.#deliver(this.at, until, this.#id, rows % 2 === 0);
    this.at = until;
  }

  skip(rows: number): void {
    const until = this.at + rows * INTERVAL;
    this.head = Math.max(this.head, until);
    this.socket.say({ type: 'skipped', id: this.#id, since: this.at, until, rows });
    this.at = until;
  }

  /** A frame that does not begin where it should. */
  lie(byRows: number): void {
    const since = this.at + byRows * INTERVAL;
    this.#deliver(since, since + 2 * INTERVAL, this.#id);
  }

  /** Two frames that have changed places on the way. */
  swap(): void {
    const [first, last] = [this.at, this.at + 2 * INTERVAL];
    this.#deliver(first + INTERVAL, last, this.#id);
    if (!this.socket.isClosed) this.#deliver(first, first + INTERVAL, this.#id);
  }

  #deliver(since: number, until: number, id: number, isBinary = false, socket = this.socket) {
    const lag = Math.max(0, (this.head - until) / INTERVAL);
    for (const message of this.#framesOf({ since, until, lag, id, isBinary })) {
      if (message instanceof ArrayBuffer) socket.deliver(message);
      else socket.say(message);
    }
  }

  /** Frames that were right once: of a subscription that is over, of a connection that is. */
  stray(): void {
    if (this.#id > 1) this.#deliver(this.at, this.at + INTERVAL, this.#id - 1);
  }

  old(): void {
    const [first] = this.#world.sockets;
    if (first === this.socket) return;
    this.#deliver(this.at, this.at + INTERVAL, 1, false, first!);
    first!.end(4502);
  }
}

/** An application that keeps what it got and its cursor together, and reads as fast as it is told. */
export class Application<Given extends { readonly until: number }> {
  readonly #open: (since: number) => Stream<Batch, Given>;
  #stream: Stream<Batch, Given>;
  #reader: AsyncIterator<Given, undefined>;
  #life = 0;
  given: Given[] = [];

  constructor(open: (since: number) => Stream<Batch, Given>) {
    this.#open = open;
    this.#stream = open(START);
    this.#reader = this.#stream[Symbol.asyncIterator]();
  }

  async read(times: number): Promise<void> {
    const life = this.#life;
    for (let n = 0; n < times; n++) {
      void this.#reader.next().then(({ value }) => {
        if (value !== undefined && life === this.#life) this.given.push(value);
      });
    }
    await settle();
  }

  /** The process dies: what it was not done with is lost, and the cursor says so. */
  restart(): void {
    const { until: done } = this.#stream;
    this.#stream.close();
    this.#life += 1;
    this.given = this.given.filter(({ until }) => until <= done!);
    this.#stream = this.#open(done!);
    this.#reader = this.#stream[Symbol.asyncIterator]();
  }

  /** The same price under another name: none may be lost or come twice by that. */
  select(name: string): void {
    this.#stream.select([name]);
  }

  /** Time of the last row that it knows of. */
  get until(): number {
    return this.given.at(-1)?.until ?? START;
  }

  get pauses(): number {
    return this.#stream.counters.pauses;
  }
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function happen(
  { kind, n }: Event,
  server: FakeServer,
  app: Application<{ readonly until: number }>,
  world: World,
) {
  if (kind === 'silence') world.pass(n * 10_000);
  else if (kind === 'restart') app.restart();
  else if (kind === 'select') app.select(`s${n}`);
  else if (kind === 'end') server.socket.end(n % 2 === 0 ? 1006 : 4000);
  else if (!server.isAsked) return;
  else if (kind === 'gap') server.lie(1);
  else if (kind === 'repeat') server.lie(-1);
  else if (kind === 'skip') server.skip(n);
  else server[kind]();
}

/** What happens: rows are sent, the application reads, or something rare goes wrong. */
export function scripts(kinds: readonly Event['kind'][]) {
  const rare = fc.record({ kind: fc.constantFrom(...kinds), n: fc.integer({ min: 1, max: 4 }) });
  const rows = fc.record({ rows: fc.integer({ min: 0, max: 40 }) });
  const reads = fc.record({ reads: fc.integer({ min: 1, max: 6 }) });
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: rows },
      { weight: 4, arbitrary: reads },
      { weight: 3, arbitrary: rare },
    ),
    { maxLength: 80 },
  );
}

type Script = ReturnType<typeof scripts> extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays a script to an application; in the end the world is kind: what was missed can be had. */
export async function play(
  script: Script,
  framesOf: FramesOf,
  newApp: (world: World) => Application<{ readonly until: number }>,
): Promise<FakeServer> {
  const world = new World();
  const server = new FakeServer(world, framesOf);
  const app = newApp(world);
  for (const event of script) {
    server.answer();
    if ('reads' in event) await app.read(event.reads);
    else if ('kind' in event) await happen(event, server, app, world);
    else if (server.isAsked) server.send(event.rows);
    await settle();
  }
  server.head += INTERVAL;
  for (let turn = 0; app.until < server.head; turn++) {
    expect(turn).toBeLessThan(500);
    server.answer();
    if (server.isAsked && server.at < server.head) server.send(1);
    await app.read(1);
    world.pass(250);
  }
  return server;
}
