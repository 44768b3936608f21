import type { Market } from '../../../core/market/market.ts';
import type { CandlesAnswer } from '../../../wire/messages.ts';
import { arrowCandles, loadArrow } from './arrow.ts';
import type { CandlesFormat, Making } from './format.ts';
import { type Notation, priceText, timeJson, timeText } from './notation.ts';
import { type Cells, csvShape, lines, ndjsonFieldShape, type Table, TextWriter } from './text.ts';

/** Candles, to be written. */
export interface ReadCandles {
  readonly market: Market;
  readonly answer: CandlesAnswer;
  readonly notation: Notation;
}

/** Writes candles. */
export type CandlesWriter = (candles: ReadCandles) => Making;

/** What candles say beside their times. */
export function candleSeries(answer: CandlesAnswer) {
  const { open, high, low, close, volume, trades } = answer;
  const prices = Object.entries({ open, high, low, close });
  const sums = Object.entries({ volume, trades });
  return [
    ...prices.map(([name, values]) => ({ name, values, isPrice: true })),
    ...sums.flatMap(([name, values]) =>
      values === undefined ? [] : [{ name, values, isPrice: false }],
    ),
  ];
}

/** How candles are written in `format`. */
export async function candlesWriter(format: CandlesFormat): Promise<CandlesWriter> {
  switch (format) {
    case 'json':
      return jsonCandles;
    case 'csv':
      return csvCandles;
    case 'ndjson':
      return ndjsonCandles;
    case 'arrow': {
      const arrow = await loadArrow();
      return (candles) => arrowCandles(arrow, candles);
    }
  }
}

/** What JSON says beside the candles, for formats that have no place for it. */
export function candlesHeaders(answer: CandlesAnswer): Record<string, string> {
  const { market, closed, until, earliest, head } = answer;
  const told = { closed, until, earliest, head };
  const headers: Record<string, string> = { 'tickwell-market': market };
  for (const [name, value] of Object.entries(told)) {
    if (value !== undefined) headers[`tickwell-${name}`] = String(value);
  }
  return headers;
}

/** Prices that are joined at a time. */
const PRICES_PER_STEP = 2 ** 12;

function* jsonCandles({ market, answer, notation }: ReadCandles): Making {
  const { time, closed, until, earliest, head, resolution, symbol } = answer;
  const text = timeJson(notation);
  const about = JSON.stringify({ market: market.id, symbol, resolution });
  const writer = new TextWriter(about.slice(0, -1));
  const columns = [{ name: 'time', values: time, text }, ...cellsOf(market, answer, notation)];
  for (const { name, values, text: own = String } of columns) {
    writer.add(`,"${name}":[`);
    for (let n = 0; n < values.length; n += PRICES_PER_STEP) {
      const some = values
        .slice(n, n + PRICES_PER_STEP)
        .map(own)
        .join(',');
      if (writer.add(n === 0 ? some : `,${some}`)) yield;
    }
    writer.add(']');
  }
  writer.add(`,"closed":${closed}`);
  for (const [name, value] of Object.entries({ until, earliest, head })) {
    if (value !== undefined) writer.add(`,"${name}":${text(value)}`);
  }
  writer.add('}');
  return writer.end();
}

function csvCandles({ market, answer, notation }: ReadCandles): Making {
  const columns = cellsOf(market, answer, notation);
  const names = columns.map(({ name }) => name);
  const table = tableOf(answer, columns);
  return lines(csvShape(names.length), `time,${names.join(',')}\n`, table, timeText(notation));
}

function ndjsonCandles({ market, answer, notation }: ReadCandles): Making {
  const columns = cellsOf(market, answer, notation);
  const shape = ndjsonFieldShape(columns.map(({ name }) => name));
  return lines(shape, '', tableOf(answer, columns), timeJson(notation));
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
