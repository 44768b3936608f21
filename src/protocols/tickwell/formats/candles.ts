import { CANDLE_FIELDS, type CandleField } from '../../../core/market/fields.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import type { CandlesAnswer, CuttingSaid } from '../../../wire/messages.ts';
import type { Notation } from '../../../wire/notation.ts';
import { pricesForm, SUMS_FORM } from './columns.ts';
import { priceText, timeJson, timeText } from './notation.ts';
import {
  type Cells,
  csvShape,
  lines,
  ndjsonFieldShape,
  type Place,
  recordList,
  type Table,
  TextWriter,
} from './text.ts';

/** Candles, to be written. */
export interface ReadCandles {
  readonly market: Market;
  readonly answer: CandlesAnswer;
  readonly notation: Notation;
  /** All instruments of a table of several, whose candles are named by their symbols. */
  readonly among?: readonly Instrument[];
  /** Where they stand, of what is written in several parts. */
  readonly part: Place;
}

/** Candles that are written in one part. */
export const ONE_PART = { isFirst: true, isLast: true } as const;

/** Writes candles. */
export type CandlesWriter = (candles: ReadCandles) => Making;

/** Candles of a part, and where it stands. */
interface PlacedPart {
  readonly answer: CandlesAnswer;
  readonly part: Place;
}

/**
 * Where the parts of candles stand among those that have some. Where candles are left out, a part
 * may have none: of what follows, it is known only then which is the last.
 */
export class PlacedCandles {
  readonly #isComplete: boolean;
  #isFirst = true;
  #waiting: CandlesAnswer | undefined;

  /** `isComplete`: no candles are left out. */
  constructor(isComplete: boolean) {
    this.#isComplete = isComplete;
  }

  /** The parts whose places are known with this one; of no candles at all there is one. */
  *add(answer: CandlesAnswer, isEnd: boolean): Generator<PlacedPart, void, void> {
    if (this.#isComplete) {
      yield this.#place(answer, isEnd);
      return;
    }
    const before = this.#waiting;
    if (before === undefined || answer.time.length > 0) {
      if (before !== undefined && before.time.length > 0) yield this.#place(before, false);
      this.#waiting = answer;
    }
    if (isEnd) yield this.#place(this.#waiting!, true);
  }

  #place(answer: CandlesAnswer, isLast: boolean): PlacedPart {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return { answer, part: { isFirst, isLast } };
  }
}

/** What candles say beside their times. */
export function candleSeries(answer: CandlesAnswer) {
  const { open, high, low, close } = answer;
  const prices = Object.entries({ open, high, low, close });
  // In the order in which they were asked for.
  const names = Object.keys(answer).filter((name) => CANDLE_FIELDS.some((sum) => sum === name));
  const sums = (names as CandleField[]).map((name) => [name, answer[name]] as const);
  return [
    ...prices.map(([name, values]) => ({ name, values, isPrice: true })),
    ...sums.flatMap(([name, values]) =>
      values === undefined ? [] : [{ name, values, isPrice: false }],
    ),
  ];
}

/** As `candleSeries`; each with the column of Arrow and Parquet that it is. */
export function candleForms({ market, answer, notation, among }: ReadCandles) {
  const instrument = market.instruments[market.columnOf(answer.symbol)!]!;
  return candleSeries(answer).map(({ name, values, isPrice }) => {
    const form = isPrice ? pricesForm(notation, instrument, market.spec.dtype, among) : SUMS_FORM;
    return { name, values, form };
  });
}

/** How the candles of an answer are cut. */
export function cuttingIn({ resolution, tz, offset }: CuttingSaid): CuttingSaid {
  const clock = {
    ...(tz === undefined ? {} : { tz }),
    ...(offset === undefined ? {} : { offset }),
  };
  return { resolution, ...clock };
}

/** What JSON says beside the candles, for formats that have no place for it. */
export function candlesHeaders(answer: CandlesAnswer): Record<string, string> {
  const { market, closed, until, earliest, head } = answer;
  const facts = { closed, until, earliest, head };
  const headers: Record<string, string> = { 'tickwell-market': market };
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined) headers[`tickwell-${name}`] = String(value);
  }
  return headers;
}

/** Prices that are joined at a time. */
const PRICES_PER_STEP = 2 ** 12;

export function* jsonCandles({ market, answer, notation }: ReadCandles): Making {
  const { time, closed, until, earliest, head, symbol } = answer;
  const text = timeJson(notation);
  const about = JSON.stringify({ market: answer.market, symbol, ...cuttingIn(answer) });
  const writer = new TextWriter(about.slice(0, -1));
  const columns = [{ name: 'time', values: time, text }, ...cellsOf(market, answer, notation)];
  for (const { name, values, text: own = String } of columns) {
    let before = `,"${name}":[`;
    for (let n = 0; n < values.length; n += PRICES_PER_STEP) {
      const some = values
        .slice(n, n + PRICES_PER_STEP)
        .map(own)
        .join(',');
      if (writer.add(before + some)) yield;
      before = ',';
    }
    if (writer.add(values.length === 0 ? `${before}]` : ']')) yield;
  }
  writer.add(`,"closed":${closed}`);
  for (const [name, value] of Object.entries({ until, earliest, head })) {
    if (value !== undefined) writer.add(`,"${name}":${text(value)}`);
  }
  writer.add('}');
  return writer.end();
}

export function csvCandles({ market, answer, notation, among, part }: ReadCandles): Making {
  const columns = cellsOf(market, answer, notation);
  const names = columns.map(({ name }) => name);
  const header = `${among === undefined ? '' : 'symbol,'}time,${names.join(',')}\n`;
  const shape = csvShape(names.length);
  const first = among === undefined ? '' : `${answer.symbol},`;
  const text = timeText(notation);
  return lines({ ...shape, first }, part.isFirst ? header : '', tableOf(answer, columns), text);
}

export function ndjsonCandles(candles: ReadCandles): Making {
  const { shape, table } = recordsOf(candles);
  return lines(shape, '', table, timeJson(candles.notation));
}

/** The same records as one list. */
export function recordCandles(candles: ReadCandles): Making {
  const { shape, table } = recordsOf(candles);
  return recordList(shape, table, timeJson(candles.notation), candles.part);
}

function recordsOf({ market, answer, notation, among }: ReadCandles) {
  const columns = cellsOf(market, answer, notation);
  const shape = ndjsonFieldShape(columns.map(({ name }) => name));
  const symbol = among === undefined ? '' : `"symbol":${JSON.stringify(answer.symbol)},`;
  return { shape: { ...shape, first: `{${symbol}"time":` }, table: tableOf(answer, columns) };
}

function cellsOf(market: Market, answer: CandlesAnswer, notation: Notation) {
  const text = priceText(notation, market.instruments[market.columnOf(answer.symbol)!]!);
  return candleSeries(answer).map(({ name, values, isPrice }) => {
    return { name, values, text: isPrice ? text : undefined };
  });
}

function tableOf({ time }: CandlesAnswer, columns: readonly Cells[]): Table {
  return { rows: time.length, timeOf: (row) => time[row]!, columns };
}
