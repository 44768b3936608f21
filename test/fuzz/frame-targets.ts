import { newCandleLists } from '../../src/core/market/candle-lists.ts';
import { DTYPES, type Dtype } from '../../src/core/market/dtype.ts';
import { CANDLE_FIELDS } from '../../src/core/market/fields.ts';
import { ROWS_HEAD_BYTES } from '../../src/wire/binary.ts';
import { candlesBytes, fillCandlesHead, parseCandles } from '../../src/wire/binary-candles.ts';
import { depthBytes, fillDepthHead, parseDepth } from '../../src/wire/binary-depth.ts';
import { fillTradesHead, parseTrades, tradesBytes } from '../../src/wire/binary-trades.ts';
import { Chance, mutatedBytes } from './chance.ts';
import { must } from './expect.ts';
import type { Target } from './fuzz.ts';

/** What one kind of frame is made of, and how it is written and read. */
interface Kind<Parsed> {
  readonly name: string;
  make(chance: Chance): Uint8Array;
  parse(frame: Uint8Array): Parsed | undefined;
  encode(parsed: Parsed): Uint8Array;
  /** All numbers of it that may be NaN, which has many patterns of bits. */
  values(parsed: Parsed): Iterable<ArrayLike<number>>;
}

/** Frames as a server writes them and changed ones: what is taken is what was sent. */
function framesTarget<Parsed>({ name, make, parse, encode, values }: Kind<Parsed>): Target {
  const frames = Array.from({ length: 300 }, (_, seed) => make(new Chance(seed)));
  return {
    name,
    weight: 10,
    run(chance) {
      const right = chance.pick(frames);
      const bytes = mutatedBytes(chance, right);
      // Somewhere in a larger buffer, as sockets have them.
      const at = chance.below(9);
      const frame = new Uint8Array(at + bytes.length).subarray(at);
      frame.set(bytes);
      const parsed = parse(frame);
      if (parsed === undefined) {
        must(Buffer.compare(right, frame) !== 0, 'a right frame is taken', [...frame]);
        return;
      }
      for (const list of values(parsed)) if (Array.prototype.some.call(list, Number.isNaN)) return;
      const isSame = Buffer.compare(encode(parsed), frame) === 0;
      must(isSame, 'what is taken is what was sent', [...frame]);
    },
  };
}

const anyDtype = (chance: Chance) => chance.pick(Object.keys(DTYPES) as Dtype[]);
const listOf = (length: number, value: (n: number) => number) =>
  Array.from({ length }, (_, n) => value(n));
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** The numbers of a head that may be any. */
function headOf(chance: Chance) {
  const since = chance.below(2 ** 41);
  return { id: chance.below(2 ** 32), lagRows: chance.below(2 ** 32), since, until: since + 1000 };
}

function framed(fill: (head: Uint8Array) => void, body: Uint8Array): Uint8Array {
  const head = new Uint8Array(ROWS_HEAD_BYTES);
  fill(head);
  return Buffer.concat([head, body]);
}

const candles = framesTarget({
  name: 'parseCandles',
  make(chance) {
    const dtype = anyDtype(chance);
    const isFinal = chance.once(2);
    const [count, columns] = [isFinal ? 1 + chance.below(4) : 1, 1 + chance.below(4)];
    const fields = CANDLE_FIELDS.filter(() => chance.once(2));
    const about = headOf(chance);
    const lists = newCandleLists(
      fields,
      columns,
      listOf(count, (n) => about.since + n * 60_000),
    );
    for (const list of Object.values(lists.values)) {
      list.forEach((_, n) => {
        list[n] = chance.below(100);
      });
    }
    const head = { dtype, fields, isFinal, candles: count, columns, ...about };
    return framed((out) => fillCandlesHead(out, head), candlesBytes(dtype, lists));
  },
  parse: parseCandles,
  encode: (parsed) =>
    framed((out) => fillCandlesHead(out, parsed), candlesBytes(parsed.dtype, parsed.lists)),
  values: ({ lists }) => Object.values(lists.values),
});

const trades = framesTarget({
  name: 'parseTrades',
  make(chance) {
    const dtype = anyDtype(chance);
    const columns = 1 + chance.below(4);
    const counts = listOf(columns, () => chance.below(4));
    const count = sum(counts);
    const lists = {
      first: listOf(columns, () => chance.below(2 ** 50)),
      counts,
      micros: Float64Array.from(listOf(count, () => chance.below(1_000_000))),
      prices: Float64Array.from(listOf(count, () => chance.below(200))),
      lots: Float64Array.from(listOf(count, () => 1 + chance.below(100))),
      sides: Uint8Array.from(listOf(count, () => 1 + chance.below(2))),
    };
    const head = { dtype, trades: count, columns, ...headOf(chance) };
    return framed((out) => fillTradesHead(out, head), tradesBytes(dtype, lists));
  },
  parse: parseTrades,
  encode: (parsed) =>
    framed((out) => fillTradesHead(out, parsed), tradesBytes(parsed.dtype, parsed.lists)),
  values: ({ lists }) => [lists.first, lists.micros, lists.prices, lists.lots],
});

const depth = framesTarget({
  name: 'parseDepth',
  make(chance) {
    const dtype = anyDtype(chance);
    const [columns, isSnapshot] = [1 + chance.below(3), chance.once(2)];
    const counts = listOf(2 * columns, () => chance.below(4));
    const levels = sum(counts);
    const least = isSnapshot ? 1 : 0;
    const lists = {
      columns,
      counts,
      ticks: listOf(levels, () => chance.below(200)),
      lots: listOf(levels, () => least + chance.below(100)),
    };
    const head = { dtype, isSnapshot, levels, columns, ...headOf(chance) };
    return framed((out) => fillDepthHead(out, head), depthBytes(dtype, lists));
  },
  parse: parseDepth,
  encode: (parsed) =>
    framed((out) => fillDepthHead(out, parsed), depthBytes(parsed.dtype, parsed.lists)),
  values: ({ lists }) => [lists.ticks],
});

/** Frames that clients read, of a server that may be none of ours. */
export const FRAME_TARGETS: readonly Target[] = [candles, trades, depth];
