import { CANDLE_PRICES, parseCandles } from '../wire/binary-candles.ts';
import type { CandleField, SubscribedMessage } from '../wire/messages.ts';
import { type AnyCandles, StreamedCandles } from './candles.ts';
import { floatColumns, LIST_BYTES, type ValuesMessage } from './decode.ts';
import type { Around, Frame, Kind } from './kind.ts';

const VALUE_BYTES = 8;

/** How candles are to be cut, and how often the one that is being made is wanted. */
export interface CutOptions {
  readonly resolution: string;
  readonly tz?: string | undefined;
  readonly offset?: string | undefined;
  readonly every?: number | undefined;
  readonly fields?: readonly CandleField[] | undefined;
  readonly held?: boolean | undefined;
}

/** Subscriptions to candles. Of one that is being made only the newest waits. */
export class CandlesKind implements Kind<AnyCandles> {
  readonly asked: object;
  readonly #everyMs: number;
  /** Whether a symbol may have no candle where another has one, or none has any. */
  readonly #isSparse: boolean;
  readonly #names: readonly (CandleField | (typeof CANDLE_PRICES)[number])[];
  #symbols: readonly string[] = [];

  constructor(asked: CutOptions) {
    // What is undefined is not written.
    this.asked = asked;
    this.#everyMs = asked.every ?? 0;
    this.#isSparse = asked.held === false;
    this.#names = [...CANDLE_PRICES, ...(asked.fields ?? [])];
  }

  parseBytes(bytes: Uint8Array): Frame | undefined {
    const candles = parseCandles(bytes);
    if (candles === undefined) return undefined;
    const { id, since, until, lagRows: lag, isFinal: final, lists } = candles;
    const { time, columns } = lists;
    const { length } = time;
    const values = Object.entries(lists.values).map(([name, all]) => [
      name,
      Array.from({ length: columns }, (_, n) => all.subarray(n * length, (n + 1) * length)),
    ]);
    const facts = { id, since, until, lag, final, time };
    return { type: 'frame', ...facts, values: Object.fromEntries(values) };
  }

  parseText(message: ValuesMessage): Frame | undefined {
    if (message.type !== 'candles') return undefined;
    const { id, since, until, lag, final } = message;
    const values = this.#names.map((name) => [name, floatColumns(message[name], this.#isSparse)]);
    const time = Array.isArray(message.time) ? message.time : [];
    const facts = { id, since, until, lag, final, time };
    return { type: 'frame', ...facts, values: Object.fromEntries(values) };
  }

  begin({ symbols }: SubscribedMessage): void {
    this.#symbols = symbols;
  }

  read(frame: Frame, { interval }: Around): AnyCandles | undefined {
    const { since, until, lag, time = [], final = false, values } = frame;
    const symbols = this.#symbols;
    const isWhole = this.#names.every((name) => {
      const columns = values[name];
      return columns?.length === symbols.length && columns.every((c) => c.length === time.length);
    });
    const isNone = time.length === 0;
    const isSome = isNone ? this.#isSparse : final || time.length === 1;
    const isInOrder = time.every((ms, n) => {
      return Number.isSafeInteger(ms) && ms <= until && !(ms <= time[n - 1]!);
    });
    if (!isWhole || !isSome || !isInOrder) return undefined;
    const some = Object.fromEntries(this.#names.map((name) => [name, values[name]!]));
    const facts = { since, until, lag, symbols, interval, final, time };
    return new StreamedCandles({ ...facts, ...(some as Pick<AnyCandles, 'open'>) } as AnyCandles);
  }

  /** A night moves the cursor, and nobody is told. */
  isEmpty({ time }: AnyCandles): boolean {
    return time.length === 0;
  }

  paceMs(intervalMs: number): number {
    return Math.max(intervalMs, this.#everyMs);
  }

  bytesOf({ time, symbols }: AnyCandles): number {
    return this.#names.length * symbols.length * (LIST_BYTES + time.length * VALUE_BYTES);
  }

  /** What comes after a candle that is being made has it too, with more rows. */
  merge(older: AnyCandles, newer: AnyCandles) {
    if (older.final) return undefined;
    return { made: new StreamedCandles({ ...newer, since: older.since }), leftOut: 0 };
  }
}
