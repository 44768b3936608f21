import type { Instrument } from '../../core/market/instrument.ts';
import { type AssetClass, Names } from '../../core/market/listing.ts';
import type { Market } from '../../core/market/market.ts';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';

/** Stocks have routes of their own, all else is crypto to Alpaca. */
export type Kind = AssetClass;

/** The instruments of a market as Alpaca's clients know them. */
export class AlpacaSymbols {
  readonly names: Names;
  readonly #instruments: readonly Instrument[];
  /** The columns of each kind, by name. */
  readonly #columns: Readonly<Record<Kind, readonly number[]>>;

  constructor({ instruments }: Market) {
    this.names = new Names('alpaca', instruments);
    this.#instruments = instruments;
    this.#columns = { stock: this.#columnsOf('stock'), crypto: this.#columnsOf('crypto') };
  }

  /** All columns of a kind, in the order of their names. */
  all(kind: Kind): readonly number[] {
    return this.#columns[kind];
  }

  /** The name of a column that has one. */
  nameOf(column: number): string {
    return this.names.of(column)!;
  }

  /** The column of a name, if it is of this kind. */
  find(kind: Kind, name: string): number | undefined {
    const column = this.names.columnOf(name);
    return column !== undefined && this.#kindOf(column) === kind ? column : undefined;
  }

  /** The same; throws a `TickwellError` if there is none. */
  columnOf(kind: Kind, name: string): number {
    const column = this.find(kind, name);
    if (column !== undefined) return column;
    throw new TickwellError('unknown_symbol', `invalid symbol: ${quoted(name)}`);
  }

  /** Those of names with commas between them, in the order of names, each once. */
  columnsOf(kind: Kind, text: string, most: number): readonly number[] {
    const names = text.split(',');
    if (names.length > most) {
      const rule = `symbols must be at most ${most}`;
      throw new TickwellError('range_too_large', `${rule}; given: ${names.length}`, {
        limit: most,
      });
    }
    return this.sorted(new Set(names.map((name) => this.columnOf(kind, name))));
  }

  /** Columns in the order of their names. */
  sorted(columns: Iterable<number>): readonly number[] {
    return [...columns].sort((a, b) => (this.nameOf(a) < this.nameOf(b) ? -1 : 1));
  }

  #columnsOf(kind: Kind): readonly number[] {
    const columns = this.#instruments.keys();
    const isOf = (column: number) =>
      this.#kindOf(column) === kind && this.names.of(column) !== undefined;
    return this.sorted([...columns].filter(isOf));
  }

  #kindOf(column: number): Kind {
    return this.#instruments[column]!.listing.assetClass;
  }
}
