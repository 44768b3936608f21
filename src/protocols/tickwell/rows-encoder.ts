import type { CandlesWanted } from '../../core/history/wanted.ts';
import type { Lists } from '../../core/market/columns.ts';
import type { Field } from '../../core/market/fields.ts';
import type { Market } from '../../core/market/market.ts';
import type {
  BodyKind,
  BodyShape,
  CandlesEncoder,
  DepthEncoder,
  Encoder,
  Frame,
  TradesEncoder,
} from '../../delivery/encoder.ts';
import type { NewestRows } from '../../delivery/newest-rows.ts';
import { Pad } from './stream/pad.ts';
import {
  candlesPerFrame,
  rowsBytes,
  rowsPerFrame,
  tradesPerFrame,
  type Writing,
} from './stream/sizes.ts';

/** What all encodings of rows and candles share: the pad of payloads, and sizes of frames. */
export abstract class RowsEncoder implements Encoder {
  abstract readonly name: string;
  abstract readonly bodyKind: BodyKind;
  protected abstract readonly writing: Writing;
  abstract readonly format: Encoder['format'];
  abstract readonly candles: CandlesEncoder;
  abstract readonly depth: DepthEncoder;
  abstract readonly trades: TradesEncoder;
  puts = 0;
  protected readonly market: Market;
  protected readonly pad = new Pad();

  constructor(market: Market) {
    this.market = market;
  }

  rowsPerFrame(wanted: BodyShape, frameBytes: number): number {
    return rowsPerFrame(this.market, this.writing, wanted, frameBytes);
  }

  rowsBytes(wanted: BodyShape, rows: number): number {
    return rowsBytes(this.market, this.writing, wanted, rows);
  }

  protected candlesPerFrame(wanted: CandlesWanted, frameBytes: number): number {
    return candlesPerFrame(this.market, this.writing, wanted, frameBytes);
  }

  protected tradesPerFrame(columns: number, frameBytes: number): number {
    return tradesPerFrame(this.market, this.writing, columns, frameBytes);
  }

  abstract encode(fields: readonly Field[], values: Lists): Generator<void, Uint8Array, void>;
  abstract putNewest(rows: NewestRows, columns: readonly number[], head: number): void;
  abstract putBody(
    body: Uint8Array,
    wanted: BodyShape,
    from: number,
    next: number,
    head: number,
  ): void;
  abstract frameFor(id: number): Frame;
  abstract marketFrame(id: number, market: string, from: number): Frame;
}
