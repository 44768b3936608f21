import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { timeOf } from '../../../core/market/grid.ts';
import { ASSET_CLASSES, type AssetClass } from '../../../core/market/listing.ts';
import { DAY_MS } from '../../../core/market/time.ts';
import type { Making } from '../../../host/http/body.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, type Made } from '../../../host/http/responder.ts';
import { BASES, checkBegun, checkLocation, type Routes } from './begun.ts';
import type { Listed } from './items.ts';
import { ListedBars } from './listed-bars.ts';
import { ListedQuotes } from './listed-quotes.ts';
import { ListedTrades } from './listed-trades.ts';
import { type ItemsOf, Page } from './pages.ts';
import {
  isDownOf,
  limitOf,
  type Parameters,
  pageOf,
  rangeOf,
  requiredOf,
  timeframeOf,
} from './parameters.ts';

const NAMES = ['bars', 'trades', 'quotes'] as const;
/** Items that are written between two yields. */
const ITEMS_PER_STEP = 256;

interface PathNames {
  readonly symbol?: string;
  readonly loc?: string;
}

/** `/bars`, `/trades` and `/quotes`: pages of a range of time, of one symbol or of several. */
export function addPages(app: FastifyInstance, routes: Routes): void {
  const options = { ...COMPRESSED, config: { harm: routes.harm } };
  for (const name of NAMES) {
    for (const kind of ASSET_CLASSES) {
      app.get<{ Querystring: Parameters; Params: PathNames }>(
        `${BASES[kind]}/${name}`,
        options,
        (request, reply) => answer(routes, kind, name, request, reply),
      );
    }
    app.get<{ Querystring: Parameters; Params: PathNames }>(
      `${BASES.stock}/:symbol/${name}`,
      options,
      (request, reply) => answer(routes, 'stock', name, request, reply),
    );
  }
}

async function answer(
  routes: Routes,
  kind: AssetClass,
  name: Listed['name'],
  request: FastifyRequest<{ Querystring: Parameters; Params: PathNames }>,
  reply: FastifyReply,
) {
  checkBegun(routes, kind, request);
  const { service, symbols, responder } = routes;
  const { feed, version, limits } = service;
  const { market, history } = feed;
  const { query, params } = request;
  if (params.loc !== undefined) checkLocation(params.loc);
  const pay = responder.payerOf(request);
  const single = params.symbol;
  const columns =
    single === undefined
      ? symbols.columnsOf(kind, requiredOf(query, 'symbols'), limits.maxAlpacaSymbols)
      : [symbols.columnOf(kind, single)];
  const { head } = history;
  const { grid } = market;
  const resolution = name === 'bars' ? timeframeOf(query, grid.intervalMs) : undefined;
  const isDown = isDownOf(query);
  const limit = limitOf(query, limits.maxAlpacaItems);
  const start = pageOf(query);
  const nowMs = Math.max(service.clock.marketMs(), timeOf(grid, head));
  const range = rangeOf(query, nowMs, Math.floor(service.clock.marketMs() / DAY_MS) * DAY_MS);
  const about = { history, head, range, isDown, pay };
  const listed =
    resolution !== undefined
      ? new ListedBars({ ...about, resolution })
      : name === 'trades'
        ? new ListedTrades(about)
        : new ListedQuotes(history, head, range, isDown);
  const { maxAlpacaRows: mostRows, workBurst } = limits;
  const bounds = { limit, mostRows, workBurst };
  const page = await service.slicer.begin(
    Page.plan({ listed, symbols, columns, start, isDown, pay, ...bounds }),
  );
  const { startMicros, endMicros } = range;
  const asked = [resolution?.key ?? '', startMicros, endMicros, limit, isDown ? 'desc' : 'asc'];
  const from = start === undefined ? [] : [start.name, start.place];
  const decisive = [
    version,
    'alpaca',
    name,
    history.timeline.idAt(head - 1),
    single === undefined ? 'multi' : 'single',
  ];
  return responder.answer(request, reply, {
    mediaType: 'application/json',
    etag: etagOf([...decisive, ...asked, ...from, page.end, listed.isFinal ? '' : head], columns),
    isImmutable: false,
    isFinal: listed.isFinal,
    columns: columns.length,
    cost: page.cost,
    make: () => writtenPage(page, name, (column) => symbols.nameOf(column), single),
  });
}

export function* writtenPage(
  page: Page,
  name: Listed['name'],
  nameOf: (column: number) => string,
  single: string | undefined,
): Generator<unknown, Made, void> {
  const { of, next } = yield* page.read();
  const end = `"next_page_token":${JSON.stringify(next)}}`;
  const pieces: Uint8Array[] = [];
  const put = (text: string) => void pieces.push(Buffer.from(text));
  if (single !== undefined) {
    put(`{"${name}":[`);
    pieces.push(...(yield* itemsText(of[0])));
    put(`],"symbol":${JSON.stringify(single)},${end}`);
    return { pieces: [Buffer.concat(pieces)], headers: {} };
  }
  put(`{"${name}":{`);
  for (const [n, one] of of.entries()) {
    put(`${n === 0 ? '' : ','}${JSON.stringify(nameOf(one.column))}:[`);
    pieces.push(...(yield* itemsText(one)));
    put(']');
  }
  put(`},${end}`);
  return { pieces: [Buffer.concat(pieces)], headers: {} };
}

function* itemsText(of: ItemsOf | undefined): Making {
  const items = of?.items ?? [];
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < items.length; from += ITEMS_PER_STEP) {
    const some = items.slice(from, from + ITEMS_PER_STEP).map((item) => JSON.stringify(item));
    pieces.push(Buffer.from((from === 0 ? '' : ',') + some.join()));
    yield;
  }
  return pieces;
}
