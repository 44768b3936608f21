import { type Static, Type } from 'typebox';
import { GRADED } from '../../../core/grading/truth.ts';
import { DEFAULT_NOTATION, PRICE_NOTATIONS } from '../../../wire/notation.ts';
import { type AnyFormat, GRADED_FORMATS, MEDIA_TYPES } from '../formats/format.ts';
import { Offset, Time, Zone } from './queries.ts';

/** What is asked of `POST /v1/grade`, what it takes and what it answers. */

export const GradeQuery = Type.Object({
  what: Type.Enum(GRADED, {
    type: 'string',
    description: 'What was recorded.',
    default: 'rows',
  }),
  symbols: Type.Optional(
    Type.String({
      description: 'All that there must be records of, * for all; absent for those there are.',
      examples: ['ticker_00,ticker_07'],
    }),
  ),
  resolution: Type.Optional(Type.String({ description: 'Of candles.', examples: ['1m'] })),
  tz: Zone,
  offset: Offset,
  held: Type.Optional(
    Type.Boolean({
      description: 'false: candles of rows alone that are closed or halted need not be there.',
    }),
  ),
  since: Time('Records must be there after this time; absent: from the first one.', '2026-01-01'),
  until: Time('And up to this one; absent: up to the last.', '2026-01-02'),
  prices: Type.Enum(PRICE_NOTATIONS, {
    type: 'string',
    description: 'Prices as they were recorded: whole ticks, or decimals.',
    default: DEFAULT_NOTATION.prices,
  }),
  format: Type.Optional(
    Type.Enum(GRADED_FORMATS, {
      type: 'string',
      description: 'How the recording is written; without it, Content-Type says so, or its bytes.',
    }),
  ),
  faults: Type.Optional(
    Type.String({
      description: 'The profile of faults that it was recorded under, or its name.',
      examples: ['drop@1%,cut@30s'],
    }),
  ),
  faultSeed: Type.Optional(
    Type.String({ description: 'And their seed, 0 to 2^53 - 1; absent for 1.', examples: ['7'] }),
  ),
  market: Type.Optional(
    Type.String({
      description: 'The market id that it is of. One that is not of this market: market_changed.',
    }),
  ),
});

export type GradeQuery = Static<typeof GradeQuery>;

const Listed = (description: string) =>
  Type.Object(
    {
      count: Type.Integer(),
      ranges: Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }), {
        description: 'First and last of the first ranges: times, of trades their numbers.',
      }),
      isCut: Type.Boolean({ description: 'Whether there are more ranges.' }),
    },
    { description },
  );

const SymbolGrade = Type.Object({
  right: Type.Boolean(),
  records: Type.Integer(),
  missing: Listed('Should be there, and are not.'),
  twice: Listed('Once more than they should be.'),
  outOfOrder: Listed('For the first time, but behind one that comes after them.'),
  wrong: Type.Object({
    count: Type.Integer({ description: 'Values that are not the true ones.' }),
    first: Type.Array(
      Type.Object({
        at: Type.Number({ description: 'When; of a trade its number.' }),
        field: Type.String(),
        given: Type.Union([Type.Number(), Type.String()]),
        true: Type.Number(),
      }),
    ),
  }),
  offGrid: Type.Object({
    count: Type.Integer({ description: 'At times of no row, or as trades that there are not.' }),
    first: Type.Array(Type.Number()),
  }),
  tooLate: Type.Integer({ description: 'So late that it is forgotten whether they were there.' }),
});

const Nullable = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], {
    description: `${description} (ms since 1970; null of trades)`,
  });

const FaultsGrade = Type.Object({
  profile: Type.String({ description: 'In its canonical form.' }),
  seed: Type.Integer(),
  kinds: Type.Record(
    Type.String(),
    Type.Object({
      strikes: Type.Integer({ description: 'For each symbol that was graded.' }),
      recovered: Type.Integer({ description: 'Nothing is left of them.' }),
      notRecovered: Type.Integer({ description: 'What they did was found.' }),
    }),
  ),
  noExcuse: Type.Record(Type.String(), Type.Integer(), {
    description: 'What no strike has caused.',
  }),
});

export const GradeAnswer = Type.Object({
  right: Type.Boolean({ description: 'Whether nothing is left.' }),
  what: Type.String(),
  market: Type.String({ description: 'The id of the market at the newest row that was graded.' }),
  from: Nullable('The first that was to be there'),
  until: Nullable('The last'),
  records: Type.Integer(),
  outside: Type.Integer({ description: 'Records before and behind what was to be graded.' }),
  unknownSymbols: Type.Object({
    count: Type.Integer({ description: 'Records of symbols that the market does not have.' }),
    names: Type.Array(Type.String()),
  }),
  faults: Type.Optional(FaultsGrade),
  hint: Type.Optional(Type.String({ description: 'What may be wrong with the question.' })),
  symbols: Type.Record(Type.String(), SymbolGrade),
});

/** A body in any of these formats, which is read as it comes. */
export function uploadIn(formats: readonly AnyFormat[]) {
  const schema = Type.Unsafe({ description: 'Records, in the order in which they were taken in.' });
  const types = formats.flatMap((format) => MEDIA_TYPES[format]);
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}
