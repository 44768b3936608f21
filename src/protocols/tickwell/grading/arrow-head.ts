/** Kinds of messages, as a head says them. Source: Arrow's Message.fbs. */
const SCHEMA = 1;
const DICTIONARY = 2;
const RECORDS = 3;
/** What stands before the flatbuffer of a head. */
const HEAD_BYTES = 8;
/** Of a buffer, or of a column: two numbers of 64 bits. */
const PAIR_BYTES = 16;
/** A column of bits has most values of a byte. */
const VALUES_PER_BYTE = 8;

/**
 * Throws a `RangeError` if the head of a message says that more is in it than can be: who reads
 * it without looking takes all memory, or seconds.
 */
export function checkHead(head: Uint8Array): void {
  new Head(head).check();
}

/** A head, whose tables are flatbuffers. */
class Head {
  readonly #view: DataView;
  /** Tables that may still be looked at: one may be said to be its own child. */
  #left: number;

  constructor(head: Uint8Array) {
    this.#view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    this.#left = head.byteLength;
  }

  check(): void {
    const message = this.#behind(HEAD_BYTES);
    const kindAt = this.#field(message, 1);
    const tableAt = this.#field(message, 2);
    this.#texts(message, 4);
    if (kindAt === 0 || tableAt === 0) return;
    const kind = this.#view.getUint8(kindAt);
    const table = this.#behind(tableAt);
    const bodyBytes = this.#number(this.#field(message, 3));
    if (kind === SCHEMA) {
      this.#texts(table, 2);
      for (const field of this.#tables(table, 1)) this.#checkColumn(field);
    } else if (kind === RECORDS) this.#checkRecords(table, bodyBytes);
    else if (kind === DICTIONARY) {
      const recordsAt = this.#field(table, 1);
      if (recordsAt !== 0) this.#checkRecords(this.#behind(recordsAt), bodyBytes);
    }
  }

  #checkColumn(column: number): void {
    this.#vector(column, 0, 1);
    this.#texts(column, 6);
    const typeAt = this.#field(column, 3);
    // Of a union: which kinds it has. Of others it is no list, or not there.
    const isUnion =
      this.#field(column, 2) !== 0 && this.#view.getUint8(this.#field(column, 2)) === 14;
    if (isUnion && typeAt !== 0) this.#vector(this.#behind(typeAt), 1, 4);
    for (const child of this.#tables(column, 5)) this.#checkColumn(child);
  }

  #checkRecords(records: number, bodyBytes: number): void {
    const most = bodyBytes * VALUES_PER_BYTE;
    mustBe(this.#number(this.#field(records, 0)) <= most, 'records');
    const columns = this.#vector(records, 1, PAIR_BYTES);
    for (let n = 0; n < columns.count; n++) {
      mustBe(this.#number(columns.at + n * PAIR_BYTES) <= most, 'values');
    }
    this.#vector(records, 2, PAIR_BYTES);
    this.#vector(records, 4, 8);
  }

  /** Names and values beside what is said. */
  #texts(table: number, field: number): void {
    for (const pair of this.#tables(table, field)) {
      this.#vector(pair, 0, 1);
      this.#vector(pair, 1, 1);
    }
  }

  *#tables(table: number, field: number): Generator<number, void, void> {
    const { at, count } = this.#vector(table, field, 4);
    for (let n = 0; n < count; n++) {
      this.#left -= 1;
      mustBe(this.#left >= 0, 'tables');
      yield this.#behind(at + 4 * n);
    }
  }

  /** Where the values of a list begin, and how many it has of so many bytes. */
  #vector(table: number, field: number, bytes: number): { at: number; count: number } {
    const place = this.#field(table, field);
    if (place === 0) return { at: 0, count: 0 };
    const at = this.#behind(place) + 4;
    const count = this.#view.getUint32(at - 4, true);
    mustBe(at + count * bytes <= this.#view.byteLength, 'values of a list');
    return { at, count };
  }

  /** Where a field of a table stands; 0 if it has none. */
  #field(table: number, field: number): number {
    const names = table - this.#view.getInt32(table, true);
    const at = 4 + 2 * field;
    const offset =
      at < this.#view.getUint16(names, true) ? this.#view.getUint16(names + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  /** Where what stands at a place points to. */
  #behind(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  /** A whole number of 64 bits; 0 where there is none. */
  #number(at: number): number {
    return at === 0 ? 0 : Number(this.#view.getBigInt64(at, true));
  }
}

function mustBe(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(`a head with more ${what} than it can have`);
}
