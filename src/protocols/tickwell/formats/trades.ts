import type { ReadTrades } from '../../../core/history/read-trades.ts';
import { sinceOf, timeOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import type { Notation } from '../../../wire/notation.ts';
import { preciseText, priceText, timeJson } from './notation.ts';
import {
  csvShape,
  type LineShape,
  lines,
  type Place,
  recordList,
  type Table,
  TextWriter,
} from './text.ts';

/** Trades of an instrument, one after the other, to be written. */
export interface WrittenTrades {
  readonly market: Market;
  /** The market id that an answer says. */
  readonly id: string;
  readonly column: number;
  readonly read: ReadTrades;
  readonly notation: Notation;
  /** The index after the newest row there was; undefined if what was asked for is over. */
  readonly head: number | undefined;
  /** Whether each says whose it is, because those of others follow. */
  readonly isNamed: boolean;
  /** Where they stand, of what is written in several parts. */
  readonly part: Place;
}

/** Writes trades. */
export type TradesWriter = (trades: WrittenTrades) => Making;

/** What is said of each, beside whose it is. */
const NAMES = ['id', 'time', 'price', 'lots', 'side'] as const;

/** Numbers that are joined at a time. */
const NUMBERS_PER_STEP = 2 ** 12;

/** What JSON says beside the trades, for formats that have no place for it. */
export function tradesHeaders(
  { grid }: Market,
  id: string,
  { from, next }: { readonly from: number; readonly next: number },
  head: number | undefined,
): Record<string, string> {
  return {
    'tickwell-market': id,
    'tickwell-from-id': String(from),
    'tickwell-next-id': String(next),
    ...(head === undefined ? {} : { 'tickwell-head': String(sinceOf(grid, head)) }),
  };
}

/** A `TradesAnswer`. */
export function* jsonTrades(trades: WrittenTrades): Making {
  const { market, id, column, read, notation, head } = trades;
  const { from, next, prices, lots, sides } = read;
  const { symbol } = market.instruments[column]!;
  const about = JSON.stringify({ market: id, symbol, fromId: from, nextId: next });
  const writer = new TextWriter(about.slice(0, -1));
  if (head !== undefined) {
    writer.add(`,"head":${timeJson(notation)(sinceOf(market.grid, head))}`);
  }
  const time = timesOf(market, read, notation, true);
  const price = priceText(notation, market.instruments[column]!);
  const lists: (readonly [name: string, textOf: (n: number) => string | number])[] = [
    ['time', time],
    ['price', price === undefined ? (n) => prices[n]! : (n) => price(prices[n]!)],
    ['lots', (n) => lots[n]!],
    ['side', (n) => sides[n]!],
  ];
  for (const [name, textOf] of lists) {
    writer.add(`,"${name}":[`);
    for (let at = 0; at < next - from; at += NUMBERS_PER_STEP) {
      const stop = Math.min(next - from, at + NUMBERS_PER_STEP);
      let joined = '';
      for (let n = at; n < stop; n++) joined += n === 0 ? textOf(n) : `,${textOf(n)}`;
      if (writer.add(joined)) yield;
    }
    writer.add(']');
  }
  writer.add('}');
  return writer.end();
}

export function csvTrades(trades: WrittenTrades): Making {
  const { market, column, part, isNamed } = trades;
  const symbol = isNamed ? `${market.instruments[column]!.symbol},` : '';
  const header = `${isNamed ? 'symbol,' : ''}${NAMES.join(',')}\n`;
  const shape = { ...csvShape(NAMES.length - 1), first: symbol };
  return lines(shape, part.isFirst ? header : '', tableOf(trades, false), String);
}

export function ndjsonTrades(trades: WrittenTrades): Making {
  return lines(recordShape(trades), '', tableOf(trades, true), String);
}

/** The same records as one list. */
export function recordTrades(trades: WrittenTrades): Making {
  return recordList(recordShape(trades), tableOf(trades, true), String, trades.part);
}

function recordShape({ market, column, isNamed }: WrittenTrades): LineShape {
  const { symbol } = market.instruments[column]!;
  const [id, ...others] = NAMES;
  return {
    first: `{${isNamed ? `"symbol":${JSON.stringify(symbol)},` : ''}"${id}":`,
    before: others.map((name) => `,"${name}":`),
    last: '}\n',
  };
}

/** A line for each: its number first, where others have a time. */
function tableOf({ market, column, read, notation }: WrittenTrades, isJson: boolean): Table {
  const { from, next, prices, lots, sides } = read;
  const price = priceText(notation, market.instruments[column]!);
  return {
    rows: next - from,
    timeOf: (n) => from + n,
    columns: [
      { values: lots.map((_, n) => n), text: timesOf(market, read, notation, isJson) },
      { values: prices, text: price },
      { values: lots, text: undefined },
      { values: sides, text: undefined },
    ],
  };
}

/** The time of the nth trade as text. */
function timesOf(
  { grid }: Market,
  { rows, micros }: ReadTrades,
  notation: Notation,
  isJson: boolean,
): (n: number) => string {
  const text = preciseText(notation);
  const quote = isJson && notation.time === 'iso' ? '"' : '';
  return (n) => {
    const ms = Math.floor(micros[n]! / 1000);
    return quote + text(timeOf(grid, rows[n]!) + ms, micros[n]! - ms * 1000) + quote;
  };
}
