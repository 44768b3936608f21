import type { Lists } from '../../src/core/market/columns.ts';
import type { Field } from '../../src/core/market/fields.ts';
import {
  BodyKind,
  type BodyPlace,
  type BodyShape,
  type Encoder,
  type Frame,
} from '../../src/delivery/encoder.ts';
import type { NewestRows } from '../../src/delivery/newest-rows.ts';
import { webSocketText } from '../../src/host/websocket-frames.ts';

/** A price of ten digits and what stands around it. */
const VALUE_BYTES = 12;
const HEAD_BYTES = 40;

const TOYS = new BodyKind();

/** Rows in the words of a protocol of its own: `7 1000-1002 1,2|3,4`, an id, rows, prices. */
export class ToyEncoder implements Encoder {
  readonly name: string = 'toy';
  readonly bodyKind = TOYS;
  readonly format = 'json';
  puts = 0;
  #payload = '';

  rowsPerFrame(wanted: BodyShape, frameBytes: number): number {
    const most = Math.floor((frameBytes - HEAD_BYTES) / this.rowsBytes(wanted, 1));
    return Math.max(1, most);
  }

  rowsBytes({ fields, columns }: BodyShape, rows: number): number {
    return rows * fields.length * columns.length * VALUE_BYTES;
  }

  *encode(
    _fields: readonly Field[],
    values: Lists,
    _place: BodyPlace,
  ): Generator<void, Uint8Array, void> {
    const lists = Array.from({ length: values.length }, (_, n) => values.at(n)!.join());
    yield;
    return Buffer.from(lists.join('|'));
  }

  putNewest(rows: NewestRows, columns: readonly number[]): void {
    this.puts += 1;
    const count = rows.next - rows.from;
    const lists = columns.map((column) => {
      if (rows.has[column] === 0) rows.read(column);
      return rows.values.subarray(column * count, (column + 1) * count).join();
    });
    this.#payload = `${rows.from}-${rows.next} ${lists.join('|')}`;
  }

  putBody(body: Uint8Array, _of: BodyShape, from: number, next: number): void {
    this.puts += 1;
    this.#payload = `${from}-${next} ${Buffer.from(body).toString()}`;
  }

  frameFor(id: number): Frame {
    return webSocketText(`${id} ${this.#payload}`);
  }
}
