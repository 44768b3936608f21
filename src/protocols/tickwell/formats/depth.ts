import type { Instrument } from '../../../core/market/instrument.ts';
import type { BookSide, Depth } from '../../../core/market/trading/book.ts';
import type { Notation } from '../../../wire/notation.ts';
import type { Extent } from '../ranges.ts';
import type { DepthFormat } from './format.ts';
import { priceText, type Text, timeJson, timeText } from './notation.ts';

/** A book as of a row; of a market without one it is empty, and `extent` says so. */
export interface WrittenDepth {
  readonly marketId: string;
  readonly instrument: Instrument;
  readonly depth: Depth;
  readonly timeMs: number;
  readonly extent: Extent | undefined;
  readonly notation: Notation;
}

/** At most some hundred lines, so that they are written in one go. */
export function depthText(format: DepthFormat, written: WrittenDepth): string {
  switch (format) {
    case 'json':
      return jsonDepth(written);
    case 'csv':
      return csvDepth(written);
    case 'ndjson':
      return ndjsonDepth(written);
  }
}

/** A `DepthAnswer`. */
function jsonDepth(written: WrittenDepth): string {
  const { marketId, instrument, depth, timeMs, extent, notation } = written;
  const time = timeJson(notation);
  const price = priceText(notation, instrument, false) ?? String;
  const about = JSON.stringify({ market: marketId, symbol: instrument.symbol }).slice(0, -1);
  const when =
    extent === undefined
      ? `"time":${time(timeMs)}`
      : `"earliest":${time(extent.earliest)},"head":${time(extent.head)}`;
  const { bids, asks } = depth;
  return `${about},${when},"bids":${levelsJson(bids, price)},"asks":${levelsJson(asks, price)}}`;
}

/** `[[21966,12],[21965,40]]`: of each level its price and its lots. */
function levelsJson({ ticks, lots, levels }: BookSide, price: Text): string {
  let text = '[';
  for (let n = 0; n < levels; n++) {
    text += `${n === 0 ? '' : ','}[${price(ticks[n]!)},${lots[n]}]`;
  }
  return `${text}]`;
}

function csvDepth(written: WrittenDepth): string {
  const time = timeText(written.notation)(written.timeMs);
  let text = 'time,side,level,price,lots\n';
  for (const { side, level, price, lots } of linesOf(written)) {
    text += `${time},${side},${level},${price},${lots}\n`;
  }
  return text;
}

function ndjsonDepth(written: WrittenDepth): string {
  const time = timeJson(written.notation)(written.timeMs);
  let text = '';
  for (const { side, level, price, lots } of linesOf(written)) {
    text += `{"time":${time},"side":"${side}","level":${level},"price":${price},"lots":${lots}}\n`;
  }
  return text;
}

/** A line for each level, counted from 1 on each side: the best bid is the first. */
function* linesOf({ instrument, depth, notation }: WrittenDepth) {
  const price = priceText(notation, instrument, false) ?? String;
  for (const [side, { ticks, lots, levels }] of [
    ['bid', depth.bids],
    ['ask', depth.asks],
  ] as const) {
    for (let n = 0; n < levels; n++) {
      yield { side, level: n + 1, price: price(ticks[n]!), lots: lots[n]! };
    }
  }
}
