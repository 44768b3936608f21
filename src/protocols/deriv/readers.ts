import type { Envelope } from './request.ts';

/** What a stream tells: each row, or how the candle that forms stands after it. */
export type StreamKind = 'ticks' | 'candles';

/** Ids below are those whose frames are kept for others: here each is of one stream alone. */
const FIRST_ID = 2 ** 10;

/** Whom the messages of a stream are for. */
export interface Reader {
  readonly kind: StreamKind;
  /** What its messages begin with: one text for all streams of a request. */
  readonly opening: string;
  /** What clients call it. */
  readonly id: string;
  /** Of candles: seconds of each. */
  readonly granularity?: number;
}

/** The streams of all connections, by the ids that the hub knows them by. */
export class Readers {
  readonly #readers = new Map<number, Reader>();
  #next = FIRST_ID;

  get size(): number {
    return this.#readers.size;
  }

  /** Gives its id, which no other has had. */
  add(reader: Reader): number {
    const id = this.#next++;
    this.#readers.set(id, reader);
    return id;
  }

  of(id: number): Reader | undefined {
    return this.#readers.get(id);
  }

  delete(id: number): void {
    this.#readers.delete(id);
  }
}

/** What each answer begins with: up to what it is. */
export function opening({ echo, passthrough, reqId }: Envelope, msgType: string): string {
  const passed = passthrough === undefined ? '' : `,"passthrough":${passthrough}`;
  const id = reqId === undefined ? '' : `,"req_id":${reqId}`;
  return `{"echo_req":${echo},"msg_type":"${msgType}"${passed}${id}`;
}

/** What stands before the values in the messages of a stream. */
export function beforeValues({ kind, opening, id, granularity }: Reader): string {
  return kind === 'ticks'
    ? `${opening},"subscription":{"id":"${id}"},"tick":{"id":"${id}",`
    : `${opening},"subscription":{"id":"${id}"},"ohlc":{"id":"${id}","granularity":${granularity},`;
}
