import type { Lists } from '../../../core/market/columns.ts';
import type { Field } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { BodyShape, Encoder, Frame } from '../../../delivery/encoder.ts';
import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { TEXT } from '../../../host/websocket-frames.ts';
import { ROWS_MESSAGE_START, rowsMessageRangeJson } from '../../../wire/json.ts';
import { textBody } from '../text-body.ts';
import { PAYLOAD_AT, Pad } from './pad.ts';
import type { PriceTexts } from './price-texts.ts';
import { rowsBytes, rowsPerFrame } from './sizes.ts';

/** Rows as text messages of a WebSocket. What follows the id is the same for all. */
export class JsonEncoder implements Encoder {
  readonly name = 'json';
  readonly bodyKind = 'text';
  readonly format = 'json';
  puts = 0;
  readonly #market: Market;
  readonly #texts: PriceTexts;
  readonly #pad = new Pad();
  /** Of the range that is on the pad: it is the same for all groups of a turn. */
  #range = '';
  #from = -1;
  #next = -1;
  #head = -1;

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
    this.puts += 1;
    const { grid } = this.#market;
    if (from !== this.#from || next !== this.#next || head !== this.#head) {
      const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
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
