import type { What } from '../../core/history/wanted.ts';
import type { CandleLists } from '../../core/market/candle-lists.ts';
import type { Lists } from '../../core/market/columns.ts';
import type { Field } from '../../core/market/fields.ts';
import type { Market } from '../../core/market/market.ts';
import type { TradeLists } from '../../core/market/trading/trade-lists.ts';
import {
  BodyKind,
  type BodyShape,
  type CandlesEncoder,
  type DepthEncoder,
  type Frame,
  type TradesEncoder,
} from '../../delivery/encoder.ts';
import type { NewestRows } from '../../delivery/newest-rows.ts';
import { depthJson } from '../../wire/depth-json.ts';
import { candlesJsonInSteps, valuesJsonInSteps } from '../../wire/json.ts';
import { tradesJsonInSteps } from '../../wire/trades-json.ts';
import { RowsEncoder } from './rows-encoder.ts';
import type { PriceTexts } from './stream/price-texts.ts';

const TEXTS = new BodyKind();

/** Rows or candles as JSON, between a head and an end that differ for messages and events. */
export abstract class TextRowsEncoder extends RowsEncoder {
  readonly bodyKind = TEXTS;
  protected readonly writing = 'text';
  readonly format = 'json';
  readonly candles: CandlesEncoder = {
    perFrame: (wanted, frameBytes) => this.candlesPerFrame(wanted, frameBytes),
    encode: candlesText,
    put: (body, _of, from, next, head) => {
      this.what = 'candles';
      this.#putBody(body, from, next, head);
    },
  };
  readonly depth: DepthEncoder = {
    encode: depthJson,
    put: (body, _of, from, next, head) => {
      this.what = 'depth';
      this.#putBody(body, from, next, head);
    },
  };
  readonly trades: TradesEncoder = {
    perFrame: (columns, frameBytes) => this.tradesPerFrame(columns, frameBytes),
    encode: tradesText,
    put: (body, _of, from, next, head) => {
      this.what = 'trades';
      this.#putBody(body, from, next, head);
    },
  };
  /** What the payload is of. */
  protected what: What = 'rows';
  readonly #texts: PriceTexts;
  readonly #end: string;

  constructor(market: Market, texts: PriceTexts, end: string) {
    super(market);
    this.#texts = texts;
    this.#end = end;
  }

  *encode(fields: readonly Field[], values: Lists): Generator<void, Uint8Array, void> {
    return textBytes(yield* valuesJsonInSteps(fields, values));
  }

  putNewest(rows: NewestRows, columns: readonly number[], head: number): void {
    this.puts += 1;
    this.what = 'rows';
    const at = this.putHead(rows.from, rows.next, head);
    this.#close(this.#texts.write(this.pad, at, columns, rows));
  }

  putBody(body: Uint8Array, _of: BodyShape, from: number, next: number, head: number): void {
    this.what = 'rows';
    this.#putBody(body, from, next, head);
  }

  #putBody(body: Frame, from: number, next: number, head: number): void {
    this.puts += 1;
    const at = this.putHead(from, next, head);
    this.pad.reserve(at + body.length + this.#end.length);
    if (typeof body === 'string') this.pad.bytes.write(body, at, 'latin1');
    else this.pad.bytes.set(body, at);
    this.#close(at + body.length);
  }

  /** Writes what stands before the values, from `PAYLOAD_AT` on; gives where it ends. */
  protected abstract putHead(from: number, next: number, head: number): number;

  #close(at: number): void {
    this.pad.end = this.pad.writeText(this.#end, at);
  }
}

function* candlesText(candles: CandleLists, isFinal: boolean): Generator<void, Uint8Array, void> {
  return textBytes(yield* candlesJsonInSteps(candles, isFinal));
}

function* tradesText(trades: TradeLists, sinceMs: number): Generator<void, Uint8Array, void> {
  return textBytes(yield* tradesJsonInSteps(trades, sinceMs));
}

/** In memory of its own: a part of Node's pool would keep all of it, frames that are gone too. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
