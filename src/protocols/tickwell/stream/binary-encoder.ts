import type { Lists } from '../../../core/market/columns.ts';
import { DTYPES, type Prices } from '../../../core/market/dtype.ts';
import { DEFAULT_FIELDS, type Field } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import {
  BodyKind,
  type BodyShape,
  type CandlesEncoder,
  type DepthEncoder,
  type Frame,
  type TradesEncoder,
} from '../../../delivery/encoder.ts';
import type { NewestRows } from '../../../delivery/newest-rows.ts';
import { BINARY, webSocketText } from '../../../host/websocket-frames.ts';
import {
  fillRowsHead,
  ROWS_HEAD_BYTES,
  ROWS_ID_AT,
  valuesBytesInSteps,
} from '../../../wire/binary.ts';
import { candlesBytesInSteps, fillCandlesHead } from '../../../wire/binary-candles.ts';
import { depthBytes, fillDepthHead } from '../../../wire/binary-depth.ts';
import { IS_LITTLE_ENDIAN, reverseEach } from '../../../wire/binary-parts.ts';
import { fillTradesHead, tradesBytesInSteps } from '../../../wire/binary-trades.ts';
import { RowsEncoder } from '../rows-encoder.ts';
import { BINARY_HARM } from './binary-harm.ts';
import { marketText } from './market-text.ts';
import { PAYLOAD_AT } from './pad.ts';

/** Where a message starts: its values are at a multiple of 8 then, as those of any type may be. */
const MESSAGE_AT = PAYLOAD_AT - ROWS_HEAD_BYTES;

const BYTES = new BodyKind();

type PricesConstructor = new (buffer: ArrayBufferLike, at: number, length: number) => Prices;

/** Rows and candles as binary messages of a WebSocket. All but four bytes are the same for all. */
export class BinaryEncoder extends RowsEncoder {
  readonly name = 'binary';
  readonly harm = BINARY_HARM;
  readonly bodyKind = BYTES;
  protected readonly writing = 'binary';
  readonly format = 'bin';
  readonly candles: CandlesEncoder = {
    perFrame: (wanted, frameBytes) => this.candlesPerFrame(wanted, frameBytes),
    encode: (candles) => candlesBytesInSteps(this.market.spec.dtype, candles),
    put: (body, { count, ...of }, from, next, head) => {
      const { spec } = this.market;
      fillCandlesHead(this.#headBytes, {
        ...{ ...of, dtype: spec.dtype, id: 0, candles: count },
        ...this.#rangeOf(from, next, head),
      });
      this.#putAll(body);
    },
  };
  readonly depth: DepthEncoder = {
    encode: (lists) => depthBytes(this.market.spec.dtype, lists),
    put: (body, of, from, next, head) => {
      const { dtype } = this.market.spec;
      fillDepthHead(this.#headBytes, { ...of, dtype, id: 0, ...this.#rangeOf(from, next, head) });
      this.#putAll(body as Uint8Array);
    },
  };
  readonly trades: TradesEncoder = {
    perFrame: (columns, frameBytes) => this.tradesPerFrame(columns, frameBytes),
    encode: (trades) => tradesBytesInSteps(this.market.spec.dtype, trades),
    put: (body, of, from, next, head) => {
      const { dtype } = this.market.spec;
      fillTradesHead(this.#headBytes, { ...of, dtype, id: 0, ...this.#rangeOf(from, next, head) });
      this.#putAll(body);
    },
  };
  readonly #isLittleEndian: boolean;
  /** The pad from where values are written, as prices. */
  #out: Prices;
  /** Of the head that is on the pad: all groups of a turn with as many columns have the same. */
  #from = -1;
  #next = -1;
  #head = -1;
  #columns = -1;

  constructor(market: Market, isLittleEndian = IS_LITTLE_ENDIAN) {
    super(market);
    this.#isLittleEndian = isLittleEndian;
    this.#out = this.#view(market.newPrices(0));
  }

  encode(fields: readonly Field[], values: Lists): Generator<void, Uint8Array, void> {
    return valuesBytesInSteps(fields, values);
  }

  putNewest(rows: NewestRows, columns: readonly number[], head: number): void {
    this.puts += 1;
    const width = DTYPES[this.market.spec.dtype].bytes;
    const { from, next, has } = rows;
    const count = next - from;
    const end = PAYLOAD_AT + columns.length * count * width;
    if (!this.#isHead(from, next, head, columns.length)) {
      this.#putHead({ fields: DEFAULT_FIELDS, columns }, from, next, head);
      [this.#from, this.#next, this.#head, this.#columns] = [from, next, head, columns.length];
    }
    this.#reserve(end, rows.values);
    const out = this.#out;

    for (let n = 0, at = 0; n < columns.length; n++) {
      const column = columns[n]!;
      if (has[column] === 0) rows.read(column);
      const { values } = rows;
      const first = column * count;
      for (let row = 0; row < count; row++) out[at++] = values[first + row]!;
    }

    if (!this.#isLittleEndian) reverseEach(this.pad.bytes.subarray(PAYLOAD_AT, end), width);
    this.pad.end = end;
  }

  putBody(body: Uint8Array, of: BodyShape, from: number, next: number, head: number): void {
    this.#putHead(of, from, next, head);
    this.#putAll(body);
  }

  frameFor(id: number): Frame {
    this.pad.words.setUint32(MESSAGE_AT + ROWS_ID_AT, id, true);
    return this.pad.webSocketFrame(BINARY, MESSAGE_AT);
  }

  marketFrame(id: number, market: string, from: number): Frame {
    return webSocketText(marketText(this.market, id, market, from));
  }

  get #headBytes(): Uint8Array {
    return this.pad.bytes.subarray(MESSAGE_AT, PAYLOAD_AT);
  }

  #putHead({ fields, columns }: BodyShape, from: number, next: number, head: number): void {
    const { dtype } = this.market.spec;
    fillRowsHead(this.#headBytes, {
      ...{ dtype, fields, id: 0, columns: columns.length, rows: next - from },
      ...this.#rangeOf(from, next, head),
    });
  }

  #rangeOf(from: number, next: number, head: number) {
    const { grid } = this.market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    return { since, until, lagRows: Math.max(0, head - next) };
  }

  /** Puts a body down behind its head. */
  #putAll(body: Uint8Array): void {
    this.puts += 1;
    this.#from = -1;
    this.#reserve(PAYLOAD_AT + body.byteLength, this.#out);
    this.pad.bytes.set(body, PAYLOAD_AT);
    this.pad.end = PAYLOAD_AT + body.byteLength;
  }

  #isHead(from: number, next: number, head: number, columns: number): boolean {
    const isRange = from === this.#from && next === this.#next && head === this.#head;
    return isRange && columns === this.#columns;
  }

  /** Has room for so many bytes in all, as prices of the type of `like` too. */
  #reserve(bytes: number, like: Prices): void {
    if (bytes <= this.pad.bytes.byteLength) return;
    this.pad.reserve(bytes);
    this.#out = this.#view(like);
  }

  /** As many values of the type of `like` as the pad has room for. */
  #view(like: Prices): Prices {
    const { buffer, byteLength } = this.pad.bytes;
    const length = Math.floor((byteLength - PAYLOAD_AT) / like.BYTES_PER_ELEMENT);
    return new (like.constructor as PricesConstructor)(buffer, PAYLOAD_AT, length);
  }
}
