import type { History } from '../../../core/history/history.ts';
import { fillBooks, readQuotes } from '../../../core/history/read-books.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { type BookSide, MAX_LEVELS, newDepth } from '../../../core/market/trading/book.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { checkBegun } from '../begun.ts';
import { type Numbers, quantityText } from '../numbers.ts';
import { limitOf, type Parameters } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import type { Endpoint } from './endpoint.ts';

const DEFAULT_LEVELS = 100;
/** The most that clients ask for. */
const MOST_ASKED = 5000;
/** Up to so many levels, the weight of a request. */
const WEIGHTS = [
  [100, 5],
  [500, 25],
  [1000, 50],
] as const;
const MOST_WEIGHT = 250;

/** The book of the newest row, as deep as it is known. */
export function depth({ service, symbols }: BinanceParts): Endpoint {
  const { feed, version } = service;
  const { history } = feed;
  return {
    path: 'depth',
    weight: ({ limit = DEFAULT_LEVELS }) =>
      WEIGHTS.find(([most]) => Number(limit) <= most)?.[1] ?? MOST_WEIGHT,
    answer({ parameters }) {
      checkReady(service);
      const column = symbols.columnOf(parameters);
      checkBegun(service);
      const levels = Math.min(MAX_LEVELS, limitIn(parameters));
      const index = history.head - 1;
      const id = history.timeline.idAt(index);
      const wanted = wantedOf(['bid', 'ask'], [column]);
      const quotes = rowsCost(history, wanted, [index, index + 1], 'json');
      return {
        mediaType: 'application/json',
        etag: etagOf([version, 'binance depth', id, index, levels], [column]),
        isImmutable: false,
        isFinal: true,
        columns: 1,
        cost: quotes + booksCost(1, levels) + writingCost('json', 2 * levels, 2),
        make: () => made(history, symbols.numbersOf(column), column, index, levels),
      };
    },
  };
}

function limitIn(parameters: Parameters): number {
  return limitOf(parameters, DEFAULT_LEVELS, MOST_ASKED);
}

function* made(
  history: History,
  numbers: Numbers,
  column: number,
  index: number,
  levels: number,
): Generator<unknown, Made, void> {
  const book = newDepth(levels);
  const quotes = yield* readQuotes(history, [column], index, index + 1);
  yield* fillBooks([book], history, quotes, index, levels);
  const { bids, asks } = book;
  const sides = `"bids":${sideText(numbers, bids)},"asks":${sideText(numbers, asks)}`;
  return { pieces: [Buffer.from(`{"lastUpdateId":${index},${sides}}`)], headers: {} };
}

/** A side of a book, the best price first: `[[price,quantity],..]`. */
function sideText(numbers: Numbers, { ticks, lots, levels }: BookSide): string {
  let text = '[';
  for (let n = 0; n < levels; n++) {
    text += `${n === 0 ? '' : ','}["${numbers.price(ticks[n]!)}","${quantityText(lots[n]!)}"]`;
  }
  return `${text}]`;
}
