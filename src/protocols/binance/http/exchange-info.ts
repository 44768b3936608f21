import { lookingCost } from '../../../host/budgets/cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { BinanceError, invalid } from '../errors.ts';
import { optionalText, type Parameters, wordOf } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import type { BinanceSymbols } from '../symbols.ts';
import { timeIn } from '../time-unit.ts';
import { rateLimits } from '../used-weight.ts';
import type { Endpoint } from './endpoint.ts';
import { SymbolTexts } from './symbol-texts.ts';

const STATUSES = ['TRADING', 'HALT', 'BREAK'] as const;
const PERMISSION = /^\w{1,30}$/;

/** Which instruments there are, and by which steps their prices and quantities go. */
export function exchangeInfo({ service, symbols }: BinanceParts): Endpoint {
  const { clock, version, feed } = service;
  const texts = new SymbolTexts(symbols);
  return {
    path: 'exchangeInfo',
    weight: () => 20,
    answer({ parameters, unit, pay }) {
      const { columns, isAll } = wanted(symbols, parameters);
      const hasSets =
        wordOf(parameters, 'showPermissionSets', ['true', 'false'], 'true') === 'true';
      pay(lookingCost(isAll ? 0 : columns.length));
      const serverTime = timeIn(unit, clock.marketMs());
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
        cost: texts.cost(columns, hasSets),
        leastBytes: texts.leastBytes(columns),
        make: () => made(texts, columns, head, hasSets),
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
  texts: SymbolTexts,
  columns: readonly number[],
  head: string,
  hasSets: boolean,
): Generator<unknown, Made, void> {
  const pieces = yield* texts.pieces(columns, hasSets);
  const [start, end] = [`${head.slice(0, -1)},"symbols":[`, ']}'].map((text) => Buffer.from(text));
  return { pieces: [start!, ...pieces, end!], headers: {} };
}
