import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rows } from '../../src/client/rows.ts';
import { type Subscription, subscribe } from '../../src/client/subscribe.ts';
import type { Delivery } from '../../src/wire/messages.ts';
import { binaryFrame, type FakeSocket, frame, hello, INTERVAL, START, World } from './world.ts';

/** What may happen; `n` is a number of rows, of reads or of milliseconds. */
type Event = { readonly kind: (typeof KINDS)[number]; readonly n: number };
const KINDS = [
  'gap',
  'repeat',
  'old',
  'stray',
  'end',
  'silence',
  'restart',
  'skip',
  'select',
] as const;

/** A server of one socket after another: honest, unless an event says otherwise. */
class FakeServer {
  readonly #world: World;
  #heard = new Map<FakeSocket, number>();
  #id = 0;
  at = 0;
  head = START;

  constructor(world: World) {
    this.#world = world;
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
    const lag = (this.head - until) / INTERVAL;
    if (rows % 2 === 0) this.socket.deliver(binaryFrame(this.at, until, lag, this.#id));
    else this.socket.say(frame(this.at, until, lag, this.#id));
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
    this.socket.say(frame(since, since + 2 * INTERVAL, 0, this.#id));
  }

  /** Frames that were right once: of a subscription that is over, of a connection that is. */
  stray(): void {
    if (this.#id > 1) this.socket.say(frame(this.at, this.at + INTERVAL, 0, this.#id - 1));
  }

  old(): void {
    const [first] = this.#world.sockets;
    if (first === this.socket) return;
    first!.say(frame(this.at, this.at + INTERVAL, 0, 1));
    first!.end(4502);
  }
}

/** An application that keeps its rows and its cursor together, and reads as fast as it is told. */
class Application {
  readonly #world: World;
  readonly #delivery: Delivery;
  #subscription!: Subscription;
  #reader!: AsyncIterator<Rows, undefined>;
  #life = 0;
  rows: Rows[] = [];

  constructor(world: World, delivery: Delivery) {
    this.#world = world;
    this.#delivery = delivery;
    this.#open(START);
  }

  #open(since: number): void {
    this.#subscription = subscribe({
      url: 'http://somewhere',
      symbols: '*',
      since,
      market: 'm1',
      delivery: this.#delivery,
      maxQueuedBytes: 3_000,
      host: this.#world,
    });
    this.#reader = this.#subscription[Symbol.asyncIterator]();
  }

  async read(times: number): Promise<void> {
    const life = this.#life;
    for (let n = 0; n < times; n++) {
      void this.#reader.next().then(({ value }) => {
        if (value !== undefined && life === this.#life) this.rows.push(value);
      });
    }
    await settle();
  }

  /** The process dies: what it was not done with is lost, and the cursor says so. */
  restart(): void {
    const { until: done } = this.#subscription;
    this.#subscription.close();
    this.#life += 1;
    this.rows = this.rows.filter(({ until }) => until <= done!);
    this.#open(done!);
  }

  /** The same price under another name: none may be lost or come twice by that. */
  select(name: string): void {
    this.#subscription.select([name]);
  }

  /** What it has, row for row: its price, or nothing where the row was left out. */
  get prices(): (number | undefined)[] {
    return this.rows.flatMap(({ prices, skipped }) => [
      ...Array<undefined>(skipped?.rows ?? 0).fill(undefined),
      ...prices[0]!,
    ]);
  }

  get pauses(): number {
    return this.#subscription.counters.pauses;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function happen({ kind, n }: Event, server: FakeServer, app: Application, world: World) {
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

test.each<Delivery>(['all', 'latest'])(
  'the application has every row once, in order: %s',
  async (delivery) => {
    const kinds = KINDS.filter((kind) => kind !== 'skip' || delivery === 'latest');
    const rare = fc.record({ kind: fc.constantFrom(...kinds), n: fc.integer({ min: 1, max: 4 }) });
    const rows = fc.record({ rows: fc.integer({ min: 0, max: 40 }) });
    const reads = fc.record({ reads: fc.integer({ min: 1, max: 6 }) });
    const script = fc.array(
      fc.oneof(
        { weight: 8, arbitrary: rows },
        { weight: 4, arbitrary: reads },
        { weight: 3, arbitrary: rare },
      ),
      { maxLength: 80 },
    );
    let pauses = 0;
    await fc.assert(
      fc.asyncProperty(script, async (events) => {
        const world = new World();
        const server = new FakeServer(world);
        const app = new Application(world, delivery);
        for (const event of events) {
          server.answer();
          if ('reads' in event) await app.read(event.reads);
          else if ('kind' in event) await happen(event, server, app, world);
          else if (server.isAsked) server.send(event.rows);
          await settle();
        }
        pauses += app.pauses;
        // In the end the world is kind: whatever was missed can be had.
        server.head += INTERVAL;
        const whole = () => START + app.prices.length * INTERVAL;
        for (let turn = 0; whole() < server.head; turn++) {
          expect(turn).toBeLessThan(500);
          server.answer();
          if (server.isAsked && server.at < server.head) server.send(1);
          await app.read(1);
          world.pass(250);
        }
        const { prices } = app;
        const expected = prices.map((_, index) => START / INTERVAL + 1 + index);
        expect(prices.map((price, index) => price ?? expected[index])).toEqual(expected);
        if (delivery === 'all') expect(prices).not.toContain(undefined);
      }),
      { numRuns: 300 },
    );
    expect(pauses > 0).toBe(delivery === 'all');
  },
);
