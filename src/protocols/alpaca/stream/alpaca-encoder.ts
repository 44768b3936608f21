import type { CandlesWanted } from '../../../core/history/wanted.ts';
import type { CandleLists } from '../../../core/market/candle-lists.ts';
import type { Lists } from '../../../core/market/columns.ts';
import { type Field, STATUS } from '../../../core/market/fields.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Rows } from '../../../core/market/rows.ts';
import { newDepth } from '../../../core/market/trading/book.ts';
import type { DepthLists } from '../../../core/market/trading/depth-lists.ts';
import type { TradeLists } from '../../../core/market/trading/trade-lists.ts';
import {
  BodyKind,
  type BodyPlace,
  type BodyShape,
  type CandlesEncoder,
  type DepthEncoder,
  type Encoder,
  type Frame,
  frameOf,
  type TradesEncoder,
} from '../../../delivery/encoder.ts';
import type { HarmForm } from '../../../delivery/faulty/harm-form.ts';
import { webSocketBinary, webSocketText } from '../../../host/websocket-frames.ts';
import { messageHarm } from '../harm.ts';
import { barOf, haltOf, type Item, levelsOf, quoteOf, tradeOf } from '../items.ts';
import { Moment } from '../moment.ts';
import { DAY } from '../newest.ts';
import type { AlpacaSymbols } from '../symbols.ts';
import { type Codec, listHead, packed } from './messages.ts';

/** What a message takes, as JSON, with long names and numbers. */
const MESSAGE_BYTES = 192;
/** Messages that are written between two yields. */
const MESSAGES_PER_STEP = 64;

/**
 * Makes frames of messages that say what each is of. A body is the whole frame: it is the same for
 * all who want the same, and empty where there is nothing to say.
 */
export class AlpacaEncoder implements Encoder {
  readonly name: string;
  readonly bodyKind = new BodyKind();
  readonly format = 'ndjson';
  readonly harm: HarmForm;
  puts = 0;
  readonly trades: TradesEncoder = {
    perFrame: (_columns, frameBytes) => perFrame(frameBytes, 1),
    encode: (trades, sinceMs, columns) => this.#frame(this.#tradesOf(trades, sinceMs, columns)),
    put: (body) => this.#put(body),
  };
  readonly candles: CandlesEncoder = {
    perFrame: ({ columns }, frameBytes) => perFrame(frameBytes, columns.length),
    encode: (candles, isFinal, wanted) => this.#frame(this.#barsOf(candles, isFinal, wanted)),
    put: (body) => this.#put(body),
  };
  readonly depth: DepthEncoder = {
    encode: (lists, isSnapshot, place) => this.#whole([...this.#booksOf(lists, isSnapshot, place)]),
    put: (body) => this.#put(body),
  };
  readonly #market: Rows;
  readonly #symbols: AlpacaSymbols;
  readonly #codec: Codec;
  #payload: Frame = '';

  constructor(market: Rows, symbols: AlpacaSymbols, codec: Codec) {
    this.#market = market;
    this.#symbols = symbols;
    this.#codec = codec;
    this.harm = messageHarm(market, symbols, codec);
    this.name = codec === 'json' ? 'alpaca' : 'alpaca-msgpack';
  }

  rowsPerFrame({ columns }: BodyShape, frameBytes: number): number {
    return perFrame(frameBytes, columns.length);
  }

  rowsBytes({ columns }: BodyShape, rows: number): number {
    return rows * columns.length * MESSAGE_BYTES;
  }

  encode(
    fields: readonly Field[],
    values: Lists,
    place: BodyPlace,
  ): Generator<void, Uint8Array, void> {
    const messages = fields.includes('status')
      ? this.#haltsOf(values, place)
      : this.#quotesOf(fields, values, place);
    return this.#frame(messages);
  }

  putNewest(): void {
    throw new Error('rows of this protocol are quotes and statuses, which are made of bodies');
  }

  putBody(body: Uint8Array): void {
    this.#put(body);
  }

  frameFor(): Frame {
    return this.#payload;
  }

  #put(body: Frame): void {
    this.puts += 1;
    // A short text is written faster than bytes.
    const isBytes = typeof body !== 'string';
    this.#payload = isBytes ? frameOf(body as Buffer, 0, body.length) : body;
  }

  /** A frame of messages, made a few at a time. */
  *#frame(messages: Iterable<Item>): Generator<void, Uint8Array, void> {
    const written: (string | Uint8Array)[] = [];
    for (const message of messages) {
      written.push(this.#codec === 'json' ? JSON.stringify(message) : packed(message));
      if (written.length % MESSAGES_PER_STEP === 0) yield;
    }
    return this.#framed(written);
  }

  #whole(messages: readonly Item[]): Uint8Array {
    const isJson = this.#codec === 'json';
    return this.#framed(messages.map((one) => (isJson ? JSON.stringify(one) : packed(one))));
  }

  #framed(written: readonly (string | Uint8Array)[]): Uint8Array {
    if (written.length === 0) return NOTHING;
    const frame =
      this.#codec === 'json'
        ? webSocketText(`[${written.join()}]`)
        : webSocketBinary(
            Buffer.concat([listHead(written.length), ...(written as readonly Uint8Array[])]),
          );
    // In memory of its own: a part of Node's pool would keep all of it.
    const own = Buffer.allocUnsafeSlow(frame.length);
    frame.copy(own);
    return own;
  }

  *#quotesOf(fields: readonly Field[], values: Lists, { columns, from }: BodyPlace) {
    const { grid } = this.#market;
    const [bids, asks] = [fields.indexOf('bid'), fields.indexOf('ask')];
    const rows = columns.length === 0 ? 0 : values.at(0)!.length;
    const depth = newDepth(1);
    for (let row = 0; row < rows; row++) {
      const timeMs = timeOf(grid, from + row);
      for (const [n, column] of columns.entries()) {
        const bid = values.at(bids * columns.length + n)![row]!;
        const ask = values.at(asks * columns.length + n)![row]!;
        this.#market.bookOf(column).fill(depth, from + row, bid, ask, 1);
        const [bidLots, askLots] = [depth.bids.lots[0]!, depth.asks.lots[0]!];
        const quote = { timeMs, bid, bidLots, ask, askLots };
        yield this.#of('q', column, quoteOf(this.#market.instruments[column]!, quote));
      }
    }
  }

  /** Where a halt begins, and where it is over: a row says so by the one before it. */
  *#haltsOf(values: Lists, { columns, from }: BodyPlace) {
    const rows = columns.length === 0 ? 0 : values.at(0)!.length;
    const before = columns.map((column) => this.#isHaltedAt(column, from - 1));
    for (let row = 0; row < rows; row++) {
      for (const [n, column] of columns.entries()) {
        const isHalted = values.at(n)![row] === STATUS.halted;
        if (isHalted === before[n]) continue;
        before[n] = isHalted;
        yield this.#of('s', column, haltOf(timeOf(this.#market.grid, from + row), isHalted));
      }
    }
  }

  #isHaltedAt(column: number, row: number): boolean {
    if (row < 0) return false;
    const status = this.#market.newPrices(1);
    this.#market.fillStatus(status, 0, column, row, row + 1);
    return status[0] === STATUS.halted;
  }

  *#tradesOf(trades: TradeLists, sinceMs: number, columns: readonly number[]) {
    let at = 0;
    for (const [n, column] of columns.entries()) {
      const instrument = this.#market.instruments[column]!;
      const first = trades.first[n]!;
      for (let k = 0; k < trades.counts[n]!; k++, at++) {
        const micros = trades.micros[at]!;
        const ms = Math.floor(micros / 1000);
        const time = new Moment(sinceMs + ms, micros - ms * 1000);
        const [price, lots, side] = [trades.prices[at]!, trades.lots[at]!, trades.sides[at]!];
        const trade = { number: first + k, time, price, lots, side };
        yield this.#of('t', column, tradeOf(instrument, trade));
      }
    }
  }

  /** A minute is told when it is whole, a day as it stands. One without a trade is not told. */
  *#barsOf(candles: CandleLists, isFinal: boolean, { columns, cut }: CandlesWanted) {
    // Not by how often they are told: others who follow the same candles are told them otherwise.
    const isDay = cut.resolution.key === DAY.key && this.#market.grid.intervalMs < DAY.ms;
    if (!isDay && !isFinal) return;
    const { time, values, paid } = candles;
    const { open, high, low, close, volume, trades } = values;
    for (let k = 0; k < time.length; k++) {
      for (const [n, column] of columns.entries()) {
        const at = n * time.length + k;
        if (trades![at] === 0) continue;
        const bar = barOf(this.#market.instruments[column]!, {
          timeMs: time[k]!,
          ...{ open: open[at]!, high: high[at]!, low: low[at]!, close: close[at]! },
          ...{ volume: volume![at]!, trades: trades![at]!, notional: paid!.notional[at]! },
        });
        yield this.#of(isDay ? 'd' : 'b', column, bar);
      }
    }
  }

  *#booksOf(lists: DepthLists, isSnapshot: boolean, { columns, from }: BodyPlace) {
    const t = new Moment(timeOf(this.#market.grid, from));
    let at = 0;
    for (const [n, column] of columns.entries()) {
      const instrument = this.#market.instruments[column]!;
      const [bids, asks] = [lists.counts[2 * n]!, lists.counts[2 * n + 1]!];
      const b = levelsOf(instrument, lists, at, at + bids);
      const a = levelsOf(instrument, lists, at + bids, at + bids + asks);
      at += bids + asks;
      if (bids + asks === 0) continue;
      yield this.#of('o', column, { t, b, a, ...(isSnapshot ? { r: true } : {}) });
    }
  }

  #of(T: string, column: number, item: Item): Item {
    return { T, S: this.#symbols.nameOf(column), ...item };
  }
}

const NOTHING = Buffer.alloc(0);

function perFrame(frameBytes: number, columns: number): number {
  return Math.max(1, Math.floor(frameBytes / (MESSAGE_BYTES * columns)));
}
