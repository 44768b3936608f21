import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { History } from '../../../core/history/history.ts';
import { ASSET_CLASSES, type AssetClass } from '../../../core/market/listing.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, type Made } from '../../../host/http/responder.ts';
import type { Item } from '../items.ts';
import {
  minuteOf,
  newestBarCost,
  newestTrade,
  newestTradeCost,
  newestWholeBar,
} from '../newest.ts';
import { BASES, checkBegun, checkLocation, type Routes } from './begun.ts';
import { newestBooks, newestBooksCost, newestQuotes } from './newest-quotes.ts';
import { type Parameters, requiredOf } from './parameters.ts';
import { newestSnapshots, snapshotsCost } from './snapshots.ts';

/** Levels a side of an order book. */
export const BOOK_LEVELS = 20;

/** Finding out what is newest of a column costs, in the units of `cost.ts`. */
const COLUMN_LOOK_COST = 100_000;

type Found = readonly (Item | undefined)[];

/** What is newest of columns, as of the row before `head`: what it costs, how it is made. */
interface Newest {
  costOf(
    history: History,
    columns: readonly number[],
    head: number,
  ): Generator<unknown, number, void>;
  read(history: History, columns: readonly number[], head: number): Generator<unknown, Found, void>;
}

/** Of each column; yields after each, as what is known of it is looked for. */
function* sum(
  columns: readonly number[],
  costOf: (column: number) => number,
): Generator<unknown, number, void> {
  let cost = 0;
  for (const column of columns) {
    cost += costOf(column);
    yield;
  }
  return cost;
}

// biome-ignore lint/correctness/useYield: of all columns at once.
function* booksCost(
  history: History,
  columns: readonly number[],
  head: number,
  levels: number,
): Generator<unknown, number, void> {
  return newestBooksCost(history, columns, head, levels);
}

const NEWEST = {
  trades: {
    costOf: (history, columns, head) =>
      sum(columns, (column) => newestTradeCost(history, column, head)),
    read: (history, columns, head) => each(columns, (column) => newestTrade(history, column, head)),
  },
  quotes: {
    costOf: (history, columns, head) => booksCost(history, columns, head, 1),
    read: newestQuotes,
  },
  bars: {
    costOf: (history, columns, head) => {
      const resolution = minuteOf(history.market.grid.intervalMs);
      return sum(columns, (column) => newestBarCost(history, column, resolution, head));
    },
    read: (history, columns, head) => {
      const resolution = minuteOf(history.market.grid.intervalMs);
      return each(columns, (column) => wholeBar(history, column, resolution, head));
    },
  },
  orderbooks: {
    costOf: (history, columns, head) => booksCost(history, columns, head, BOOK_LEVELS),
    read: (history, columns, head) => newestBooks(history, columns, head, BOOK_LEVELS),
  },
  snapshots: { costOf: snapshotsCost, read: newestSnapshots },
} as const satisfies Readonly<Record<string, Newest>>;

function* wholeBar(history: History, column: number, resolution: Resolution, head: number) {
  return (yield* newestWholeBar(history, column, resolution, head))?.bar;
}

type Name = keyof typeof NEWEST;

function* each(
  columns: readonly number[],
  read: (column: number) => Generator<unknown, Item | undefined, void>,
): Generator<unknown, Found, void> {
  const found: (Item | undefined)[] = [];
  for (const column of columns) {
    found.push(yield* read(column));
    yield;
  }
  return found;
}

/** How what was found is told: by name, or of one symbol alone. */
type Shape = (found: readonly (readonly [name: string, item: Item])[], symbol: string) => unknown;

const byName: Shape = (found) => Object.fromEntries(found);

/** What is newest: by name, of several symbols; of stocks of one, too. */
export function addLatest(app: FastifyInstance, routes: Routes): void {
  const { stock, crypto } = BASES;
  for (const name of ['trades', 'quotes', 'bars'] as const) {
    const one = name.slice(0, -1);
    const several: Shape = (found) => ({ [name]: byName(found, '') });
    add(app, routes, { path: `${stock}/${name}/latest`, name, shape: several });
    add(app, routes, { path: `${crypto}/latest/${name}`, name, shape: several });
    const shape: Shape = ([found], symbol) => ({ symbol, [one]: found?.[1] ?? {} });
    add(app, routes, { path: `${stock}/:symbol/${name}/latest`, name, shape });
  }
  const shape: Shape = (found) => ({ orderbooks: byName(found, '') });
  add(app, routes, { path: `${crypto}/latest/orderbooks`, name: 'orderbooks', shape });
  const name = 'snapshots';
  add(app, routes, { path: `${stock}/snapshots`, name, shape: byName });
  add(app, routes, {
    ...{ path: `${stock}/:symbol/snapshot`, name },
    shape: ([found], symbol) => ({ symbol, ...found?.[1] }),
  });
  add(app, routes, {
    ...{ path: `${crypto}/snapshots`, name },
    shape: (found) => ({ snapshots: byName(found, '') }),
  });
}

interface Route {
  readonly path: string;
  readonly name: Name;
  readonly shape: Shape;
}

interface PathNames {
  readonly symbol?: string;
  readonly loc?: string;
}

function add(app: FastifyInstance, routes: Routes, route: Route): void {
  const kind = ASSET_CLASSES.find((one) => route.path.startsWith(BASES[one]))!;
  app.get<{ Querystring: Parameters; Params: PathNames }>(
    route.path,
    { ...COMPRESSED, config: { harm: routes.harm } },
    (request, reply) => answer(routes, kind, route, request, reply),
  );
}

async function answer(
  routes: Routes,
  kind: AssetClass,
  { name, path, shape }: Route,
  request: FastifyRequest<{ Querystring: Parameters; Params: PathNames }>,
  reply: FastifyReply,
) {
  checkBegun(routes, kind, request);
  const { service, symbols, responder } = routes;
  const { feed, version, limits } = service;
  const { history } = feed;
  const { params, query } = request;
  if (params.loc !== undefined) checkLocation(params.loc);
  const single = params.symbol;
  const columns =
    single === undefined
      ? symbols.columnsOf(kind, requiredOf(query, 'symbols'), limits.maxAlpacaSymbols)
      : [symbols.columnOf(kind, single)];
  const { head } = history;
  const { costOf, read }: Newest = NEWEST[name];
  responder.payerOf(request)(columns.length * COLUMN_LOOK_COST);
  const cost = await service.slicer.begin(costOf(history, columns, head));
  return responder.answer(request, reply, {
    mediaType: 'application/json',
    etag: etagOf([version, 'alpaca newest', path, history.timeline.idAt(head - 1), head], columns),
    isImmutable: false,
    isFinal: false,
    columns: columns.length,
    cost,
    make: () =>
      made(head === 0 ? undefined : read(history, columns, head), (found) => {
        const named = columns.flatMap((column, n) => {
          const item = found[n];
          return item === undefined ? [] : [[symbols.nameOf(column), item] as const];
        });
        return shape(named, single ?? '');
      }),
  });
}

function* made(
  reading: Generator<unknown, Found, void> | undefined,
  told: (found: Found) => unknown,
): Generator<unknown, Made, void> {
  const found = reading === undefined ? [] : yield* reading;
  return { pieces: [Buffer.from(JSON.stringify(told(found)))], headers: {} };
}
