import type { Exact } from '../../../core/market/exact-sum.ts';
import type { BinanceSymbols } from '../symbols.ts';
import { type TimeUnit, timeIn } from '../time-unit.ts';
import { MOST_DECIMALS, NumberBytes } from './number-bytes.ts';
import type { Tickers } from './tickers.ts';

/** Instruments that are written between two yields. */
const COLUMNS_PER_STEP = 1024;
/** What one takes at most, but for its name and numbers beyond 2^53, which are written as text. */
const MOST_BYTES = 600;
const DECIMALS = 8;

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const CLOSE = latin1('","c":"');
const OPEN = latin1('","o":"');
const HIGH = latin1('","h":"');
const LOW = latin1('","l":"');
const VOLUME = latin1('","v":"');
const PAID = latin1('","q":"');
const END = latin1('"}');

/** How the numbers of a column are written. */
interface Form {
  readonly name: Uint8Array;
  /** A tick, in units of the last decimal. */
  readonly tick: number;
  readonly decimals: number;
  readonly zeros: number;
}

/**
 * Lists of what `@miniTicker` says of all instruments, the same to the byte, ten thousand in some
 * milliseconds: they are written without an object or a text of any of them.
 */
export class MiniLists {
  readonly #symbols: BinanceSymbols;
  readonly #tickers: Tickers;
  readonly #forms: (Form | undefined)[];
  readonly #bytes = new NumberBytes(2 ** 16);

  constructor(symbols: BinanceSymbols, tickers: Tickers) {
    this.#symbols = symbols;
    this.#tickers = tickers;
    this.#forms = symbols.market.instruments.map(() => undefined);
  }

  /** The message of a time, of all of which the last 24 hours are known. */
  *list(unit: TimeUnit, eventMs: number): Generator<unknown, Buffer, void> {
    const { columns } = this.#tickers;
    const rolling = this.#tickers.rolling('day');
    const E = timeIn(unit, eventMs);
    const begin = latin1(`{"e":"24hrMiniTicker","E":${E},"s":"`);
    const parts: Buffer[] = [];
    const bytes = this.#bytes;
    let isFirst = true;
    for (let from = 0; from < columns.length; from += COLUMNS_PER_STEP) {
      const some = columns.slice(from, from + COLUMNS_PER_STEP);
      yield* rolling.follow(some, false);
      // Nobody else writes here until the next yield.
      for (const column of some) {
        const statistics = rolling.read(column);
        if (statistics === undefined) continue;
        bytes.reserve(MOST_BYTES);
        if (!isFirst) bytes.text(',');
        isFirst = false;
        const form = this.#formOf(column);
        bytes.put(begin);
        bytes.put(form.name);
        bytes.put(CLOSE);
        this.#price(form, column, statistics.last);
        bytes.put(OPEN);
        this.#price(form, column, statistics.open);
        bytes.put(HIGH);
        this.#price(form, column, statistics.high);
        bytes.put(LOW);
        this.#price(form, column, statistics.low);
        bytes.put(VOLUME);
        bytes.decimal(statistics.volume, 0, DECIMALS);
        bytes.put(PAID);
        this.#paid(form, column, statistics.notional);
        bytes.put(END);
      }
      parts.push(bytes.take());
      yield;
    }
    return Buffer.concat([latin1('['), ...parts, latin1(']')]);
  }

  #price(form: Form, column: number, ticks: number): void {
    const units = ticks * form.tick;
    if (canWrite(form, units)) this.#bytes.decimal(units, form.decimals, form.zeros);
    else this.#bytes.text(this.#symbols.numbersOf(column).price(ticks));
  }

  #paid(form: Form, column: number, notional: Exact): void {
    const units = typeof notional === 'number' ? notional * form.tick : Number.POSITIVE_INFINITY;
    if (canWrite(form, units)) this.#bytes.decimal(units, form.decimals, form.zeros);
    else this.#bytes.text(this.#symbols.numbersOf(column).paid(notional));
  }

  #formOf(column: number): Form {
    const known = this.#forms[column];
    if (known !== undefined) return known;
    const { tickSize, decimals } = this.#symbols.market.instruments[column]!;
    const form = {
      name: latin1(this.#symbols.names.of(column)!),
      tick: Number(tickSize.toFixed(decimals).replace('.', '')),
      decimals,
      zeros: Math.max(0, DECIMALS - decimals),
    };
    this.#forms[column] = form;
    return form;
  }
}

/** Whether so many units are an exact number from 0 on, with as many decimals as can be written. */
function canWrite({ decimals }: Form, units: number): boolean {
  return units >= 0 && units <= Number.MAX_SAFE_INTEGER && decimals <= MOST_DECIMALS;
}
