import { CANDLE_PRICES } from '../../src/core/market/candle-lists.ts';
import { CANDLE_FIELDS, FIELDS, type Field } from '../../src/core/market/fields.ts';
import { indexFrom, timeOf } from '../../src/core/market/grid.ts';
import type { Timeline } from '../../src/core/timeline/timeline.ts';
import type { Delivery } from '../../src/wire/messages.ts';
import { areNamed, listOf } from '../../src/wire/row-names.ts';
import { type NamedCut, resolutionOf } from './cuts.ts';
import type { Message } from './decode.ts';
import type { Truth } from './truth.ts';

/** A subscription as the client knows it. */
export interface Reading {
  readonly id: number;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  readonly delivery: Delivery;
  /** Of candles: how they are cut. */
  readonly cut: ReadingCut | undefined;
  /** Whether it is of single trades. */
  readonly isOfTrades?: boolean;
  /** The market id that goes with its cursor, once it was told. */
  market?: string;
  /** The next row it wants; undefined until the server has said what `now` was. */
  cursor: number | undefined;
  /** `lost`: of a connection that is gone, or refused for now; to be resumed. */
  state: 'asked' | 'running' | 'ending' | 'lost';
  /** Rows were skipped: the next message goes on with the newest row. */
  hasSkipped: boolean;
  /** Whether it has come to the head since it was subscribed: candles come now and then since. */
  hasBegun: boolean;
}

/** How often the candle that forms is told, and when that is due. */
export interface ReadingCut extends NamedCut {
  readonly everyRows: number;
}

/** How far a reader is due something, when the next row to be made is `head`. */
export function dueOf(truth: Truth, { cut, hasBegun }: Reading, head: number): number {
  if (cut === undefined || !hasBegun) return head;
  const { grid } = truth.market;
  const resolution = resolutionOf(cut);
  const start = resolution.startOf(resolution.numberOf(timeOf(grid, head)));
  const from = Math.max(0, indexFrom(grid, start));
  return Math.max(from, Math.floor(head / cut.everyRows) * cut.everyRows);
}

export interface Fetching {
  readonly id: number;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  readonly cursor: number;
  readonly limit: number;
  /** The market id that it was told. */
  market?: string;
}

export interface CandlesWanted {
  readonly id: number;
  readonly column: number;
  readonly resolutionRows: number;
}

/** Refusals that a client who does nothing wrong may meet. */
const EXPECTED = ['cursor_ahead', 'too_many', 'rate_limited'];

/** Holds what one client is sent against what it must be sent. Throws on the first difference. */
export class Reader {
  readonly subscriptions: Reading[] = [];
  readonly fetches: Fetching[] = [];
  readonly candles: CandlesWanted[] = [];
  readonly #truth: Truth;
  readonly #timeline: Timeline;
  readonly #count: (event: string) => void;
  #hasEnded = false;

  constructor(truth: Truth, timeline: Timeline, count: (event: string) => void) {
    this.#truth = truth;
    this.#timeline = timeline;
    this.#count = count;
  }

  /** Requests whose answers have not been read. */
  get waiting(): number {
    const asked = this.subscriptions.filter(({ state }) => state === 'asked' || state === 'ending');
    return asked.length + this.fetches.length + this.candles.length;
  }

  /** A message that was sent when the next row to be made was `head`. */
  take(message: Message, head: number): void {
    const { type } = message;
    if (this.#hasEnded)
      must(type === 'PING' || type === 'CLOSE', 'nothing comes after bye', message);
    switch (type) {
      case 'hello':
      case 'PING':
      case 'CLOSE':
        break;
      case 'subscribed':
        this.#subscribed(message, head);
        break;
      case 'rows':
        this.#rows(message, head);
        break;
      case 'skipped':
        this.#skipped(message, head);
        break;
      case 'unsubscribed':
        this.#unsubscribed(message);
        break;
      case 'candles':
        if (message.final === undefined) this.#candles(message, head);
        else this.#streamed(message, head);
        break;
      case 'trades':
        this.#trades(message, head);
        break;
      case 'market':
        this.#market(message);
        break;
      case 'heartbeat':
        this.#heartbeat(message, head);
        break;
      case 'error':
        this.#error(message);
        break;
      case 'bye':
        this.#hasEnded = true;
        break;
      default:
        must(false, 'a message is of a type that was asked for', message);
    }
  }

  #subscribed(message: Message, head: number): void {
    const reading = this.subscriptions.find(
      ({ id, state }) => id === message.id && state === 'asked',
    );
    must(reading !== undefined, 'what is subscribed was asked for', message);
    const next = this.#indexOf(message.since) + 1;
    reading.cursor ??= next;
    must(reading.cursor === next, 'a subscription starts where it was asked to', message);
    const { fields, cut, isOfTrades } = reading;
    const isPlain = cut === undefined && isOfTrades !== true;
    const repeated = isPlain ? listOf(fields).fields : cutFields(fields);
    must((message.what === 'trades') === (isOfTrades === true), 'it is of what was asked', message);
    must(String(message.resolution) === String(cut?.resolution), 'it is cut as asked', message);
    reading.hasBegun = next >= head;
    must(String(message.fields) === String(repeated), 'its fields are as they were asked', message);
    reading.state = 'running';
    reading.market = message.market;
    this.#speaks(reading, next, message);
  }

  /** From its cursor on a reader has rows of another market id, or a fetch has. */
  #market(message: Message): void {
    const next = this.#indexOf(message.since) + 1;
    const end = this.#timeline.endOf(message.market);
    must(end !== undefined && end > next, 'a new id speaks for the rows that follow', message);
    const reading = this.#running(message.id);
    this.#count('market ids');
    if (reading === undefined) {
      const fetching = this.fetches.find(({ id }) => id === message.id);
      must(fetching?.cursor === next, 'who is told an id has asked for rows', message);
      fetching.market = message.market;
      return;
    }
    must(next === reading.cursor, `an id is told at ${reading.cursor}`, message);
    reading.market = message.market;
  }

  /** Whoever was cut off now could go on from row `next` with the id that it has. */
  #speaks({ market }: Reading, next: number, message: Message): void {
    const end = market === undefined ? undefined : this.#timeline.endOf(market);
    must(end !== undefined && end >= next, `${market} speaks for the rows before ${next}`, message);
  }

  /** No rows or trades of two ids come in one message. */
  #isOfOne(from: number, next: number, message: Message): void {
    must(this.#timeline.nextChange(from) >= next, 'all rows are of one id', message);
  }

  #rows(message: Message, head: number): void {
    const reading = this.#running(message.id);
    const from = this.#indexOf(message.since) + 1;
    const next = this.#indexOf(message.until) + 1;
    must(next <= Math.max(from, head), 'no row comes before it is made', message);
    must(message.lag === Math.max(0, head - next), `lag is ${head - next}`, message);
    if (reading === undefined) {
      this.#fetched(message, from, next);
      return;
    }
    must(from === reading.cursor, `rows go on from ${reading.cursor}`, message);
    must(next > from, 'a frame holds rows', message);
    this.#isOfOne(from, next, message);
    this.#speaks(reading, next, message);
    const isOfRows = reading.cut === undefined && reading.isOfTrades !== true;
    must(isOfRows, 'who asked for something else gets no rows', message);
    this.#values(message, reading, from, next);
    if (areNamed(reading.fields)) this.#count('rows with fields');
    if (reading.delivery === 'latest') must(next - from === 1, 'the latest is one', message);
    // The head may have gone on while fields were made.
    const isNewest = message.lag === 0 || areNamed(reading.fields);
    if (reading.delivery === 'latest') must(isNewest, 'the latest is the newest', message);
    if (message.mark !== undefined) {
      const mark = `${this.#timeline.idAt(next - 1)}.${message.until}`;
      must(message.mark === mark, 'the id of an event resumes after it', message);
    }
    reading.cursor = next;
    reading.hasSkipped = false;
    this.#count(message.lag > 0 ? 'rows with lag' : 'rows up to the head');
  }

  #fetched(message: Message, from: number, next: number): void {
    const fetching = remove(this.fetches, message.id);
    must(fetching !== undefined, 'rows were asked for', message);
    must(from === fetching.cursor, 'a fetch begins where it was asked to', message);
    must(next - from <= fetching.limit, 'a fetch ends at its limit', message);
    this.#isOfOne(from, next, message);
    const isNew = next > from && this.#timeline.nextChange(from - 1) < next;
    must(isNew === (fetching.market !== undefined), 'it is told a new id', message);
    this.#values(message, fetching, from, next);
    this.#count('fetched');
  }

  #skipped(message: Message, head: number): void {
    const reading = this.#running(message.id);
    must(reading?.delivery === 'latest', 'only readers of the latest are skipped', message);
    must(!reading.hasSkipped, 'rows follow what was skipped', message);
    const from = this.#indexOf(message.since) + 1;
    const next = this.#indexOf(message.until) + 1;
    must(from === reading.cursor, `what is skipped begins at ${reading.cursor}`, message);
    must(next > from && message.rows === next - from, 'what is skipped is counted', message);
    const isRest = next === head - 1 || (areNamed(reading.fields) && next < head);
    must(isRest, 'all but the newest is skipped', message);
    this.#speaks(reading, next, message);
    reading.cursor = next;
    reading.hasSkipped = true;
    this.#count('skipped');
  }

  #unsubscribed(message: Message): void {
    const reading = this.subscriptions.find(
      ({ id, state }) => id === message.id && state === 'ending',
    );
    must(reading !== undefined, 'what ends was asked to', message);
    const next = this.#indexOf(message.until) + 1;
    must(next === reading.cursor, `a subscription ends at ${reading.cursor}`, message);
    must(!reading.hasSkipped, 'rows follow what was skipped', message);
    this.subscriptions.splice(this.subscriptions.indexOf(reading), 1);
    this.#count('unsubscribed');
  }

  #candles(message: Message, head: number): void {
    const wanted = remove(this.candles, message.id);
    must(wanted !== undefined, 'candles were asked for', message);
    const { column, resolutionRows } = wanted;
    for (const [n, time] of message.time.entries()) {
      const from = this.#indexOf(time);
      const next = Math.min(from + resolutionRows, head);
      const closed = from + resolutionRows <= head;
      // The newest may be older than the answer: it is as of when it was folded.
      if (!closed || n >= message.closed) continue;
      // The market may begin inside of it.
      const first = Math.max(0, from);
      const prices = Array.from({ length: next - first }, (_, row) =>
        this.#truth.price(column, first + row),
      );
      const right = [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)];
      const given = [message.open[n], message.high[n], message.low[n], message.close[n]];
      must(String(given) === String(right), `a candle is the fold of its rows: ${right}`, message);
    }
    this.#count('folded');
  }

  /** Candles of a subscription. */
  #streamed(message: Message, head: number): void {
    const reading = this.#running(message.id);
    must(reading?.cut !== undefined, 'candles were subscribed to', message);
    const from = this.#indexOf(message.since) + 1;
    const next = this.#indexOf(message.until) + 1;
    must(from === reading.cursor, `candles go on from ${reading.cursor}`, message);
    must(next > from && next <= head, 'they are told after new rows', message);
    must(message.lag === head - next, `lag is ${head - next}`, message);
    must(from < dueOf(this.#truth, reading, head), 'they are due', message);
    this.#speaks(reading, next, message);
    if (message.mark !== undefined) {
      const mark = `${this.#timeline.idAt(next - 1)}.${message.until}`;
      must(message.mark === mark, 'the id of an event resumes after it', message);
    }
    const { grid } = this.#truth.market;
    const resolution = resolutionOf(reading.cut);
    // The row that is told next: each candle begins with it, or, if it is the first, holds it.
    let index = from;
    for (const [n, time] of message.time.entries()) {
      const number = resolution.numberOf(timeOf(grid, index));
      must(resolution.startOf(number) === time, `candle ${n} is that of row ${index}`, message);
      const first = Math.max(0, indexFrom(grid, time));
      const end = indexFrom(grid, resolution.startOf(number + 1));
      must(message.final === end <= next, 'what is whole is final', message);
      index = Math.min(end, next);
      this.#folded(message, reading, n, first, index);
    }
    must(index === next, 'they are told after their last row', message);
    must(message.final || message.time.length === 1, 'one forms at a time', message);
    reading.cursor = next;
    const isMany = message.time.length > 1;
    const kind = message.final ? (isMany ? 'final candles' : 'a final candle') : 'forming';
    this.#count(reading.hasBegun || !message.final ? kind : `${kind} of the past`);
    if (!message.final && next < head) this.#count('forming with lag');
    if (reading.fields.length > 0) this.#count('candles with fields');
    if (reading.cut.tz !== undefined && message.final) this.#count('final by a zone');
    if (/mo|y/.test(reading.cut.resolution) && message.final) this.#count('final by months');
    if (message.lag === 0) reading.hasBegun = true;
  }

  /** The nth candle of a message is that of the rows `[from, next)`. */
  #folded(
    message: Message,
    { fields, columns }: Reading,
    n: number,
    from: number,
    next: number,
  ): void {
    for (const name of [...CANDLE_PRICES, ...CANDLE_FIELDS]) {
      const isWanted = !CANDLE_FIELDS.includes(name as 'volume') || fields.includes(name as Field);
      must(isWanted === (message[name] !== undefined), `${fields} are said, no others`, message);
    }
    must(message.open.length === columns.length, 'there is a list for each symbol', message);
    for (const [k, column] of columns.entries()) {
      const right: Record<string, number> = { ...this.#truth.candle(column, from, next) };
      for (const field of CANDLE_FIELDS) {
        if (fields.includes(field)) right[field] = this.#truth.sum(field, column, from, next);
      }
      for (const [name, value] of Object.entries(right)) {
        if (message[name][k][n] === value && message[name][k].length === message.time.length) {
          continue;
        }
        must(false, `${name} of rows ${from} to ${next} of ${column} is ${value}`, message);
      }
    }
  }

  /** Trades of a subscription fold into its rows, and have the numbers that are theirs. */
  #trades(message: Message, head: number): void {
    const reading = this.#running(message.id);
    must(reading?.isOfTrades === true, 'trades were subscribed to', message);
    const from = this.#indexOf(message.since) + 1;
    const next = this.#indexOf(message.until) + 1;
    must(from === reading.cursor, `trades go on from ${reading.cursor}`, message);
    this.#isOfOne(from, next, message);
    this.#speaks(reading, next, message);
    must(next > from && next <= head, 'they are told after new rows', message);
    must(message.lag === head - next, `lag is ${head - next}`, message);
    if (message.mark !== undefined) {
      const mark = `${this.#timeline.idAt(next - 1)}.${message.until}`;
      must(message.mark === mark, 'the id of an event resumes after it', message);
    }
    for (const [n, column] of reading.columns.entries()) {
      const { first, time, price, lots, side } = message;
      const of = { price: price[n], lots: lots[n], side: side[n] };
      const number = this.#truth.tradesBefore(column, from);
      must(first[n] === number, `the first trade of ${column} is ${number}`, message);
      const wrong = this.#truth.firstWrongTrades(column, from, next, time[n], of);
      must(wrong < 0, `trades of row ${wrong} of column ${column} fold into it`, message);
    }
    reading.cursor = next;
    reading.hasSkipped = false;
    this.#count(message.lag > 0 ? 'trades with lag' : 'trades up to the head');
  }

  #heartbeat(message: Message, head: number): void {
    must(this.#indexOf(message.head) === head - 1, 'a heartbeat tells the head', message);
    this.#count('heartbeat');
    if (message.until !== undefined) {
      const [{ cursor }] = this.subscriptions;
      must(this.#indexOf(message.until) + 1 === cursor, `complete up to ${cursor}`, message);
      return;
    }
    const told = Object.entries<number>(message.subscriptions).map(([id, until]) => {
      return `${id} ${this.#indexOf(until) + 1}`;
    });
    // Those whose end is on the way are not told any more, those whose start is are not known yet.
    const known = this.subscriptions.filter(({ state }) => state !== 'asked' && state !== 'lost');
    const running = known.map(({ id, cursor }) => `${id} ${cursor}`);
    must(String(told.sort()) === String(running.sort()), `complete up to ${running}`, message);
  }

  #error(message: Message): void {
    must(EXPECTED.includes(message.code), 'nothing that was asked is wrong', message);
    this.#count(`error ${message.code}`);
    if (remove(this.fetches, message.id) !== undefined) return;
    if (remove(this.candles, message.id) !== undefined) return;
    const reading = this.subscriptions.find(
      ({ id, state }) => id === message.id && state === 'asked',
    );
    must(reading !== undefined, 'what is refused was asked for', message);
    reading.state = 'lost';
  }

  #running(id: number): Reading | undefined {
    return this.subscriptions.find(
      (reading) => reading.id === id && (reading.state === 'running' || reading.state === 'ending'),
    );
  }

  #values(
    message: Message,
    { fields, columns }: Pick<Reading, 'fields' | 'columns'>,
    from: number,
    next: number,
  ): void {
    for (const field of FIELDS) {
      const isDefault = field === 'last' && !areNamed(fields);
      const lists = isDefault ? message.prices : message[field];
      const isWanted = fields.includes(field);
      must(isWanted === (lists !== undefined), `${fields} are said, and no others`, message);
      if (!isWanted) continue;
      must(lists.length === columns.length, 'there is a list for each symbol', message);
      for (const [n, column] of columns.entries()) {
        const values = lists[n];
        must(values.length === next - from, 'each list has a value for each row', message);
        const wrong = this.#truth.firstWrong(field, values, column, from);
        if (wrong < 0) continue;
        must(false, `${field} of row ${wrong} of column ${column} is not ${values[wrong - from]}`);
      }
    }
  }

  #indexOf(timeMs: number): number {
    const { grid } = this.#truth.market;
    const index = (timeMs - grid.originMs) / grid.intervalMs;
    must(Number.isInteger(index) && timeOf(grid, index) === timeMs, `${timeMs} is on the grid`);
    return index;
  }
}

/** Throws if something does not hold. */
export function must(holds: boolean, what: string, message?: Message): asserts holds {
  if (holds) return;
  const shown = message === undefined ? '' : `: ${JSON.stringify(message).slice(0, 300)}`;
  throw new Error(`must hold: ${what}${shown}`);
}

/** The member that lists the fields of candles, if there are any. */
function cutFields(fields: readonly Field[]): readonly Field[] | undefined {
  return fields.length === 0 ? undefined : fields;
}

function remove<T extends { readonly id: number }>(list: T[], id: number): T | undefined {
  const at = list.findIndex((each) => each.id === id);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}
