import type { History } from '../../../core/history/history.ts';
import { readBestLots, readQuotes } from '../../../core/history/read-books.ts';
import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { checkBegun } from '../begun.ts';
import { quantityText } from '../numbers.ts';
import type { BinanceParts } from '../parts.ts';
import type { AskedSymbols, BinanceSymbols } from '../symbols.ts';
import type { Asked, Endpoint, SizedPlan } from './endpoint.ts';

/** Symbols that are written between two yields. */
const SYMBOLS_PER_STEP = 256;

/** Makes the answer for each of some columns, as of a row that there is. */
type TextsOf = (
  history: History,
  symbols: BinanceSymbols,
  columns: readonly number[],
  index: number,
) => Generator<unknown, (n: number) => string, void>;

interface Kind {
  readonly path: string;
  readonly method: string;
  readonly texts: TextsOf;
  readonly values: number;
  /** The fewest of one symbol. */
  readonly bytes: number;
  cost(history: History, columns: readonly number[], index: number): number;
}

const PRICE: Kind = {
  path: 'ticker/price',
  method: 'ticker.price',
  texts: priceTexts,
  values: 2,
  bytes: '{"symbol":"A","price":"1.00000000"}'.length,
  cost: (history, columns, index) =>
    rowsCost(history, wantedOf(['last'], columns), [index, index + 1], 'json'),
};

const BOOK: Kind = {
  path: 'ticker/bookTicker',
  method: 'ticker.book',
  texts: bookTexts,
  values: 5,
  bytes: 100,
  cost: (history, columns, index) =>
    rowsCost(history, wantedOf(['bid', 'ask'], columns), [index, index + 1], 'json') +
    booksCost(columns.length, 1),
};

/** The newest price, and what waits at the best prices: of one symbol, of some, or of all. */
export function newestPrices(parts: BinanceParts): readonly Endpoint[] {
  return [PRICE, BOOK].map((kind) => ({
    path: kind.path,
    method: kind.method,
    weight: ({ symbol }) => (symbol === undefined ? 4 : 2),
    answer: (asked) => planOf(parts, asked, kind),
  }));
}

function planOf({ service, symbols }: BinanceParts, { parameters }: Asked, kind: Kind): SizedPlan {
  checkReady(service);
  const { feed, version } = service;
  const { history } = feed;
  const asked = symbols.asked(parameters);
  const { columns, isOne, isAll } = asked;
  if (!isAll) checkBegun(service);
  const index = history.head - 1;
  const id = history.timeline.idAt(index);
  const about = [version, `binance ${kind.path}`, id, index, `${isOne}`];
  return {
    mediaType: 'application/json',
    etag: etagOf(about, columns),
    isImmutable: false,
    isFinal: false,
    columns: columns.length,
    leastBytes: index < 0 ? 0 : columns.length * kind.bytes,
    cost:
      index < 0
        ? 0
        : kind.cost(history, columns, index) + writingCost('json', columns.length, kind.values),
    make: () => made(history, symbols, asked, index, kind),
  };
}

function* made(
  history: History,
  symbols: BinanceSymbols,
  { columns, isOne }: AskedSymbols,
  index: number,
  { texts }: Kind,
): Generator<unknown, Made, void> {
  if (index < 0) return { pieces: [Buffer.from('[]')], headers: {} };
  const textOf = yield* texts(history, symbols, columns, index);
  const pieces: Uint8Array[] = [];
  let text = isOne ? '' : '[';
  for (const n of columns.keys()) {
    text += (n === 0 ? '' : ',') + textOf(n);
    if ((n + 1) % SYMBOLS_PER_STEP !== 0) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(isOne ? text : `${text}]`));
  return { pieces, headers: {} };
}

function* priceTexts(
  ...[history, symbols, columns, index]: Parameters<TextsOf>
): ReturnType<TextsOf> {
  const rows = yield* readRows(history, wantedOf(['last'], columns), index, index + 1);
  return (n) => {
    const column = columns[n]!;
    const price = symbols.numbersOf(column).price(rows.at(n)[0]!);
    return `{"symbol":"${symbols.names.of(column)}","price":"${price}"}`;
  };
}

function* bookTexts(
  ...[history, symbols, columns, index]: Parameters<TextsOf>
): ReturnType<TextsOf> {
  const quotes = yield* readQuotes(history, columns, index, index + 1);
  const lots = yield* readBestLots(history, quotes, index);
  return (n) => {
    const numbers = symbols.numbersOf(columns[n]!);
    const [bid, ask] = [numbers.price(quotes.bid[n]!), numbers.price(quotes.ask[n]!)];
    const [bidQty, askQty] = [quantityText(lots.bid[n]!), quantityText(lots.ask[n]!)];
    return (
      `{"symbol":"${symbols.names.of(columns[n]!)}","bidPrice":"${bid}","bidQty":"${bidQty}",` +
      `"askPrice":"${ask}","askQty":"${askQty}"}`
    );
  };
}
