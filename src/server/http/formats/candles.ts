import type { Market } from '../../../core/market/market.ts';
import type { CandlesAnswer } from '../../../wire/messages.ts';
import { arrowCandles, loadArrow } from './arrow.ts';
import type { CandlesFormat, Making } from './format.ts';
import { csvShape, lines, ndjsonFieldShape } from './text.ts';

/** Writes candles. */
export type CandlesWriter = (market: Market, answer: CandlesAnswer) => Making;

/** What candles say beside their times. */
export function candleSeries(answer: CandlesAnswer) {
  const { open, high, low, close, volume, trades } = answer;
  const all = { open, high, low, close, volume, trades };
  return Object.entries(all).flatMap(([name, values]) =>
    values === undefined ? [] : [{ name, values }],
  );
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
      return (market, answer) => arrowCandles(arrow, market, answer);
    }
  }
}

/** What JSON says beside the candles, for formats that have no place for it. */
export function candlesHeaders(answer: CandlesAnswer): Record<string, string> {
  const { market, closed, until } = answer;
  const ends = until === undefined ? {} : { 'tickwell-until': String(until) };
  return { 'tickwell-market': market, 'tickwell-closed': String(closed), ...ends };
}

// biome-ignore lint/correctness/useYield: ten thousand candles are written within a slice.
function* jsonCandles(_market: Market, answer: CandlesAnswer): Making {
  return [Buffer.from(JSON.stringify(answer))];
}

function csvCandles(_market: Market, answer: CandlesAnswer): Making {
  const names = candleSeries(answer).map(({ name }) => name);
  return candleLines(csvShape(names.length), `time,${names.join(',')}\n`, answer);
}

function ndjsonCandles(_market: Market, answer: CandlesAnswer): Making {
  const names = candleSeries(answer).map(({ name }) => name);
  return candleLines(ndjsonFieldShape(names), '', answer);
}

function candleLines(
  shape: Parameters<typeof lines>[0],
  header: string,
  answer: CandlesAnswer,
): Making {
  const { time } = answer;
  const columns = candleSeries(answer).map(({ values }) => values);
  return lines(shape, header, time.length, (row) => time[row]!, columns);
}
