import type {
  CandleField,
  CandlesAnswer,
  Field,
  FieldRowsAnswer,
  ManyCandlesAnswer,
  RowsAnswer,
  SparseValues,
  Values,
} from '../wire/messages.ts';

/** What a reader gets that names no fields. */
export type DefaultFields = readonly ['last'];

type IsUnion<Name, Each = Name> = Name extends unknown
  ? [Each] extends [Name]
    ? false
    : true
  : never;

/** The names that are in a list for sure: an element that may be either of two is not. */
type Sure<Fields extends readonly string[]> = {
  [N in keyof Fields]: IsUnion<Fields[N]> extends true ? never : Fields[N];
}[number];

/** `Name`, if one of the lists that `Fields` may be is without it. */
type Missing<Fields extends readonly string[], Name> = Fields extends unknown
  ? Name extends Sure<Fields>
    ? never
    : Name
  : never;

/** The names that were named for sure, and others that may have been. */
type SurelyNamed<Fields extends readonly string[]> = {
  [Name in Fields[number]]: [Missing<Fields, Name>] extends [never] ? Name : never;
}[Fields[number]];

/** A `Value` for each of the fields that were named. */
export type Named<Fields extends readonly string[], Value> = {
  readonly [Name in SurelyNamed<Fields>]: Value;
} & {
  readonly [Name in Exclude<Fields[number], SurelyNamed<Fields>>]?: Value;
};

/** The prices of a row are those of `last`, if that was named. */
export type NamedPrices<Fields extends readonly Field[], Value> =
  'last' extends SurelyNamed<Fields>
    ? { readonly prices: Value }
    : 'last' extends Fields[number]
      ? { readonly prices?: Value }
      : unknown;

/** The same of many rows: where `last` was not named, there are none. */
export type PricesOf<Fields extends readonly Field[], Value> =
  'last' extends SurelyNamed<Fields>
    ? Value
    : 'last' extends Fields[number]
      ? Value | readonly []
      : readonly [];

/** Rows in an answer, under the names of the fields. */
export type NamedRowsAnswer<Fields extends readonly Field[]> = Omit<FieldRowsAnswer, Field> &
  Named<Fields, Values>;

/** `last` alone is what is answered if no fields are named: `prices`. */
export type RowsAnswerOf<Fields extends readonly Field[]> = Fields extends DefaultFields
  ? RowsAnswer
  : DefaultFields extends Fields
    ? RowsAnswer | NamedRowsAnswer<Fields>
    : NamedRowsAnswer<Fields>;

/** Candles of several symbols: sums are `[column][candle]`. */
export type ManyCandlesAnswerOf<Fields extends readonly CandleField[]> = ManyCandlesAnswer &
  Named<Fields, Values>;

/** The same with `held: false`: null where a symbol has no candle, but another has. */
export type SparseCandlesAnswerOf<Fields extends readonly CandleField[]> = Omit<
  ManyCandlesAnswer,
  'open' | 'high' | 'low' | 'close' | CandleField
> &
  Named<readonly ['open', 'high', 'low', 'close'], SparseValues> &
  Named<Fields, SparseValues>;

export type CandlesAnswerOf<Fields extends readonly CandleField[]> = CandlesAnswer &
  Named<Fields, readonly number[]>;
