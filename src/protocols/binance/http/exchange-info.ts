import { lookingCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { BinanceError, invalid } from '../errors.ts';
import { quantityText } from '../numbers.ts';
import { optionalText, type Parameters, wordOf } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import { type BinanceSymbols, pairOf } from '../symbols.ts';
import { timeIn } from '../time-unit.ts';
import { rateLimits } from '../used-weight.ts';
import type { Endpoint } from './endpoint.ts';

/** Symbols that are written between two yields. */
const SYMBOLS_PER_STEP = 64;
/** Values of one symbol. */
const VALUES = 60;
const STATUSES = ['TRADING', 'HALT', 'BREAK'] as const;
const PERMISSION = /^\w{1,30}$/;
/** Of a day of even the busiest share. */
const MAX_LOTS = 1_000_000_000;

/** Which instruments there are, and by which steps their prices and quantities go. */
export function exchangeInfo({ service, symbols }: BinanceParts): Endpoint {
  const { clock, version, feed } = service;
  return {
    path: 'exchangeInfo',
    weight: () => 20,
    answer({ parameters, unit, pay }) {
      const { columns, isAll } = wanted(symbols, parameters);
      const hasSets =
        wordOf(parameters, 'showPermissionSets', ['true', 'false'], 'true') === 'true';
      pay(lookingCost(isAll ? 0 : columns.length));
      const serverTime = timeIn(unit, clock.nowMs());
      const head = JSON.stringify({
        timezone: 'UTC',
        serverTime,
        rateLimits: rateLimits(service.limits),
        exchangeFilters: [],
      });
      const about = [version, 'binance exchangeInfo', feed.market.id, serverTime, `${hasSets}`];
      return {
        mediaType: 'application/json',
        etag: etagOf(about, columns),
        isImmutable: false,
        isFinal: false,
        columns: columns.length,
        cost: writingCost('json', columns.length, VALUES),
        make: () => made(symbols, columns, head, hasSets),
      };
    },
  };
}

/** Those whose status and permissions are as one wants them. */
function wanted(symbols: BinanceSymbols, parameters: Parameters) {
  const asked = symbols.asked(parameters);
  const isNamed = !asked.isAll;
  const hasStatus = parameters.symbolStatus !== undefined;
  const hasPermissions = parameters.permissions !== undefined;
  if (isNamed && (hasStatus || hasPermissions)) {
    throw new BinanceError('badCombination', 'Combination of optional parameters invalid.');
  }
  const status = wordOf(parameters, 'symbolStatus', STATUSES, 'TRADING');
  const isThere = status === 'TRADING' && permits(optionalText(parameters, 'permissions'));
  return isThere ? asked : { ...asked, columns: [] };
}

/** Whether a list of permissions, in brackets or one alone, has that of spot. */
function permits(permissions: string | undefined): boolean {
  if (permissions === undefined) return true;
  const isList = permissions.startsWith('[') && permissions.endsWith(']');
  const names = isList
    ? permissions
        .slice(1, -1)
        .split(',')
        .map((text) => text.replace(/^"(.*)"$/, '$1'))
    : [permissions];
  if (!names.every((name) => PERMISSION.test(name))) throw invalid('permissions');
  return names.includes('SPOT');
}

function* made(
  symbols: BinanceSymbols,
  columns: readonly number[],
  head: string,
  hasSets: boolean,
): Generator<unknown, Made, void> {
  const pieces: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"symbols":[`)];
  for (let from = 0; from < columns.length; from += SYMBOLS_PER_STEP) {
    const some = columns.slice(from, from + SYMBOLS_PER_STEP);
    const text = some.map((column) => JSON.stringify(described(symbols, column, hasSets))).join();
    pieces.push(Buffer.from(from === 0 ? text : `,${text}`));
    yield;
  }
  pieces.push(Buffer.from(']}'));
  return { pieces, headers: {} };
}

/** What there is to know of a symbol: that it cannot be traded here it does not say. */
function described(symbols: BinanceSymbols, column: number, hasSets: boolean) {
  const instrument = symbols.market.instruments[column]!;
  const numbers = symbols.numbersOf(column);
  const symbol = symbols.names.of(column)!;
  const { baseAsset, quoteAsset } = pairOf(symbol, instrument);
  const [minPrice, maxPrice] = [
    numbers.price(Math.max(1, instrument.minTicks)),
    instrument.maxTicks,
  ];
  const lots = {
    minQty: quantityText(1),
    maxQty: quantityText(MAX_LOTS),
    stepSize: quantityText(1),
  };
  return {
    symbol,
    status: 'TRADING',
    ...{ baseAsset, baseAssetPrecision: 8 },
    ...{ quoteAsset, quotePrecision: 8, quoteAssetPrecision: 8 },
    ...{ baseCommissionPrecision: 8, quoteCommissionPrecision: 8 },
    orderTypes: ['LIMIT', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: false,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        ...{ minPrice, maxPrice: numbers.price(maxPrice), tickSize: numbers.price(1) },
      },
      { filterType: 'LOT_SIZE', ...lots },
      { filterType: 'MARKET_LOT_SIZE', ...lots },
      {
        filterType: 'NOTIONAL',
        ...{ minNotional: numbers.price(1), applyMinToMarket: true },
        ...{ maxNotional: numbers.paid(BigInt(maxPrice) * BigInt(MAX_LOTS)) },
        ...{ applyMaxToMarket: false, avgPriceMins: 5 },
      },
    ],
    permissions: [],
    ...(hasSets ? { permissionSets: [['SPOT']] } : {}),
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}
