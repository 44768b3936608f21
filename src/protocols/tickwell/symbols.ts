import type { Market } from '../../core/market/market.ts';
import { inQuotes, quoted } from '../../core/market/quoted.ts';
import { unknownName } from '../../core/market/unknown.ts';
import { lookingCost } from '../../host/budgets/cost.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';

/** The symbols of a request. Each function throws a `TickwellError`. */

/**
 * The columns that `symbols` names: `*` for all, a list, or text with commas between. What a
 * name costs that there is not is paid by `pay`.
 */
export function columnsOf(market: Market, symbols: unknown, pay: Pay): readonly number[] {
  if (symbols === undefined || symbols === '*') return allColumns(market);
  const list: unknown = typeof symbols === 'string' ? symbols.split(',') : symbols;
  if (!Array.isArray(list) || list.length === 0) {
    throw new TickwellError(
      'bad_request',
      `symbols must be "*" or a list of at least one symbol; given: ${quoted(symbols)}`,
    );
  }
  const problem = typeof symbols === 'string' ? symbolsProblem(symbols) : undefined;
  if (problem !== undefined) throw new TickwellError('bad_request', problem);
  const several = () => '"*" stands alone for all';
  const columns = list.map((symbol) => columnOf(market, 'symbols', symbol, pay, several));
  const seen = new Set<number>();
  for (const column of columns) {
    if (seen.has(column)) {
      const { symbol } = market.instruments[column]!;
      throw new TickwellError('bad_request', `symbols must differ; given twice: ${symbol}`);
    }
    seen.add(column);
  }
  return columns;
}

/** One list for all requests: what is made of it can be kept. */
const allOf = new WeakMap<Market, readonly number[]>();

function allColumns(market: Market): readonly number[] {
  let all = allOf.get(market);
  if (all === undefined) {
    all = market.instruments.map((_, n) => n);
    allOf.set(market, all);
  }
  return all;
}

/** What is wrong with a text of symbols with commas between, if one of them is missing. */
export function symbolsProblem(symbols: string): string | undefined {
  if (!symbols.split(',').includes('')) return undefined;
  const rule =
    symbols === '' ? 'must be "*" or some symbols' : 'must have a symbol on each side of a comma';
  return `symbols ${rule}; given: ${quoted(symbols)}`;
}

/**
 * The column of one symbol. Before the nearest to one that there is not is sought, `pay` pays. Who
 * asks for several is told where they are: `several` makes the end of a sentence of it.
 */
export function columnOf(
  market: Market,
  field: string,
  symbol: unknown,
  pay: Pay,
  several = (_symbols: string) => 'it must be one symbol',
): number {
  if (typeof symbol !== 'string' || symbol === '') {
    const rule = symbol === '' ? 'must not be empty' : 'must be text, one symbol';
    throw new TickwellError('bad_request', `${field} ${rule}; given: ${quoted(symbol)}`);
  }
  const column = market.columnOf(symbol);
  if (column === undefined) {
    const { symbols: known } = market;
    if (/^(\*|all)$|,/i.test(symbol)) {
      const told = several(symbol.includes(',') ? symbol : '*');
      throw new TickwellError('unknown_symbol', `unknown symbol ${inQuotes(symbol)}; ${told}`);
    }
    pay(lookingCost(known.length));
    throw new TickwellError(
      'unknown_symbol',
      unknownName({ kind: 'symbol', name: symbol, known, see: '/v1/market lists all' }),
    );
  }
  return column;
}
