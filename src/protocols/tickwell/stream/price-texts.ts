import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { PRICES } from '../../../wire/row-names.ts';
import type { Pad } from './pad.ts';

const WORD_BYTES = 4;
/** Copied at once, because the text of most columns of one row is no longer: three words. */
const FIRST_BYTES = 12;
/** From so many bytes on, a call to copy them costs less than a loop. */
const LONG_BYTES = 48;
const BETWEEN = '],[';
const START = `"${PRICES}":[[`;
const END = ']]';

/**
 * The prices of the newest rows as JSON. The text of each column is made once, for all who want it:
 * payloads of those with other wishes are copied together from these.
 */
export class PriceTexts {
  /** Texts that were made, in all. */
  made = 0;
  /** One behind the other, in the order in which they were made. */
  #bytes = Buffer.allocUnsafeSlow(0);
  #words = new DataView(this.#bytes.buffer);
  #end = 0;
  readonly #starts: Uint32Array;
  /** How long each is; 0 while it has not been made. */
  readonly #lengths: Uint32Array;
  #from = -1;
  #next = -1;

  constructor(columns: number) {
    this.#starts = new Uint32Array(columns);
    this.#lengths = new Uint32Array(columns);
  }

  /** Writes the member with the prices of `columns` in these rows; gives where it ends. */
  write(pad: Pad, start: number, columns: readonly number[], rows: NewestRows): number {
    if (rows.from !== this.#from || rows.next !== this.#next) this.#moveTo(rows);
    const [starts, lengths] = [this.#starts, this.#lengths];
    let length = START.length + END.length;

    for (let n = 0; n < columns.length; n++) {
      const column = columns[n]!;
      length += lengths[column] || this.#make(column, rows);
    }

    pad.reserve(start + length + FIRST_BYTES);
    const [bytes, words, ownBytes, ownWords] = [pad.bytes, pad.words, this.#bytes, this.#words];
    let at = pad.writeText(START, start);

    for (let n = 0; n < columns.length; n++) {
      const from = starts[columns[n]!]!;
      const length = lengths[columns[n]!]!;
      if (length > LONG_BYTES) {
        ownBytes.copy(bytes, at, from, from + length);
      } else {
        // A call for each of a hundred texts would take longer than to copy their few bytes.
        words.setUint32(at, ownWords.getUint32(from));
        words.setUint32(at + WORD_BYTES, ownWords.getUint32(from + WORD_BYTES));
        words.setUint32(at + 2 * WORD_BYTES, ownWords.getUint32(from + 2 * WORD_BYTES));
        for (let k = FIRST_BYTES; k < length; k++) bytes[at + k] = ownBytes[from + k]!;
      }
      at += length;
    }

    return pad.writeText(END, columns.length === 0 ? at : at - BETWEEN.length);
  }

  #moveTo({ from, next }: NewestRows): void {
    this.#lengths.fill(0);
    this.#end = 0;
    this.#from = from;
    this.#next = next;
  }

  #make(column: number, rows: NewestRows): number {
    if (rows.has[column] === 0) rows.read(column);
    const count = rows.next - rows.from;
    const at = column * count;
    const { values } = rows;
    const prices = count === 1 ? values[at]! : values.subarray(at, at + count).join(',');
    const text = prices + BETWEEN;
    this.#reserve(this.#end + text.length + FIRST_BYTES);
    this.#bytes.write(text, this.#end, 'latin1');
    this.#starts[column] = this.#end;
    this.#lengths[column] = text.length;
    this.#end += text.length;
    this.made += 1;
    return text.length;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.byteLength) return;
    const old = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(2 * bytes);
    this.#words = new DataView(this.#bytes.buffer);
    this.#bytes.set(old);
  }
}
