import fc from 'fast-check';
import type { Delivery } from '../../src/wire/messages.ts';
import { type Done, done } from './done.ts';

/** Where a subscription begins. Ages are in rows, or in rings. */
export type Since =
  | { readonly from: 'now' }
  | { readonly from: 'first' }
  | { readonly from: 'age'; readonly rows: number }
  | { readonly from: 'rings'; readonly rings: number }
  | { readonly from: 'ahead'; readonly rows: number };

/** Which of the cuts of a market's candles, and how often the one that forms is told, in rows. */
export interface CutAsked {
  readonly which: number;
  readonly everyRows: number;
}

/** Something that happens. `client` and `server` count round those that there are. */
export type Command =
  | { readonly do: 'rows'; readonly rows: number; readonly turns: number }
  | { readonly do: 'held up'; readonly rows: number }
  | { readonly do: 'clock set'; readonly rows: number }
  | { readonly do: 'beats'; readonly count: number }
  | { readonly do: 'turns'; readonly count: number }
  | {
      readonly do: 'connect';
      readonly server: number;
      readonly kind: 'json' | 'binary' | 'events';
      readonly isPrompt: boolean;
      readonly isEager: boolean;
      readonly kernelBytes: number;
      readonly columns: number;
      readonly since: Since;
      readonly delivery: Delivery;
      readonly cut: CutAsked | null;
    }
  | {
      readonly do: 'subscribe';
      readonly client: number;
      readonly columns: number;
      readonly since: Since;
      readonly delivery: Delivery;
      readonly cut: CutAsked | null;
    }
  | { readonly do: 'unsubscribe'; readonly client: number; readonly which: number }
  | {
      readonly do: 'fetch';
      readonly client: number;
      readonly columns: number;
      readonly since: Since;
      readonly limit: number;
    }
  | { readonly do: 'candles'; readonly client: number; readonly since: Since }
  | { readonly do: 'read'; readonly client: number; readonly bytes: number }
  | { readonly do: 'take'; readonly client: number; readonly bytes: number }
  | { readonly do: 'pong'; readonly client: number; readonly count: number }
  | { readonly do: 'cut'; readonly client: number; readonly bytes: number }
  | { readonly do: 'resume'; readonly client: number; readonly server: number }
  | { readonly do: 'restart'; readonly server: number }
  | { readonly do: 'entry'; readonly rows: number; readonly effects: readonly Done[] }
  | { readonly do: 'spend'; readonly server: number }
  | { readonly do: 'freeze'; readonly client: number }
  | { readonly do: 'settle' };

const ALL = Number.MAX_SAFE_INTEGER;
const client = fc.nat({ max: 3 });
const server = fc.nat({ max: 1 });
const columns = fc.integer({ min: 1, max: 1023 });
const bytes = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constant(ALL));
const delivery = fc.constantFrom('all', 'all', 'all', 'latest' as const);

const since: fc.Arbitrary<Since> = fc.oneof(
  fc.record({ from: fc.constant('now' as const) }),
  fc.record({ from: fc.constant('first' as const) }),
  fc.record({ from: fc.constant('age' as const), rows: fc.nat({ max: 400 }) }),
  fc.record({ from: fc.constant('rings' as const), rings: fc.nat({ max: 10 }) }),
  fc.record({ from: fc.constant('ahead' as const), rows: fc.integer({ min: 1, max: 3 }) }),
);

/** Rows by three of five. */
const cut: fc.Arbitrary<CutAsked | null> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc.record({
      which: fc.nat({ max: 30 }),
      everyRows: fc.constantFrom(1, 1, 1, 2, 5, 30, 1000),
    }),
  },
);

const subscribe = fc.record({
  do: fc.constant('subscribe' as const),
  client,
  columns,
  since,
  delivery,
  cut,
});

const connect = fc.record({
  do: fc.constant('connect' as const),
  server,
  kind: fc.constantFrom('json', 'binary', 'binary', 'events' as const),
  isPrompt: fc.boolean(),
  isEager: fc.boolean(),
  kernelBytes: fc.constantFrom(200, 3000, 20_000),
  columns,
  since,
  delivery,
  cut,
});

const rows = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('rows' as const),
      rows,
      turns: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('held up' as const),
      rows: fc.oneof(fc.integer({ min: 2, max: 100 }), fc.integer({ min: 100, max: 2500 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock set' as const),
      rows: fc.integer({ min: -300, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('beats' as const),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('turns' as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: connect },
  { weight: 4, arbitrary: subscribe },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('unsubscribe' as const),
      client,
      which: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fetch' as const),
      client,
      columns,
      since,
      limit: fc.integer({ min: 1, max: 500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('candles' as const), client, since }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('read' as const), client, bytes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), client, bytes }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pong' as const),
      client,
      count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(ALL)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), client, bytes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('resume' as const), client, server }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), server }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('entry' as const),
      rows: fc.constantFrom(0, 0, 0, 1, 2, 9, 40),
      effects: fc.array(done, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('spend' as const), server }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), client }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
);

/** What a world is made of; see `World`. */
export interface Conditions {
  readonly market: number;
  readonly capacities: readonly [number, number];
  readonly firstHead: number;
  /** Rows by which the second server's clock is off. */
  readonly skewRows: number;
  /** Whether what is done to the market changes its rows, not only their ids. */
  readonly isMoved: boolean;
  readonly isThrifty: boolean;
  readonly sliceMs: number;
  readonly lookMs: number;
  readonly frameBytes: number;
  readonly pingBytes: number;
  readonly maxUnreadBytes: number;
  readonly highWaterBytes: number;
}

export const MARKETS = 6;

const conditions: fc.Arbitrary<Conditions> = fc.record({
  market: fc.nat({ max: MARKETS - 1 }),
  capacities: fc.tuple(fc.constantFrom(50, 77, 300), fc.constantFrom(50, 128, 256)),
  firstHead: fc.oneof(
    fc.nat({ max: 3000 }),
    fc.integer({ min: 16_000, max: 16_500 }),
    fc.constantFrom(0, 1, 16_383, 16_384, 32_768),
  ),
  skewRows: fc.integer({ min: -2, max: 2 }),
  // Rows are then made for one world alone.
  isMoved: fc.nat({ max: 19 }).map((n) => n === 0),
  isThrifty: fc.boolean(),
  // A slice ends after each step, or by the looks at the clock, or never.
  sliceMs: fc.constantFrom(0, 1, 1_000_000),
  lookMs: fc.constantFrom(0, 0.1),
  frameBytes: fc.constantFrom(700, 1500, 4096),
  pingBytes: fc.constantFrom(300, 1000, 2000),
  maxUnreadBytes: fc.constantFrom(2000, 5000, 20_000),
  highWaterBytes: fc.constantFrom(100, 2000),
});

export interface Story {
  readonly conditions: Conditions;
  readonly commands: readonly Command[];
}

/** A world and what happens in it: somebody comes and subscribes, then anything. */
export const stories: fc.Arbitrary<Story> = fc
  .record({
    conditions,
    first: fc.tuple(connect, subscribe, subscribe),
    rest: fc.array(command, { minLength: 5, maxLength: 37 }),
  })
  .map(({ conditions, first, rest }) => ({ conditions, commands: [...first, ...rest] }));
