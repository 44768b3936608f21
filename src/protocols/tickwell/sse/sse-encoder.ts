import { timeOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import { type BodyShape, type Encoder, type Frame, frameOf } from '../../../delivery/encoder.ts';
import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { END_OF_EVENT, rowsEventHead } from '../stream/frames.ts';
import { PAYLOAD_AT, Pad } from '../stream/pad.ts';
import type { PriceTexts } from '../stream/price-texts.ts';

/** Rows as server-sent events: they name no id, so there is one for all. */
export class SseEncoder implements Encoder {
  readonly #market: Market;
  readonly #texts: PriceTexts;
  readonly #pad = new Pad();

  constructor(market: Market, texts: PriceTexts) {
    this.#market = market;
    this.#texts = texts;
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
    const { grid, id } = this.#market;
    const [since, until] = [timeOf(grid, from - 1), timeOf(grid, next - 1)];
    return this.#pad.writeText(
      rowsEventHead(id, since, until, Math.max(0, head - next)),
      PAYLOAD_AT,
    );
  }

  #close(at: number): void {
    this.#pad.end = this.#pad.writeText(END_OF_EVENT, at);
  }
}
