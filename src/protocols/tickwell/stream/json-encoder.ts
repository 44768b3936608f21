import { type Grid, timeOf } from '../../../core/market/grid.ts';
import type { BodyShape, Encoder, Frame } from '../../../delivery/encoder.ts';
import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { ROWS_MESSAGE_START, rowsMessageRangeJson } from '../../../wire/json.ts';
import { TEXT } from './frames.ts';
import { PAYLOAD_AT, Pad } from './pad.ts';
import type { PriceTexts } from './price-texts.ts';

/** Rows as text messages of a WebSocket. What follows the id is the same for all. */
export class JsonEncoder implements Encoder {
  readonly #grid: Grid;
  readonly #texts: PriceTexts;
  readonly #pad = new Pad();
  /** Of the range that is on the pad: it is the same for all groups of a turn. */
  #range = '';
  #from = -1;
  #next = -1;
  #head = -1;

  constructor(grid: Grid, texts: PriceTexts) {
    this.#grid = grid;
    this.#texts = texts;
  }

  putNewest(rows: NewestRows, columns: readonly number[], head: number): void {
    const at = this.#putRange(rows.from, rows.next, head);
    this.#close(this.#texts.write(this.#pad, at, columns, rows));
  }

  putBody(body: Uint8Array, _of: BodyShape, from: number, next: number, head: number): void {
    const at = this.#putRange(from, next, head);
    this.#pad.reserve(at + body.byteLength + 1);
    this.#pad.bytes.set(body, at);
    this.#close(at + body.byteLength);
  }

  frameFor(id: number): Frame {
    const pad = this.#pad;
    const start = pad.writeWholeBefore(PAYLOAD_AT, id) - ROWS_MESSAGE_START.length;
    pad.writeText(ROWS_MESSAGE_START, start);
    return pad.webSocketFrame(TEXT, start);
  }

  #putRange(from: number, next: number, head: number): number {
    if (from !== this.#from || next !== this.#next || head !== this.#head) {
      const [since, until] = [timeOf(this.#grid, from - 1), timeOf(this.#grid, next - 1)];
      this.#range = rowsMessageRangeJson(since, until, Math.max(0, head - next));
      this.#pad.writeText(this.#range, PAYLOAD_AT);
      this.#from = from;
      this.#next = next;
      this.#head = head;
    }
    return PAYLOAD_AT + this.#range.length;
  }

  #close(at: number): void {
    this.#pad.end = this.#pad.writeText('}', at);
  }
}
