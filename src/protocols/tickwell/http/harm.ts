import type { Instrument } from '../../../core/market/instrument.ts';
import type { Market } from '../../../core/market/market.ts';
import type { AnswerChanges, AnswerHarm } from '../../../delivery/faulty/answer-harm.ts';
import { harmPrice, type Place, type Unit } from '../../../delivery/faulty/price-place.ts';
import type { Notation } from '../../../wire/notation.ts';
import { placesIn } from '../stream/json-harm.ts';
import { columnsOf } from '../symbols.ts';

/** Lists of one instrument, where answers of several have a list of such. */
const LISTS = ['close', 'price', 'bids', 'asks'] as const;
/** Beside whole milliseconds, digits of a time that is a text. */
const MICROS = /(?<=\.\d{3})\d+(?=Z$)/;

/**
 * How answers in lists say what is not so: rows, candles, trades, books and sparklines. Of each
 * instrument it is the newest price, as in messages of the stream; of times, the newest one and
 * `until`.
 */
export function listsHarm(market: Market): AnswerHarm {
  return (json: Place, { skewMs, of }, { query }) => {
    const { prices = 'ticks' } = query as Partial<Notation>;
    const { time } = json;
    if (Array.isArray(time)) moveTime(time, time.length - 1, skewMs);
    else moveTime(json, 'time', skewMs);
    moveTime(json, 'until', skewMs);
    const isOne = json.symbol !== undefined;
    const names: readonly string[] = isOne ? [json.symbol] : json.symbols;
    const lists = isOne ? listsOfOne(json) : json;
    for (const [n, name] of names.entries()) {
      const column = market.columnOf(name)!;
      const change = of(column);
      if (change === undefined) continue;
      const instrument = unitOf(prices, market.instruments[column]!);
      for (const { list, at, field } of placesIn(lists, n)) {
        harmPrice(list, at, change, { instrument, field });
      }
    }
  };
}

function listsOfOne(json: Place): Place {
  const given = LISTS.filter((name) => json[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, [json[name]]]));
}

/** How `/v1/latest` says what is not so. */
export function latestHarm(market: Market): AnswerHarm {
  return (json: Place[], changes, { query }) => {
    const { symbols, prices = 'decimal' } = query as Partial<Notation> & { symbols?: string };
    // They have been looked up before, so nobody pays for one that there is not.
    const columns = columnsOf(market, symbols, () => {});
    for (const [n, entry] of json.entries())
      harmLatest(market, entry, columns[n]!, prices, changes);
  };
}

function harmLatest(
  market: Market,
  entry: Place,
  column: number,
  prices: Notation['prices'],
  { skewMs, of }: AnswerChanges,
): void {
  moveTime(entry, 'time', skewMs);
  const change = of(column);
  if (change === undefined) return;
  const instrument = unitOf(prices, market.instruments[column]!);
  const fields = entry.last === undefined ? (['bid', 'ask'] as const) : (['last'] as const);
  for (const field of fields) harmPrice(entry, field, change, { instrument, field });
}

/** What prices are counted in. */
function unitOf(prices: Notation['prices'], instrument: Instrument): Unit {
  return prices === 'ticks' ? { tickSize: 1, decimals: 0 } : instrument;
}

/** Moves the time at `place[key]`, if there is one, in either notation. */
function moveTime(place: Place, key: string | number, ms: number): void {
  const time: unknown = place[key];
  if (ms === 0 || time === undefined) return;
  if (typeof time === 'number') place[key] = time + ms;
  else {
    const text = String(time);
    const micros = MICROS.exec(text)?.[0] ?? '';
    place[key] = new Date(Date.parse(text) + ms).toISOString().replace('Z', `${micros}Z`);
  }
}
