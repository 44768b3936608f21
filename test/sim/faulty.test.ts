import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { parseProfile } from '../../src/core/faults/profile.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { BLOCK_ROWS, timeOf } from '../../src/core/market/grid.ts';
import { FaultyTransport } from '../../src/delivery/faulty/faulty-transport.ts';
import { EVENT_FRAMING, SOCKET_FRAMING } from '../../src/delivery/faulty/framing.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { Outlet } from '../../src/delivery/outlet.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { type Encoding, encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { SseStream } from '../../src/protocols/tickwell/sse/sse-stream.ts';
import { SseTransport } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { deciderOf, rowsThatCome } from '../helpers/faults.ts';
import { VirtualClock } from './clock.ts';
import { EventDecoder, type Message, SocketDecoder } from './decode.ts';
import { marketWith } from './markets.ts';
import { Pipe } from './pipe.ts';
import { SimulatedServer } from './server.ts';
import { simulatedResponse, simulatedSocket } from './sockets.ts';

const RUNS = Number(process.env.TICKWELL_SIM_RUNS ?? 100);
/** A market of a row each second. */
const MARKET = 1;
const FIRST_HEAD = 50;
/** What no delay, stall or burst of these profiles takes. */
const CALM_MS = 600_000;

interface Faulty {
  readonly profile: string;
  readonly seed: number;
}

/** Somebody who reads whatever comes at once, and writes it down. */
class Recorder {
  /** Rows as they came; what is no message is `garbage`. */
  readonly heard: string[] = [];
  readonly #pipe = new Pipe({ kernelBytes: 1e9, highWaterBytes: 16_384, isEager: true });
  readonly #decoder: SocketDecoder | EventDecoder;
  readonly #connection: StreamConnection | SseStream;
  readonly #isSocket: boolean;

  constructor(server: SimulatedServer, encoding: Encoding, faulty?: Faulty) {
    const { hub } = server;
    const watcher = { wrote() {}, pinged() {}, closed() {} };
    const address = hub.service.addresses.of('10.0.0.1');
    const faults = faulty && { profile: parseProfile(faulty.profile), seed: faulty.seed };
    this.#isSocket = encoding !== 'events';
    if (encoding === 'events') {
      this.#decoder = new EventDecoder();
      const plain = new SseTransport(simulatedResponse(this.#pipe, watcher), server.chunks);
      const way =
        faults === undefined
          ? plain
          : new FaultyTransport({ hub, plain, faults, framing: EVENT_FRAMING, address });
      this.#connection = new SseStream(hub, {
        ...{ encoder: encodersOf(hub).events, outlet: new Outlet(hub, way), address },
        wanted: wantedOf(['last'], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        cursor: server.head,
        delivery: 'all',
      });
    } else {
      this.#decoder = new SocketDecoder();
      const plain = simulatedSocket(this.#pipe, watcher);
      const way =
        faults === undefined
          ? plain
          : new FaultyTransport({ hub, plain, faults, framing: SOCKET_FRAMING, address });
      const outlet = new SocketOutlet(hub, way);
      this.#connection = new StreamConnection(hub, outlet, address, encodersOf(hub)[encoding]);
    }
    hub.add(this.#connection);
    if (this.#connection instanceof StreamConnection) {
      const asked = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
      this.#connection.receive(JSON.stringify(asked));
    }
  }

  read(): void {
    for (const bytes of this.#pipe.read(1e9)) {
      let messages: Message[] = [];
      try {
        messages = this.#decoder.push(bytes);
      } catch {
        this.heard.push('garbage');
      }
      for (const message of messages) {
        if (message.type === 'rows') {
          const { until, prices } = message;
          const rows: number = prices[0].length;
          for (let row = 0; row < rows; row++) {
            const all = Array.from(prices, (list: ArrayLike<unknown>) => list[row]);
            this.heard.push(`${until - (rows - 1 - row) * 1000} ${JSON.stringify(all)}`);
          }
        }
        if (message.type === 'PING' && this.#isSocket) {
          (this.#connection as StreamConnection).ponged(message.number);
        }
      }
    }
  }
}

const flush = () => new Promise((resolve) => setImmediate(resolve));

/** What two servers and their readers do while time passes by so many rows at once. */
async function run(faulty: Faulty, steps: readonly number[]) {
  const failures: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const market = marketWith(MARKET, 40);
  const { grid } = market;
  const clock = new VirtualClock(timeOf(grid, FIRST_HEAD - 1), 0);
  const limits = { ...DEFAULT_LIMITS, stallMs: 1e9, pongMs: 1e9, messagesBurst: 1e9 };
  const servers = [40, 200].map(
    (capacity) =>
      new SimulatedServer(marketWith(MARKET, capacity), clock.skewedBy(0), limits, logger),
  );
  const [one, other] = servers as [SimulatedServer, SimulatedServer];
  const faulties = [
    new Recorder(one, 'json', faulty),
    new Recorder(one, 'binary', faulty),
    new Recorder(one, 'events', faulty),
    new Recorder(other, 'json', faulty),
  ];
  const healthy = servers.flatMap((server) => [
    new Recorder(server, 'json'),
    new Recorder(server, 'events'),
  ]);
  const settle = async () => {
    for (const server of servers) {
      server.look();
      server.hub.faulty.lines.look();
      while (server.turn());
    }
    await flush();
    for (const server of servers) while (server.turn());
    for (const recorder of [...faulties, ...healthy]) recorder.read();
  };
  for (const rows of steps) {
    clock.pass(rows * grid.intervalMs);
    await settle();
    for (const { hub } of servers) hub.beat();
  }
  const head = one.head;
  // What waits comes in its time, and no row more.
  for (let ms = 0; ms < CALM_MS; ms += 10 * BEAT_MS) {
    clock.passSteadily(10 * BEAT_MS);
    await settle();
  }
  expect(failures).toEqual([]);
  return { faulties, healthy, servers, head, market };
}

const CLAUSES = [
  'drop@10%',
  'duplicate@10%',
  'reorder@20%',
  'delay:200ms-5s@10%',
  'burst:1s-5s@5%',
  'stall:1s-9s@5%',
  'corrupt:ticks+zero+other@10%',
  'stale@10%',
  'skew:1ms-3s@10%',
  'throttle:1kB/s@20%',
];

describe('faulty readers beside healthy ones', () => {
  it('are harmed alike, in every encoding, on every server, in every run, and nobody else is', {
    timeout: 600_000,
  }, async () => {
    let harmed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(CLAUSES, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 10, maxLength: 40 }),
        async (clauses, seed, steps) => {
          const faulty = { profile: clauses.join(','), seed };
          const first = await run(faulty, steps);
          const { market, head } = first;
          const [json, ...others] = first.faulties;
          for (const { heard } of others) expect(heard).toEqual(json!.heard);
          const second = await run(faulty, steps);
          expect(second.faulties[0]!.heard).toEqual(json!.heard);
          const decider = deciderOf(market, faulty.profile, seed);
          expect(json!.heard.length).toBe(rowsThatCome(decider, FIRST_HEAD, head).length);
          const blocks = market.instruments.map((_, column) => {
            const block = market.newPrices(BLOCK_ROWS);
            market.fillBlock(block, column, 0);
            return block;
          });
          const right = Array.from({ length: head - FIRST_HEAD }, (_, n) => {
            const index = FIRST_HEAD + n;
            const prices = blocks.map((block) => block[index]);
            return `${timeOf(market.grid, index)} ${JSON.stringify(prices)}`;
          });
          for (const { heard } of first.healthy) {
            expect(heard).toHaveLength(right.length);
            expect(heard).toEqual(right);
          }
          if (String(json!.heard) !== String(right)) harmed += 1;
        },
      ),
      { numRuns: Math.min(RUNS, 1000) },
    );
    expect(harmed).toBeGreaterThan(Math.min(RUNS, 1000) / 2);
  });
});
