/**
 * A Parquet file, written row group by row group. What was written is never looked at again, so a
 * file takes no more memory than a group and its index. The index is held until the end: 50 bytes
 * and a name for each column of each group. `checkIndex` bounds it. Pages are written by
 * hyparquet-writer; its own writer would keep all rows until the end. Source of the index: the
 * format's parquet.thrift.
 */

/** What is used of hyparquet-writer. */
export type Parquet = Awaited<ReturnType<typeof loadParquet>>;

/** A server reads it before rows flow; who does not need it does not wait. */
export async function loadParquet() {
  const [{ ByteWriter }, { writeColumn }, { snappyCompress }, thrift] = await Promise.all([
    import('hyparquet-writer'),
    import('hyparquet-writer/src/column.js'),
    import('hyparquet-writer/src/snappy.js'),
    import('hyparquet-writer/src/thrift.js'),
  ]);
  return { ByteWriter, writeColumn, snappyCompress, ...thrift };
}

export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof STORED;
}

/** The values of a column in a group. */
export type ColumnValues = Parameters<Parquet['writeColumn']>[0]['pageData']['values'];

const MAGIC = Buffer.from('PAR1');
const PAGE_BYTES = 2 ** 20;
/** Of the index, that are copied between two yields. */
const PACKED_BYTES = 2 ** 18;

/** How Thrift's compact protocol calls its types. */
const [BYTE, I32, I64, BINARY, LIST, STRUCT] = [3, 5, 6, 8, 9, 12] as const;
const TYPES = { INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;
const ENCODINGS: Readonly<Record<string, number>> = {
  PLAIN: 0,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  RLE_DICTIONARY: 8,
};
const CODECS = { UNCOMPRESSED: 0, SNAPPY: 1 } as const;
const REQUIRED = 0;
const UTF8 = 0;
/** Of times: the older mark, and the unit of the newer, by its number in a union. */
const TIMESTAMPS = {
  time: { converted: 9, unit: 'field_1' },
  micros: { converted: 10, unit: 'field_2' },
} as const;

/** How a column is stored: prices follow one another closely, which their differences show. */
const STORED = {
  time: { type: 'INT64', encoding: 'DELTA_BINARY_PACKED', codec: 'UNCOMPRESSED' },
  micros: { type: 'INT64', encoding: 'DELTA_BINARY_PACKED', codec: 'UNCOMPRESSED' },
  text: { type: 'BYTE_ARRAY', encoding: 'RLE_DICTIONARY', codec: 'SNAPPY' },
  int32: { type: 'INT32', encoding: 'DELTA_BINARY_PACKED', codec: 'UNCOMPRESSED' },
  int64: { type: 'INT64', encoding: 'DELTA_BINARY_PACKED', codec: 'UNCOMPRESSED' },
  float64: { type: 'DOUBLE', encoding: undefined, codec: 'SNAPPY' },
} as const;

type Fields = ConstructorParameters<Parquet['ThriftStruct']>[0];

export class ParquetFile {
  readonly #parquet: Parquet;
  readonly #columns: readonly ParquetColumn[];
  readonly #about: Readonly<Record<string, string>>;
  readonly #groups: Uint8Array[] = [];
  #bytes = 0;
  #rows = 0;

  constructor(
    parquet: Parquet,
    columns: readonly ParquetColumn[],
    about: Readonly<Record<string, string>>,
  ) {
    this.#parquet = parquet;
    this.#columns = columns;
    this.#about = about;
  }

  /** The bytes of a group of `rows` rows; `valuesOf` makes the values of a column. */
  *group(
    rows: number,
    valuesOf: (column: number) => Generator<unknown, ColumnValues, void>,
  ): Generator<unknown, Uint8Array[], void> {
    const pieces = this.#opening();
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (const [n, column] of this.#columns.entries()) {
      const values = yield* valuesOf(n);
      const { piece, chunk } = this.#chunk(column, values);
      pieces.push(piece);
      chunks.push(chunk);
      bytes += piece.byteLength;
      this.#bytes += piece.byteLength;
      yield;
    }
    this.#rows += rows;
    const sizes: Fields = [
      [1, BYTE, 0],
      [2, I64, BigInt(bytes)],
      [3, I64, BigInt(rows)],
      [6, I64, BigInt(bytes)],
    ];
    this.#groups.push(Buffer.concat([...listOf(1, 0, chunks), this.#after(sizes)]));
    return pieces;
  }

  /** The index, with which the file ends. */
  *end(): Generator<unknown, Uint8Array[], void> {
    const opening = this.#opening();
    const schema = [
      this.#struct([
        [4, BINARY, 'rows'],
        [5, I32, this.#columns.length],
      ]),
    ];
    const orders: Uint8Array[] = [];
    for (const column of this.#columns) {
      schema.push(this.#element(column));
      // Values are ordered as their type is.
      orders.push(this.#struct([[1, STRUCT, {}]]));
      if (schema.length % 100 === 0) yield;
    }
    const about = Object.entries(this.#about).map(([key, value]) =>
      this.#struct([
        [1, BINARY, key],
        [2, BINARY, value],
      ]),
    );
    const index = [
      this.#struct([[1, I32, 2]]).subarray(0, -1),
      ...listOf(2, 1, schema),
      this.#after([
        [2, BYTE, 0],
        [3, I64, BigInt(this.#rows)],
      ]).subarray(0, -1),
      ...listOf(4, 3, this.#groups),
      ...listOf(5, 4, about),
      this.#after([
        [5, BYTE, 0],
        [6, BINARY, 'tickwell'],
      ]).subarray(0, -1),
      ...listOf(7, 6, orders),
      Uint8Array.of(0),
    ];
    const length = Buffer.alloc(4);
    length.writeUInt32LE(index.reduce((sum, { byteLength }) => sum + byteLength, 0));
    return [...opening, ...(yield* packed(index)), length, MAGIC];
  }

  #opening(): Uint8Array[] {
    if (this.#bytes > 0) return [];
    this.#bytes = MAGIC.byteLength;
    return [MAGIC];
  }

  /** The values of a column in a group, and what the index says of them. */
  #chunk(column: ParquetColumn, values: ColumnValues): { piece: Uint8Array; chunk: Uint8Array } {
    const { ByteWriter, writeColumn, snappyCompress } = this.#parquet;
    const { type, encoding, codec } = STORED[column.type];
    const writer = new ByteWriter(2 ** 14);
    writer.offset = this.#bytes;
    const textType = column.type === 'text' ? ({ converted_type: 'UTF8' } as const) : {};
    const element = { name: column.name, type, repetition_type: 'REQUIRED', ...textType } as const;
    const { meta_data: made } = writeColumn({
      writer,
      column: {
        columnName: column.name,
        element,
        schemaPath: [{ name: 'rows' }, element],
        codec,
        compressors: { SNAPPY: snappyCompress },
        stats: false,
        pageSize: PAGE_BYTES,
        columnIndex: false,
        offsetIndex: false,
        ...(encoding === undefined ? {} : { encoding }),
      },
      pageData: { values, definitionLevels: [], repetitionLevels: [], maxDefinitionLevel: 0 },
    }).chunk;
    if (made === undefined) throw new Error('what is written of a column is described');
    const fields: Fields = [
      [1, I32, TYPES[type]],
      [2, LIST, made.encodings.map((name) => ENCODINGS[name]!)],
      [3, LIST, [column.name]],
      [4, I32, CODECS[codec]],
      [5, I64, made.num_values],
      [6, I64, made.total_uncompressed_size],
      [7, I64, made.total_compressed_size],
      [9, I64, made.data_page_offset],
      [11, I64, made.dictionary_page_offset],
      [12, STRUCT, isTime(column.type) ? this.#bounds(values) : undefined],
    ];
    const { ThriftStruct } = this.#parquet;
    const chunk = this.#struct([
      [2, I64, BigInt(this.#bytes)],
      [3, STRUCT, new ThriftStruct(fields)],
    ]);
    return { piece: writer.getBytes(), chunk };
  }

  /** The first and the last time, so that readers find the groups of a range. */
  #bounds(times: ColumnValues) {
    const bytesOf = (time: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(time);
      return bytes;
    };
    const { ThriftStruct } = this.#parquet;
    return new ThriftStruct([
      [3, I64, 0n],
      [5, BINARY, bytesOf(times[times.length - 1])],
      [6, BINARY, bytesOf(times[0])],
    ]);
  }

  #element({ name, type }: ParquetColumn): Uint8Array {
    const { converted, logical } = meaningOf(type);
    return this.#struct([
      [1, I32, TYPES[STORED[type].type]],
      [3, I32, REQUIRED],
      [4, BINARY, name],
      [6, I32, converted],
      [10, STRUCT, converted === undefined ? undefined : logical],
    ]);
  }

  #struct(fields: Fields): Uint8Array {
    const { ByteWriter, serializeTCompactProtocol, ThriftStruct } = this.#parquet;
    const writer = new ByteWriter();
    serializeTCompactProtocol(writer, new ThriftStruct(fields) as never);
    return writer.getBytes();
  }

  /** The fields after the first, of two bytes, which is only there to be counted from. */
  #after(fields: Fields): Uint8Array {
    return this.#struct(fields).subarray(2);
  }
}

function isTime(type: ParquetColumn['type']): type is keyof typeof TIMESTAMPS {
  return type in TIMESTAMPS;
}

/** What the values of a type mean, by the older mark and by the newer. */
function meaningOf(type: ParquetColumn['type']) {
  if (!isTime(type))
    return { converted: type === 'text' ? UTF8 : undefined, logical: { field_1: {} } };
  const { converted, unit } = TIMESTAMPS[type];
  return { converted, logical: { field_8: { field_1: true, field_2: { [unit]: {} } } } };
}

/** A field that is a list of structs, after the field `before`. */
function listOf(id: number, before: number, structs: readonly Uint8Array[]): Uint8Array[] {
  const { length } = structs;
  const head = [((id - before) << 4) | LIST];
  if (length < 15) head.push((length << 4) | STRUCT);
  else {
    head.push(0xf0 | STRUCT);
    for (let rest = length; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) {
        head.push(rest);
        break;
      }
      head.push((rest % 128) | 0x80);
    }
  }
  return [Uint8Array.from(head), ...structs];
}

/** The same bytes in fewer pieces. A long index is copied a piece at a time. */
function* packed(pieces: readonly Uint8Array[]): Generator<unknown, Uint8Array[], void> {
  const made: Uint8Array[] = [];
  let some: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    some.push(piece);
    bytes += piece.byteLength;
    if (bytes < PACKED_BYTES) continue;
    made.push(Buffer.concat(some, bytes));
    some = [];
    bytes = 0;
    yield;
  }
  made.push(Buffer.concat(some, bytes));
  return made;
}
