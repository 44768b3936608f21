import { newCandleLists } from '../../src/core/market/candle-lists.ts';
import { ROWS_HEAD_BYTES } from '../../src/wire/binary.ts';
import { candlesBytes, fillCandlesHead } from '../../src/wire/binary-candles.ts';
import { INTERVAL } from './world.ts';

/** Rows in a candle. */
export const WIDTH = 7;

/** The price of the one column in the row at `timeMs`; its volume is twice that. */
export function priceOf(timeMs: number): number {
  return 1_000 + (((timeMs / INTERVAL) * 7_919) % 101);
}

interface Range {
  readonly since: number;
  readonly until: number;
  readonly lag?: number;
  readonly id?: number;
}

/** Open, high, low, close and volume of the candle that begins at `time`, up to `until`. */
function valuesAt(time: number, until: number): number[] {
  let [open, high, low, close, volume] = [Number.NaN, -Infinity, Infinity, Number.NaN, 0];
  for (let row = 0; row < WIDTH && time + row * INTERVAL <= until; row++) {
    const price = priceOf(time + row * INTERVAL);
    if (row === 0) open = price;
    [high, low, close] = [Math.max(high, price), Math.min(low, price), price];
    volume += 2 * price;
  }
  return [open, high, low, close, volume];
}

/** What a server sends of rows: the candles that they complete, then the one that they do not. */
export function candlesFrame({ since, until, lag = 0, id = 1 }: Range, isBinary = false) {
  const width = WIDTH * INTERVAL;
  const startOf = (timeMs: number) => Math.floor(timeMs / width) * width;
  const times: number[] = [];
  for (let time = startOf(since + INTERVAL); time + width - INTERVAL <= until; time += width) {
    times.push(time);
  }
  const formedMs = times.length === 0 ? since : times.at(-1)! + width - INTERVAL;
  const frames: (object | ArrayBuffer)[] = [];
  const add = (from: number, to: number, time: readonly number[], final: boolean) => {
    const head = { id, since: from, until: to, lag: lag + (until - to) / INTERVAL };
    frames.push(isBinary ? bytes(head, time, final) : json(head, time, final));
  };
  if (times.length > 0) add(since, formedMs, times, true);
  if (formedMs < until) add(formedMs, until, [startOf(until)], false);
  return frames;
}

type Head = Required<Range>;

function json(head: Head, time: readonly number[], final: boolean): object {
  const all = time.map((at) => valuesAt(at, head.until));
  const list = (n: number) => [all.map((values) => values[n]!)];
  const prices = { open: list(0), high: list(1), low: list(2), close: list(3) };
  return { type: 'candles', ...head, time, ...prices, volume: list(4), final };
}

function bytes(head: Head, time: readonly number[], isFinal: boolean): ArrayBuffer {
  const lists = newCandleLists(['volume'], 1, time);
  for (const [n, at] of time.entries()) {
    const [open, high, low, close, volume] = valuesAt(at, head.until);
    lists.values.open[n] = open!;
    lists.values.high[n] = high!;
    lists.values.low[n] = low!;
    lists.values.close[n] = close!;
    lists.values.volume![n] = volume!;
  }
  const body = candlesBytes('uint16', lists);
  const out = new Uint8Array(ROWS_HEAD_BYTES + body.byteLength);
  const { lag: lagRows, ...rest } = head;
  const shape = { dtype: 'uint16', fields: ['volume'], candles: time.length, columns: 1 } as const;
  fillCandlesHead(out, { ...rest, ...shape, isFinal, lagRows });
  out.set(body, ROWS_HEAD_BYTES);
  return out.buffer;
}
