import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type Broker,
  type Newest,
  type Outcome,
  SinkProblem,
} from '../../../src/cluster/sinks/broker.ts';
import { idOf, type SinkMessage } from '../../../src/cluster/sinks/message.ts';
import { Sink } from '../../../src/cluster/sinks/sink.ts';
import type { Since, SinkPiece, SinkSource } from '../../../src/cluster/sinks/source.ts';
import { seededRandom } from '../../helpers/random.ts';

const INTERVAL_MS = 1000;
const NAMES = ['A', 'B', 'C'];
const MARKET = 'abc';
const textOf = (time: number, name: string) => Buffer.from(`${name} at ${time}`);

type Random = () => number;

/** So many turns of the loop, from none to `most`. */
async function turns(random: Random, most: number): Promise<void> {
  for (let n = Math.floor(random() * (most + 1)); n > 0; n--) await turn();
}

/** Rows of a world whose newest one comes on; asked for `now`, it begins there. */
class ToySource implements SinkSource {
  readonly #world: { head: number };
  readonly #random: Random;

  constructor(world: { head: number }, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async intervalMs(): Promise<number> {
    return INTERVAL_MS;
  }

  async *read(since: Since, _: unknown, signal: AbortSignal): AsyncGenerator<SinkPiece> {
    let row = since === 'now' ? this.#world.head : since === 'origin' ? 0 : since / INTERVAL_MS + 1;
    while (!signal.aborted) {
      const next = Math.min(this.#world.head, row + 1 + Math.floor(this.#random() * 5));
      if (next > row) yield { messages: messagesOf(row, next), lagRows: this.#world.head - next };
      row = Math.max(row, next);
      await turns(this.#random, 3);
      await turn();
    }
  }
}

function messagesOf(from: number, next: number): SinkMessage[] {
  const rows = Array.from({ length: next - from }, (_, n) => (from + n) * INTERVAL_MS);
  return rows.flatMap((time) =>
    NAMES.map((name) => ({ market: MARKET, time, name, body: textOf(time, name) })),
  );
}

/** How a stream takes what comes. */
interface Rules {
  /** By the sequence that it is expected behind, or by its id alone while that is remembered. */
  readonly by: 'sequence' | 'id';
  readonly isPlaceUnique: boolean;
}

/** A stream, and ways to it on which messages are late, and answers late or lost. */
class ToyStream {
  readonly all: SinkMessage[] = [];
  readonly #rules: Rules;
  readonly #random: Random;
  /** How many ids it remembers, where it goes by them. */
  readonly #window = 20;
  isFrozen = false;

  constructor(rules: Rules, random: Random) {
    this.#rules = rules;
    this.#random = random;
  }

  broker(): Broker<number> {
    let way = Promise.resolve();
    return {
      isPlaceUnique: this.#rules.isPlaceUnique,
      newest: async (signal) => {
        await turns(this.#random, 5);
        while (this.isFrozen && !signal.aborted) await turn();
        return this.#newest();
      },
      append: (place, messages) => {
        const outcomes: Promise<boolean>[] = messages.map((message, n) => {
          const taken = way.then(async () => {
            await turns(this.#random, 2);
            while (this.isFrozen) await turn();
            return this.#take(place + n, message);
          });
          way = taken.then(() => {});
          return taken;
        });
        return this.#answer(outcomes);
      },
      after: (place, messages) => place + messages.length,
    };
  }

  #newest(): Newest<number> {
    const last = this.all.at(-1);
    const message = last && { id: idOf(last), body: last.body };
    return { place: this.all.length, message };
  }

  #take(expected: number, message: SinkMessage): boolean {
    const id = idOf(message);
    if (this.#rules.by === 'id') {
      if (this.all.slice(-this.#window).some((own) => idOf(own) === id)) return true;
    } else if (expected !== this.all.length) return false;
    this.all.push(message);
    return true;
  }

  async #answer(outcomes: readonly Promise<boolean>[]): Promise<Outcome> {
    const all = Promise.all(outcomes).then((taken) => (taken.every(Boolean) ? 'in' : 'refused'));
    // An answer that is lost: what was asked for may be in, or come in later.
    if (this.#random() < 0.1) return turns(this.#random, 40).then(() => 'unknown');
    const late = (async () => {
      for (let n = 0; n < 400; n++) await turn();
      return 'unknown' as const;
    })();
    return Promise.race([all, late]);
  }
}

/** What a stream holds, and whether rows still come. */
interface Run {
  readonly all: readonly SinkMessage[];
  readonly isOn: boolean;
}

/** What a stream holds after sinks were started, ended and held up at random. */
async function run(seed: number, rules: Rules): Promise<Run> {
  const random = seededRandom(seed);
  const world = { head: 3 };
  const stream = new ToyStream(rules, random);
  const start = () => {
    const stop = new AbortController();
    const source = new ToySource(world, random);
    const about = { signal: stop.signal, tell: () => {}, random: () => 0 };
    const sink = new Sink({ broker: stream.broker(), source, since: 'now', ...about });
    return { stop, ended: sink.run() };
  };
  // Some begin at the same time, each with the newest row that it knows of.
  const running = [start()];
  while (random() < 0.5) {
    await turns(random, 6);
    world.head += 1;
    running.push(start());
  }
  for (let step = 0; step < 60; step++) {
    world.head += Math.floor(random() * 4);
    await turns(random, 20);
    if (random() < 0.15 && running.length < 3) running.push(start());
    if (random() < 0.15 && running.length > 0) {
      const { stop, ended } = running.splice(Math.floor(random() * running.length), 1)[0]!;
      stop.abort();
      // What it had on its way comes all the same.
      if (random() < 0.5) await ended;
      else ended.catch(() => {});
    }
    if (random() < 0.1) stream.isFrozen = !stream.isFrozen;
  }
  stream.isFrozen = false;
  if (running.length === 0) running.push(start());
  const first = world.head;
  const isOn = () => (stream.all.at(-1)?.time ?? 0) >= first * INTERVAL_MS;
  for (let n = 0; n < 500 && !isOn(); n++) {
    world.head += 1;
    for (let m = 0; m < 20; m++) await turn();
  }
  for (const { stop, ended } of running) {
    stop.abort();
    await ended;
  }
  return { all: stream.all, isOn: isOn() };
}

/** Whether rows come, and messages are those of rows that follow one another, each once. */
function isRight({ all, isOn }: Run): boolean {
  if (!isOn) return false;
  const first = all[0]!.time / INTERVAL_MS;
  const rows = Math.ceil(all.length / NAMES.length);
  const right = messagesOf(first, first + rows).slice(0, all.length);
  return all.every((message, n) => idOf(message) === idOf(right[n]!));
}

const RUNS = 60;
const seeds = Array.from({ length: RUNS }, (_, n) => n + 1);

describe('a sink', () => {
  it('has each message in the stream once, in order, in any of many random worlds', async () => {
    for (const seed of seeds) {
      const came = await run(seed, { by: 'sequence', isPlaceUnique: false });
      expect([seed, isRight(came)]).toEqual([seed, true]);
    }
  }, 120_000);

  it.each<[string, Rules]>([
    ['by ids alone, beyond what the broker remembers', { by: 'id', isPlaceUnique: false }],
    ['if its first message is not read back', { by: 'sequence', isPlaceUnique: true }],
  ])(
    'would not %s',
    async (_, rules) => {
      let wrong = 0;
      for (const seed of seeds) {
        const came = await run(seed, rules).catch((error) => {
          // A sink that meets what it would not have written says so.
          if (error instanceof SinkProblem) return undefined;
          throw error;
        });
        if (came === undefined || !isRight(came)) wrong += 1;
      }
      expect(wrong).toBeGreaterThan(0);
    },
    120_000,
  );
});
