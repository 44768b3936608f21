import { CANDLE_PRICES } from '../wire/binary-candles.ts';
import type { CandleField } from '../wire/messages.ts';
import type { Named } from './fields.ts';
import type { BySymbol, RowColumns } from './rows.ts';

type CandlePrice = (typeof CANDLE_PRICES)[number];

/** Candles of a stream but for their values. */
interface CandlesFacts {
  /** `until` of what came before. */
  readonly since: number;
  /** Time of the last row in them. The cursor to go on from. */
  readonly until: number;
  /** How many rows were behind the head after that one: 0 means live. */
  readonly lag: number;
  /** The columns. */
  readonly symbols: readonly string[];
  /** Milliseconds between rows. */
  readonly interval: number;
  /**
   * Whether these candles have all their rows: each comes so once. If not, there is one, as of the
   * row at `until`; it takes the place of the one before with the same time.
   */
  readonly final: boolean;
  /** When each begins, in milliseconds since 1970 UTC. */
  readonly time: readonly number[];
}

/**
 * Some candles of each column: `open[column][k]`, in ticks, of the one that begins at `time[k]`;
 * volumes in lots. Or one after the other, with `for (const candle of candles)`.
 */
export type Candles<Fields extends readonly CandleField[] = readonly []> = CandlesFacts & {
  readonly [Price in CandlePrice]: RowColumns;
} & Named<Fields, RowColumns> &
  Iterable<Candle<Fields>>;

/** One candle: when it begins, and what it says by symbol: `candle.close.NIMBO`. */
export type Candle<Fields extends readonly CandleField[] = readonly []> = {
  readonly time: number;
  readonly final: boolean;
} & { readonly [Price in CandlePrice]: BySymbol } & Named<Fields, BySymbol>;

/** The same of whatever fields. */
export interface AnyCandles extends CandlesFacts {
  readonly open: RowColumns;
  readonly high: RowColumns;
  readonly low: RowColumns;
  readonly close: RowColumns;
  readonly volume?: RowColumns | undefined;
  readonly trades?: RowColumns | undefined;
}

/** Candles as an application gets them. */
export class StreamedCandles implements AnyCandles {
  declare readonly since: number;
  declare readonly until: number;
  declare readonly lag: number;
  declare readonly symbols: readonly string[];
  declare readonly interval: number;
  declare readonly final: boolean;
  declare readonly time: readonly number[];
  declare readonly open: RowColumns;
  declare readonly high: RowColumns;
  declare readonly low: RowColumns;
  declare readonly close: RowColumns;
  declare readonly volume?: RowColumns;
  declare readonly trades?: RowColumns;

  constructor(facts: AnyCandles) {
    Object.assign(this, facts);
  }

  *[Symbol.iterator](): Generator<object, void> {
    const { symbols, final } = this;
    for (const [n, time] of this.time.entries()) {
      const candle: Record<string, unknown> = { time, final };
      for (const name of [...CANDLE_PRICES, 'volume', 'trades'] as const) {
        const columns = this[name];
        if (columns === undefined) continue;
        const values = symbols.map((symbol, c) => [symbol, columns[c]![n]!] as const);
        candle[name] = Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
      }
      yield candle;
    }
  }
}
