import type { Logger } from 'pino';
import { rateOf } from '../../src/core/history/read-trades.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { CANDLE_FIELDS, DEFAULT_FIELDS, FIELDS, type Field } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/server/limits.ts';
import { FIRST_REQUEST_ID, SimulatedClient } from './client.ts';
import { VirtualClock } from './clock.ts';
import type { Command, Conditions, Since } from './commands.ts';
import { cutsOf } from './cuts.ts';
import { type Done, effectOf } from './done.ts';
import { marketWith, truthOf } from './markets.ts';
import { dueOf, must, Reader, type Reading } from './reader.ts';
import { SimulatedServer } from './server.ts';
import { Truth } from './truth.ts';

const MAX_CLIENTS = 4;
const MAX_SUBSCRIPTIONS = 4;
const CANDLE_ROWS = 12;
const ALL = Number.MAX_SAFE_INTEGER;
/** Of a row, on average, where trades are followed. */
const MOST_TRADES = 100;
/** They refill a bucket many times: who gets no row in so many is forgotten. */
const MAX_IDLE_BEATS = 100;

/** One or two servers of a market, their clients, the time and what lies between. */
export class World {
  readonly #conditions: Conditions;
  readonly #limits: Limits;
  readonly #logger: Logger;
  readonly #count: (event: string) => void;
  readonly #clock: VirtualClock;
  readonly #truth: Truth;
  /** What all servers of the market are told, whenever they run. */
  readonly #timeline: Timeline;
  readonly #servers: SimulatedServer[];
  /** By place; the reader outlives its connections. */
  readonly #clients: SimulatedClient[] = [];
  #beatAtMs = BEAT_MS;
  /** Of servers that have ended. */
  #mostHead = 0;
  #nextId = FIRST_REQUEST_ID;

  constructor(conditions: Conditions, logger: Logger, count: (event: string) => void) {
    const { market, firstHead, isThrifty, sliceMs, maxUnreadBytes } = conditions;
    this.#conditions = conditions;
    this.#logger = logger;
    this.#count = count;
    const truth = truthOf(market);
    this.#truth = conditions.isMoved ? new Truth(truth.market, truth) : truth;
    this.#timeline = new Timeline(this.#truth.market);
    const { intervalMs, originMs } = this.#truth.market.grid;
    this.#clock = new VirtualClock(originMs + (firstHead - 1) * intervalMs, conditions.lookMs);
    const { frameBytes, pingBytes } = conditions;
    this.#limits = {
      ...DEFAULT_LIMITS,
      ...{ frameBytes, pingBytes, maxUnreadBytes, sliceMs },
      ...{ heartbeatMs: 3000, pingMs: 2000, pongMs: 4000, stallMs: 6000 },
      ...{ messagesPerSecond: 1e9, messagesBurst: 1e9, refusalsBurst: 1e9 },
      ...{ maxSubscriptions: 3, maxPendingRequests: 3 },
      ...(isThrifty ? { workPerSecond: 20_000, workBurst: 30_000 } : {}),
    };
    this.#servers = [0, 1].map((n) => this.#newServer(n));
  }

  /** Lets something happen; throws if what must hold does not. */
  async run(command: Command): Promise<void> {
    this.#count(command.do);
    switch (command.do) {
      case 'rows':
        for (let row = 0; row < command.rows; row++) {
          await this.#pass(this.#intervalMs);
          await this.#turn(command.turns);
        }
        break;
      case 'held up':
        await this.#pass(command.rows * this.#intervalMs);
        break;
      case 'clock set':
        this.#clock.step(command.rows * this.#intervalMs + 3);
        await this.#pass(0);
        break;
      case 'beats':
        for (let n = 0; n < command.count; n++) await this.#pass(BEAT_MS);
        break;
      case 'turns':
        await this.#turn(command.count);
        break;
      case 'connect':
        this.#connect(command);
        break;
      case 'restart':
        await this.#restart(command.server);
        break;
      case 'entry':
        this.#enter(command.rows, command.effects);
        break;
      case 'spend':
        if (!this.#conditions.isThrifty) break;
        this.#servers[command.server].hub.service.addresses
          .of('10.0.0.1')
          .pay(ALL, this.#clock.steadyMs);
        break;
      case 'settle':
        await this.settle();
        break;
      default:
        if (this.#clients.length > 0) await this.#runAt(command);
    }
    await flush();
    this.#checkTotals();
  }

  /** Everyone reads and answers everything: all subscriptions must come to the head. */
  async settle(): Promise<void> {
    await this.#calm();
    // With work to be paid, beats wake those who could not; else nobody needs a beat.
    if (this.#conditions.isThrifty) {
      let before = '';
      for (let idle = 0; idle < MAX_IDLE_BEATS && this.#behind().length > 0; idle++) {
        // Were rows to become due meanwhile, who can pay for fewer than come would never be done.
        this.#clock.passSteadily(BEAT_MS);
        for (const { hub } of this.#servers) hub.beat();
        await this.#calm();
        const behind = String(this.#behind());
        if (behind !== before) idle = 0;
        before = behind;
      }
      this.#beatAtMs = this.#clock.steadyMs + BEAT_MS;
    }
    const behind = this.#behind();
    must(behind.length === 0, `all come to the head, but not: ${behind.join('; ')}`);
    this.#checkAnswers();
    this.#checkTotals();
    for (const { feed } of this.#servers) {
      const { regeneratedPrices, ring, market } = feed.history;
      if (regeneratedPrices > 0) this.#count('settled after lapped reads');
      const rows = ring.head - this.#conditions.firstHead;
      if (rows > 2 * market.spec.capacity + 1024) this.#count('settled after a wrap of the ring');
    }
  }

  /** Whatever was written has been counted, once. */
  #checkTotals(): void {
    for (const { hub, written } of this.#servers) {
      const [counted, came] = [JSON.stringify(hub.counters.totals), JSON.stringify(written)];
      must(counted === came, `what is counted is what came: ${counted} ${came}`);
    }
  }

  get #intervalMs(): number {
    return this.#truth.market.grid.intervalMs;
  }

  #newServer(n: number): SimulatedServer {
    const { market, capacities, skewRows } = this.#conditions;
    const clock = this.#clock.skewedBy(n * skewRows * this.#intervalMs);
    const { entries } = this.#timeline;
    return new SimulatedServer(
      new Timeline(marketWith(market, capacities[n]), entries),
      clock,
      this.#limits,
      this.#logger,
    );
  }

  /** Something is done to the market so many rows after all that anybody has, or is about to have. */
  #enter(rows: number, said: readonly Done[]): void {
    const cursors = this.#clients.flatMap(({ reader }) =>
      reader.subscriptions.map(({ cursor }) => cursor ?? 0),
    );
    const heads = this.#servers.map(({ head }) => head);
    const index = Math.max(this.#mostHead, ...heads, ...cursors) + rows;
    const { market } = this.#truth;
    const effects = this.#conditions.isMoved ? said.map((one) => effectOf(one, market)) : [];
    const entry: Entry = { key: `${this.#timeline.entries.length}`, index, effects };
    this.#timeline.add(entry);
    for (const { feed } of this.#servers) feed.add(entry);
    for (const { kind } of effects) this.#count(`entry ${kind}`);
    // By one that has known them all from the start.
    const known = new Timeline(market, this.#timeline.entries);
    if (effects.length > 0) this.#truth.change(known, index);
  }

  /** Time passes at once; then timers fire, and prompt clients read. */
  async #pass(ms: number): Promise<void> {
    this.#clock.pass(ms);
    for (const server of this.#servers) server.look();
    if (this.#clock.steadyMs >= this.#beatAtMs) {
      this.#beatAtMs = this.#clock.steadyMs + BEAT_MS;
      for (const { hub } of this.#servers) hub.beat();
      // Sockets that were closed by then are cut.
      for (const client of this.#clients) if (!client.isOpen) this.#lose(client, ALL);
    }
    for (const client of this.#clients) if (client.isPrompt && client.isOpen) client.attend();
    await flush();
  }

  async #turn(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      for (const server of this.#servers) server.turn();
      await flush();
    }
  }

  async #calm(): Promise<void> {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const server of this.#servers) while (server.turn()) isBusy = true;
      await flush();
      for (const client of this.#clients) if (client.isOpen && client.attend()) isBusy = true;
      await flush();
    }
  }

  #behind(): string[] {
    return this.#clients.flatMap((client, n) => {
      if (!client.isOpen) return [];
      return client.reader.subscriptions
        .filter((reading) => {
          const due = dueOf(this.#truth, reading, client.server.head);
          return reading.state !== 'lost' && !((reading.cursor ?? -1) >= due);
        })
        .map(({ id, cursor, state }) => {
          return `client ${n}, ${state} ${id} at ${cursor} of ${client.server.head}`;
        });
    });
  }

  #checkAnswers(): void {
    for (const { isOpen, reader } of this.#clients) {
      if (!isOpen) continue;
      const { fetches, candles } = reader;
      must(fetches.length === 0 && candles.length === 0, 'all that is asked is answered');
    }
  }

  async #runAt(command: Extract<Command, { client: number }>): Promise<void> {
    const place = command.client % this.#clients.length;
    const client = this.#clients[place];
    switch (command.do) {
      case 'resume':
        if (!client.isOpen) this.#resume(place, command.server);
        return;
      case 'read':
        client.read(command.bytes);
        return;
    }
    if (!client.isOpen) return;
    switch (command.do) {
      case 'take':
        client.take(command.bytes);
        break;
      case 'pong':
        client.pong(command.count);
        break;
      case 'cut':
        this.#count(client.pipe.waitingBytes > command.bytes ? 'cut amid bytes' : 'cut after all');
        this.#lose(client, command.bytes);
        break;
      case 'freeze':
        await this.#freeze(client);
        break;
      default:
        if (client.encoding !== 'events') this.#ask(client, command);
    }
  }

  #ask(client: SimulatedClient, command: Extract<Command, { client: number }>): void {
    const { reader, server } = client;
    switch (command.do) {
      case 'subscribe': {
        if (reader.subscriptions.length >= MAX_SUBSCRIPTIONS) return;
        const columns = this.#columns(command.columns);
        const cursor = this.#cursor(server, command.since);
        // An id is free when its subscription's end has been asked for.
        const taken = reader.subscriptions.filter(({ state }) => state !== 'ending');
        const id = [1, 2, 3, 4, 5].find((n) => !taken.some((reading) => reading.id === n))!;
        this.#subscribe(client, this.#newReading(command, { id, columns, cursor, state: 'lost' }));
        break;
      }
      case 'unsubscribe': {
        // It would be refused, and go on: too much to keep in mind for a client of this kind.
        if (reader.waiting >= this.#limits.maxPendingRequests) return;
        const running = reader.subscriptions.filter(({ state }) => state === 'running');
        const reading = running[command.which % running.length];
        if (reading === undefined) return;
        reading.state = 'ending';
        client.send({ type: 'unsubscribe', id: reading.id });
        break;
      }
      case 'fetch': {
        const id = this.#nextId++;
        const { limit } = command;
        const columns = this.#columns(command.columns);
        const cursor = this.#cursor(server, command.since) ?? server.head;
        const fields = fieldsOf(command.columns);
        reader.fetches.push({ id, fields, columns, cursor, limit });
        const symbols = this.#symbols(columns);
        client.send({ type: 'fetch', id, symbols, fields, since: this.#sinceOf(cursor), limit });
        break;
      }
      case 'candles': {
        const id = this.#nextId++;
        const from = this.#cursor(server, command.since) ?? server.head;
        const symbol = this.#symbols([0])[0];
        reader.candles.push({ id, column: 0, resolutionRows: CANDLE_ROWS });
        const resolution = `${CANDLE_ROWS * this.#intervalMs}ms`;
        const fromMs = timeOf(this.#truth.market.grid, from);
        client.send({ type: 'candles', id, symbol, resolution, from: fromMs, count: 20 });
        break;
      }
    }
  }

  #connect(command: Extract<Command, { do: 'connect' }>): void {
    if (this.#clients.length >= MAX_CLIENTS) return;
    const { kind, isPrompt, isEager, kernelBytes } = command;
    const { highWaterBytes } = this.#conditions;
    const server = this.#servers[command.server];
    const reader = new Reader(this.#truth, this.#timeline, this.#count);
    const options = { isPrompt, isEager, kernelBytes, highWaterBytes, ip: '10.0.0.1' };
    this.#count(`connect ${kind}`);
    let reading: Reading | undefined;
    if (kind === 'events') {
      const columns = this.#columns(command.columns);
      const cursor = this.#cursor(server, command.since);
      reading = this.#newReading(command, { id: 0, columns, cursor, state: 'asked' });
      reader.subscriptions.push(reading);
    }
    const client = new SimulatedClient(server, reader, kind, options, this.#clock, reading);
    this.#clients.push(client);
  }

  /** The connection ends after so many more bytes; what it had goes on where its client stands. */
  #lose(client: SimulatedClient, bytes: number): void {
    if (client.isLost) return;
    client.cut(bytes);
    this.#count(`closed ${client.closeCode}`);
    const { reader } = client;
    const kept = reader.subscriptions.filter(
      ({ state, cursor }) => state !== 'ending' && cursor !== undefined,
    );
    for (const reading of kept) {
      // Rows were announced as skipped, but those to go on with were lost: it goes on there.
      reading.state = 'lost';
      reading.hasSkipped = false;
      reading.hasBegun = false;
    }
    reader.subscriptions.splice(0, reader.subscriptions.length, ...kept);
    reader.fetches.length = 0;
    reader.candles.length = 0;
  }

  #resume(place: number, n: number): void {
    const old = this.#clients[place];
    this.#lose(old, 0);
    const server = this.#servers[n];
    if (server !== old.server) this.#count('resume elsewhere');
    const { highWaterBytes } = this.#conditions;
    const options = {
      ...{ isPrompt: old.isPrompt, isEager: place % 2 === 0, kernelBytes: 3000, highWaterBytes },
      ip: '10.0.0.1',
    };
    const reader = new Reader(this.#truth, this.#timeline, this.#count);
    const [reading] = old.reader.subscriptions;
    const make = (of?: Reading) =>
      new SimulatedClient(server, reader, old.encoding, options, this.#clock, of);
    if (old.encoding === 'events') {
      // The route refuses what is too far ahead.
      if (reading === undefined || this.#isTooFarAhead(server, reading.cursor!)) return;
      reading.state = 'asked';
      reader.subscriptions.push(reading);
      this.#clients[place] = make(reading);
      return;
    }
    const client = make();
    this.#clients[place] = client;
    for (const each of old.reader.subscriptions) this.#subscribe(client, each);
  }

  #subscribe(client: SimulatedClient, reading: Reading): void {
    const { id, fields, columns, delivery, cursor, cut, isOfTrades } = reading;
    reading.state = 'asked';
    client.reader.subscriptions.push(reading);
    const since = cursor === undefined ? 'now' : this.#sinceOf(cursor);
    const symbols = this.#symbols(columns);
    // Whoever begins anew knows none.
    const asked = { type: 'subscribe', id, symbols, since, market: reading.market };
    if (isOfTrades === true) {
      client.send({ ...asked, what: 'trades', delivery });
      return;
    }
    if (cut === undefined) {
      client.send({ ...asked, fields, delivery });
      return;
    }
    const { everyRows, ...named } = cut;
    // A part of an interval more is one more row.
    const every = everyRows === 1 ? {} : { every: (everyRows - 1) * this.#intervalMs + 1 };
    client.send({ ...asked, ...named, ...every, ...(fields.length === 0 ? {} : { fields }) });
  }

  /** A subscription that is to be asked for: of rows, of trades, or of candles. */
  #newReading(
    {
      columns: mask,
      delivery,
      cut,
    }: Pick<Extract<Command, { do: 'subscribe' }>, 'columns' | 'delivery' | 'cut'>,
    known: Pick<Reading, 'id' | 'columns' | 'cursor' | 'state'>,
  ): Reading {
    const rest = { ...known, hasSkipped: false, hasBegun: false };
    const { market } = this.#truth;
    // Rows of days have more trades than a message should hold.
    const areFew = known.columns.every((column) => rateOf(market, column) <= MOST_TRADES);
    if (cut === null && mask % 16 === 7 && areFew) {
      return { ...rest, fields: [], delivery, cut: undefined, isOfTrades: true };
    }
    if (cut === null) return { ...rest, fields: fieldsOf(mask), delivery, cut: undefined };
    const cuts = cutsOf(this.#intervalMs);
    const named = { ...cuts[cut.which % cuts.length], everyRows: cut.everyRows };
    const fields = mask % 4 === 0 ? CANDLE_FIELDS.filter((_, n) => (mask >> (n + 4)) & 1) : [];
    return { ...rest, fields, delivery: 'all', cut: named };
  }

  /** A server ends and comes back: its head is where the clock says, be it behind the old one. */
  async #restart(n: number): Promise<void> {
    const old = this.#servers[n];
    this.#mostHead = Math.max(this.#mostHead, old.head);
    old.hub.closeAll(4000, 'restart');
    this.#servers[n] = this.#newServer(n);
    while (old.turn()) await flush();
    for (const client of this.#clients) if (client.server === old) this.#lose(client, 50);
  }

  /** A client neither reads nor answers for long: whoever owed a pong is given up. */
  async #freeze(client: SimulatedClient): Promise<void> {
    const owed = client.owesPong && client.encoding !== 'events';
    const { stallMs, pongMs } = this.#limits;
    for (let ms = 0; ms < stallMs + pongMs + 2 * BEAT_MS; ms += BEAT_MS) {
      this.#clock.pass(BEAT_MS);
      for (const { hub } of this.#servers) hub.beat();
      await flush();
    }
    this.#beatAtMs = this.#clock.steadyMs + BEAT_MS;
    if (owed) must(!client.isOpen, 'who owes a pong for too long is given up');
    for (const each of this.#clients) if (!each.isOpen) this.#lose(each, 100);
  }

  #columns(mask: number): number[] {
    const { length } = this.#truth.market.instruments;
    const columns = Array.from({ length }, (_, n) => n).filter((n) => (mask >> n) & 1);
    return columns.length === 0 ? [0] : mask % 3 === 0 ? columns.reverse() : columns;
  }

  #symbols(columns: readonly number[]): string[] {
    return columns.map((column) => this.#truth.market.instruments[column].symbol);
  }

  #sinceOf(cursor: number): number {
    return timeOf(this.#truth.market.grid, cursor - 1);
  }

  /** The next row that is wanted; undefined for now. */
  #cursor({ head, feed }: SimulatedServer, since: Since): number | undefined {
    const { capacity } = feed.market.spec;
    switch (since.from) {
      case 'now':
        return undefined;
      case 'first':
        return head > 12 * capacity ? head - 12 * capacity : 0;
      case 'age':
        return Math.max(0, head - since.rows);
      case 'rings':
        return Math.max(0, head - since.rings * capacity);
      case 'ahead':
        return head + since.rows;
    }
  }

  #isTooFarAhead({ head, feed }: SimulatedServer, cursor: number): boolean {
    const { grid }: Market = feed.market;
    const { aheadMs, aheadIntervals } = this.#limits;
    const most = Math.max(aheadMs, aheadIntervals * grid.intervalMs);
    return (cursor - head) * grid.intervalMs > most;
  }
}

/** Lets everything run that waits for a promise. */
async function flush(): Promise<void> {
  for (let n = 0; n < 6; n++) await undefined;
}

/** What is read of each row of the columns that `mask` says: prices alone by three of four. */
function fieldsOf(mask: number): readonly Field[] {
  const some = FIELDS.filter((_, n) => (mask >> (n + 4)) & 1);
  if (mask % 4 !== 0 || some.length === 0) return DEFAULT_FIELDS;
  return mask % 3 === 0 ? some.reverse() : some;
}
