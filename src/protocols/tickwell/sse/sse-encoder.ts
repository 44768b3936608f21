import type { Lists } from '../../../core/market/columns.ts';
import type { Field } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import { type BodyShape, type Encoder, type Frame, frameOf } from '../../../delivery/encoder.ts';
import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { PAYLOAD_AT, Pad } from '../stream/pad.ts';
import type { PriceTexts } from '../stream/price-texts.ts';
import { rowsBytes, rowsPerFrame } from '../stream/sizes.ts';
import { textBody } from '../text-body.ts';

const END_OF_EVENT = '}\n\n';

/** Rows as server-sent events: they name no id, so there is one for all. */
export class SseEncoder implements Encoder {
  readonly name = 'events';
  readonly bodyKind = 'text';
  readonly format = 'json';
  puts = 0;
  readonly #market: Market;
  readonly #texts: PriceTexts;
  readonly #pad = new Pad();

  constructor(market: Market, texts: PriceTexts) {
    this.#market = market;
    this.#texts = texts;
  }

  rowsPerFrame(wanted: BodyShape, frameBytes: number): number {
    return rowsPerFrame(this.#market, 'text', wanted, frameBytes);
  }

  rowsBytes(wanted: BodyShape, rows: number): number {
    return rowsBytes(this.#market, 'text', wanted, rows);
  }

  encode(fields: readonly Field[], values: Lists): Generator<void, Uint8Array, void> {
    return textBody(fields, values);
  }

  putNewest(rows: NewestRows, columns: readonly number[], head: number): void {
    const at = this.#putHead(rows.from, rows.next, head);
    this.#close(this.#texts.write(this.#pad, at, columns, rows));
  }

  putBody(body: Uint8Array, _of: BodyShape, from: number, next: number, head: number): void {
    const at = this.#putHead(from, next, head);
    this.#pad.reserve(at + body.byteLength + END_OF_EVENT.length);
    this.#pad.bytes.set(body, at);
    this.#close(at + body.byteLength);
  }

  frameFor(_id: number): Frame {
    return frameOf(this.#pad.bytes, PAYLOAD_AT, this.#pad.end);
  }

  #putHead(from: number, next: number, head: number): number {
    this.puts += 1;
    const { grid, id } = this.#market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    const range = `{"since":${since},"until":${until},"lag":${Math.max(0, head - next)},`;
    return this.#pad.writeText(`id: ${id}.${until}\ndata: ${range}`, PAYLOAD_AT);
  }

  #close(at: number): void {
    this.#pad.end = this.#pad.writeText(END_OF_EVENT, at);
  }
}
