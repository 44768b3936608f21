import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Connection } from '../../src/delivery/connection.ts';
import { BodyKind, type Encoder, type Frame } from '../../src/delivery/encoder.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { Subscription } from '../../src/delivery/subscription.ts';
import type { Address } from '../../src/host/budgets/addresses.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { FrameReader, OPCODES } from '../helpers/frames.ts';
import { marketOf } from '../helpers/market.ts';
import { ToyEncoder } from '../helpers/toy-encoder.ts';
import { VirtualClock } from '../sim/clock.ts';
import { Pipe } from '../sim/pipe.ts';
import { SimulatedServer } from '../sim/server.ts';
import { simulatedSocket } from '../sim/sockets.ts';

const ROWS = 5000;
const market = marketOf({ seed: 9, count: 3, interval: 1000, capacity: 200 });
const limits = limitsOf({ frameBytes: 2048, maxUnreadBytes: 2 ** 20, pingBytes: 2 ** 19 });

/** What of a protocol is broken, now and then. */
type Broken = keyof Encoder | 'attend' | 'beat' | 'close' | 'closed' | 'sendSkipped';

let broken: Broken | undefined;
let time: VirtualClock;
let server: SimulatedServer;
let failures: string[];

/** Whether it fails when it has been waited for. */
let isLate: boolean;

function mayFail(what: Broken): void {
  if (broken === what) throw new Error(`a bug in ${what}`);
}

const BROKEN = new BodyKind();

/** Another protocol's encoder. Each kind of it has groups of its own. */
class BrokenEncoder extends ToyEncoder {
  override readonly bodyKind = BROKEN;

  override frameFor(id: number): Frame {
    mayFail('frameFor');
    return super.frameFor(id);
  }

  override putNewest(...given: Parameters<ToyEncoder['putNewest']>): void {
    mayFail('putNewest');
    super.putNewest(...given);
  }

  override putBody(...given: Parameters<ToyEncoder['putBody']>): void {
    mayFail('putBody');
    super.putBody(...given);
  }

  override encode(...given: Parameters<ToyEncoder['encode']>) {
    mayFail('encode');
    return super.encode(...given);
  }
}

class Client implements Connection {
  readonly kind = 'toy';
  readonly address: Address;
  readonly encoder: Encoder;
  readonly outlet: SocketOutlet;
  readonly subscriptions = new Map<number, Subscription>();
  readonly pipe = new Pipe({ kernelBytes: 1e9, highWaterBytes: 1e9, isEager: true });
  closeCode: number | undefined;
  readonly #isBroken: boolean;
  readonly #frames = new FrameReader();

  constructor(encoder: Encoder) {
    const { hub } = server;
    const watcher = {
      wrote: () => {},
      pinged: () => {},
      closed: (code: number) => {
        this.closeCode = code;
        // As a WebSocket does whose end begins.
        hub.closing(this);
      },
    };
    this.#isBroken = encoder instanceof BrokenEncoder;
    this.encoder = encoder;
    this.address = hub.service.addresses.of('10.0.0.1');
    this.outlet = new SocketOutlet(hub, simulatedSocket(this.pipe, watcher));
    hub.add(this);
  }

  subscribe(id: number, cursor: number, delivery: 'all' | 'latest' = 'all'): void {
    const { hub } = server;
    hub.detach(this);
    this.subscriptions.set(
      id,
      new Subscription({
        ...{ market, groups: hub.groups, connection: this, id, cursor, delivery },
        head: hub.service.feed.head,
        wanted: wantedOf(DEFAULT_FIELDS, [0, 1, 2]),
      }),
    );
    hub.drained(this);
  }

  /** The ranges of rows that it was sent. */
  get rows(): string[] {
    const frames = this.pipe
      .read(1e9)
      .flatMap((piece) => [...this.#frames.push(Buffer.from(piece))]);
    const texts = frames.filter(({ opcode }) => opcode === OPCODES.text);
    return texts.map(({ payload }) => payload.toString().split(' ')[1]!);
  }

  sendSkipped(): void | Promise<void> {
    return this.#do('sendSkipped');
  }

  attend(): void | Promise<void> {
    return this.#do('attend');
  }

  beat(): void | Promise<void> {
    return this.#do('beat');
  }

  close(code: number, reason: string): void | Promise<void> {
    const done = this.#do('close');
    this.outlet.close(code, reason);
    return done;
  }

  closed(): void | Promise<void> {
    const done = this.#do('closed');
    this.outlet.closed();
    return done;
  }

  #do(what: Broken): void | Promise<void> {
    if (!this.#isBroken || broken !== what) return;
    if (isLate) return Promise.reject(new Error(`a bug in ${what}`));
    mayFail(what);
  }
}

beforeEach(() => {
  broken = undefined;
  isLate = false;
  failures = [];
  const write = (line: string) => void failures.push(JSON.parse(line).err.message);
  time = new VirtualClock(timeOf(market.grid, ROWS - 1), 10);
  const logger = pino({ level: 'error' }, { write });
  server = new SimulatedServer(market, time.skewedBy(0), limits, logger);
});

function nextRow(): void {
  time.pass(market.grid.intervalMs);
  server.look();
}

async function settle(): Promise<void> {
  for (let isBusy = true; isBusy; ) {
    isBusy = server.turn();
    await undefined;
  }
}

/** A well client between two whose protocol may fail, all live. */
function three(): readonly [Client, Client, Client] {
  const [ill, well] = [new BrokenEncoder(), new ToyEncoder()];
  const clients = [new Client(ill), new Client(well), new Client(ill)] as const;
  for (const client of clients) client.subscribe(1, ROWS);
  nextRow();
  for (const client of clients) expect(client.rows).toEqual([`${ROWS}-${ROWS + 1}`]);
  return clients;
}

it.each([-1, -2, 1.5, Number.NaN, 2 ** 53])('no subscription has the id %d', (id) => {
  const client = new Client(new ToyEncoder());
  expect(() => client.subscribe(id, ROWS)).toThrow(
    `the id of a subscription must be a whole number from 0 on; given: ${id}`,
  );
  expect([client.subscriptions.size, server.hub.groups.size]).toEqual([0, 0]);
});

describe('a fault of one protocol', () => {
  it.each(['putNewest', 'frameFor'] as const)(
    'in %s ends its live members, told once, and others go on',
    (where) => {
      const [one, well, two] = three();
      expect(server.hub.groups.live.size).toBe(2);
      broken = where;
      nextRow();
      expect(failures).toEqual([`a bug in ${where}`]);
      expect([one.closeCode, two.closeCode, well.closeCode]).toEqual([1011, 1011, undefined]);
      expect(well.rows).toEqual([`${ROWS + 1}-${ROWS + 2}`]);
      expect(server.hub.groups.live.size).toBe(1);
      broken = undefined;
      nextRow();
      expect(well.rows).toEqual([`${ROWS + 2}-${ROWS + 3}`]);
    },
  );

  it.each(['frameFor', 'putNewest', 'sendSkipped'] as const)(
    'in %s ends the one with two subscriptions that met it, uncorked, and others go on',
    (where) => {
      const [one, well] = three();
      one.subscribe(2, ROWS + 1, 'latest');
      well.subscribe(2, ROWS + 1);
      nextRow();
      expect(failures).toEqual([]);
      broken = where;
      time.pass(market.grid.intervalMs);
      nextRow();
      expect(failures.length).toBeGreaterThan(0);
      expect([one.closeCode, well.closeCode]).toEqual([1011, undefined]);
      expect(one.pipe.isCorked).toBe(false);
      const both = `${ROWS + 1}-${ROWS + 2}`;
      const next = `${ROWS + 2}-${ROWS + 4}`;
      expect(well.rows).toEqual([both, both, next, next]);
    },
  );

  it.each(['cork', 'uncork'] as const)(
    'in %s of a way to a client ends that one, and others are sent the row in the same turn',
    (where) => {
      const [one, well] = three();
      one.subscribe(2, ROWS + 1);
      well.subscribe(2, ROWS + 1);
      one.outlet[where] = () => {
        throw new Error(`a bug in ${where}`);
      };
      nextRow();
      expect(failures).toEqual([`a bug in ${where}`]);
      expect([one.closeCode, well.closeCode]).toEqual([1011, undefined]);
      expect(well.pipe.isCorked).toBe(false);
      expect(well.rows).toEqual(Array(2).fill(`${ROWS + 1}-${ROWS + 2}`));
    },
  );

  it.each(['encode', 'putBody', 'frameFor'] as const)(
    'in %s ends the one reader that is behind, and those behind it are served in the same run',
    async (where) => {
      const [ill, well] = [new BrokenEncoder(), new ToyEncoder()];
      const clients = [new Client(ill), new Client(well), new Client(ill), new Client(well)];
      broken = where;
      for (const client of clients) client.subscribe(1, 100);
      await settle();
      expect(clients.map(({ closeCode }) => closeCode)).toEqual([1011, undefined, 1011, undefined]);
      expect(failures).toEqual(Array(2).fill(`a bug in ${where}`));
      for (const client of [clients[1]!, clients[3]!]) {
        expect(client.rows.at(-1)).toMatch(new RegExp(`-${ROWS}$`));
      }
    },
  );

  it.each(['beat', 'attend'] as const)('in %s ends that connection alone', async (where) => {
    const [one, well, two] = three();
    broken = where;
    if (where === 'beat') {
      time.pass(100 * BEAT_MS);
      server.hub.beat();
    } else {
      for (const client of [one, well, two]) server.hub.drained(client);
    }
    expect(failures).toEqual(Array(2).fill(`a bug in ${where}`));
    expect([one, two].map(({ closeCode }) => closeCode)).toEqual([1011, 1011]);
    nextRow();
    await settle();
    expect(well.rows).not.toEqual([]);
  });

  it.each(['close', 'closed'] as const)('in %s keeps nobody from their end', (where) => {
    const clients = three();
    const { hub } = server;
    broken = where;
    hub.closeAll(4000, 'shutting down');
    expect(clients.map(({ closeCode }) => closeCode)).toEqual([4000, 4000, 4000]);
    for (const client of clients) hub.remove(client);
    expect([hub.connections.size, hub.groups.size, hub.groups.live.size]).toEqual([0, 0, 0]);
    expect(clients[0].address.count('connections')).toBe(0);
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures)).toEqual(new Set([`a bug in ${where}`]));
  });

  it.each(['beat', 'attend', 'sendSkipped', 'close', 'closed'] as const)(
    'in a promise of %s ends that connection alone, and not the process',
    async (where) => {
      const [one, well] = three();
      const { hub } = server;
      one.subscribe(2, ROWS + 1, 'latest');
      [broken, isLate] = [where, true];
      time.pass(market.grid.intervalMs);
      nextRow();
      if (where === 'beat') hub.beat();
      if (where === 'attend') hub.drained(one);
      if (where.startsWith('close')) hub.failed(one, new Error('a bug'));
      await settle();
      expect(failures).toContain(`a bug in ${where}`);
      expect([one.closeCode, well.closeCode]).toEqual([1011, undefined]);
      expect(well.rows).toEqual([`${ROWS + 1}-${ROWS + 3}`]);
    },
  );
});
