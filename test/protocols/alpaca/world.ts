import type { Limits } from '../../../src/server/limits.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** Any key opens everything. */
export const KEYS = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'key' };

/** A Monday, 7:20. */
export const ORIGIN = Date.UTC(2026, 0, 5, 7, 20);
export const ROWS = 20_000;

const STOCK = { assetClass: 'stock', model: 'market', startPrice: 80, tickSize: 0.01 };

/** Stocks that have closed hours and some that have none, and two pairs; a row a minute. */
export const SPEC = {
  origin: ORIGIN,
  interval: MINUTE,
  capacity: 2000,
  dtype: 'uint32',
  count: undefined,
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.25, startPrice: 80, tradesPerDay: 6000 },
  instruments: [
    { symbol: 'NIMBO', name: 'Nimbo Air', ...STOCK, calendar: 'new-york' },
    { symbol: 'ACME', name: 'Acme Industries', assetClass: 'stock' },
    { symbol: 'RARE', name: 'Rare Earths', ...STOCK, calendar: 'new-york', tradesPerDay: 40 },
    { symbol: 'orb.x', name: 'Orbix', model: 'market', tickSize: 0.01, startPrice: 250 },
    { symbol: 'AUR/VEL', name: 'Auro', tickSize: 5, startPrice: 5000, model: 'walk' },
    { symbol: '^', name: 'An index that has no name there' },
  ],
};

/** Their names here, by column. */
export const STOCKS = ['NIMBO', 'ACME', 'RARE'];
export const PAIRS = ['ORBX/USDT', 'AUR/VEL'];

/** The route of a kind of items of a symbol, and what it is in Tickwell's own words. */
export const SYMBOLS = [
  { name: 'NIMBO', own: 'NIMBO', base: '/v2/stocks' },
  { name: 'ACME', own: 'ACME', base: '/v2/stocks' },
  { name: 'RARE', own: 'RARE', base: '/v2/stocks' },
  { name: 'ORBX/USDT', own: 'orb.x', base: '/v1beta3/crypto/us' },
  { name: 'AUR/VEL', own: 'AUR/VEL', base: '/v1beta3/crypto/us' },
] as const;

export function startWorld(limits: Partial<Limits> = {}, rows = ROWS): Promise<TestServer> {
  return startTestServer({
    spec: SPEC,
    rows,
    limits: { ...UNHURRIED, workBurst: 1e15, ...limits },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Json = any;

export interface Got {
  readonly status: number;
  readonly json: Json;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** What is answered to who has a key. */
export async function get(server: TestServer, path: string, query: Query = {}): Promise<Got> {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(pairs).toString();
  const { status, json } = await server.get(text === '' ? path : `${path}?${text}`, {
    headers: KEYS,
  });
  return { status, json };
}

/** All pages of a list of items of several symbols, by symbol. */
export async function allPages(
  server: TestServer,
  path: string,
  name: 'bars' | 'trades' | 'quotes',
  query: Query,
): Promise<{ readonly items: Readonly<Record<string, Json[]>>; readonly pages: number }> {
  const items: Record<string, Json[]> = {};
  let token: string | undefined;
  let pages = 0;
  do {
    const { json, status } = await get(server, path, { ...query, page_token: token });
    if (status !== 200) throw new Error(`a page is there; it is: ${status} ${json?.message}`);
    for (const [symbol, list] of Object.entries(json[name] as Record<string, Json[]>)) {
      items[symbol] = [...(items[symbol] ?? []), ...list];
    }
    token = json.next_page_token ?? undefined;
    pages += 1;
  } while (token !== undefined);
  return { items, pages };
}

export const iso = (ms: number) => new Date(ms).toISOString();
