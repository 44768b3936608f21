import {
  FACTS,
  type Found,
  type MeasuredFact,
  measuredFact,
  OWN_FACTS,
  type OwnFactId,
} from './facts.ts';
import { FACTS_OF_PAIRS } from './facts-of-days.ts';
import { foundIn, type Looked } from './found.ts';
import type { TimedRows } from './hours.ts';
import { profileOf } from './moments.ts';
import { type Correlations, Pairs } from './pairs.ts';
import { type ReturnKind, returnsOf } from './returns.ts';
import { rowsOfSecond, type SecondStatistics, secondStatisticsOf } from './seconds.ts';
import { newRooms, type Statistics, statisticsOf } from './statistics.ts';
import type { Steps } from './steps.ts';
import { type Traded, type TradeStatistics, tradeStatisticsOf } from './trade-statistics.ts';
import { type ReadDays, type Years, yearsOf } from './years.ts';

/** An instrument and what of it to look at. */
export interface RealismInput extends Traded {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  /** What `ticks` are of; `last` if not said. */
  readonly of?: 'mid' | 'last';
  /** The price of each row that is looked at, in ticks. */
  readonly ticks: ArrayLike<number>;
  readonly tickSize: number;
  readonly intervalMs: number;
  /** The time of the first row, in milliseconds since the Unix epoch. */
  readonly firstMs: number;
  /** The last one's, where rows between are left out. */
  readonly lastMs?: number;
  /** How many rows there are with those left out, of closed hours. */
  readonly gridRows?: number;
  /** The stretches that the rows are of; one of all of them, if not said. */
  readonly stretches?: readonly TimedRows[];
  /** Hours of a day with trade; 24 if not said. */
  readonly openHours?: number;
  /** Whether it is judged as a share: falls are answered more than rises. */
  readonly isShare?: boolean;
  /** Days of years; a text says why there are none. */
  readonly days?: ReadDays | string;
}

/** What an instrument's returns look like, beside what is reported of real ones. Plain data. */
export interface InstrumentRealism extends Statistics {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  readonly tickSize: number;
  /** Rows of the market, and those of them in open hours, which all numbers are of. */
  readonly rows: number;
  readonly openRows: number;
  readonly intervalMs: number;
  /** The times of the first and the last row, in ms since the Unix epoch; null without rows. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Of what: the middle of bid and ask, or the last price. */
  readonly of: 'mid' | 'last';
  /** What all numbers are of: differences of log prices, or of prices in ticks. */
  readonly returns: ReturnKind;
  /** Null where rows are more than a second apart. */
  readonly seconds: SecondStatistics | null;
  readonly traded: TradeStatistics;
  /** What years of days look like; null if they were not looked at. */
  readonly years: Years | null;
  readonly facts: readonly MeasuredFact[];
}

/** What the returns of a market look like, beside what is reported of real ones. Plain data. */
export interface MarketRealism {
  readonly marketId: string;
  /** The times of the first and the last row, in ms since the Unix epoch; null without rows. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly intervalMs: number;
  /** Rows of each instrument. */
  readonly rows: number;
  readonly instruments: readonly InstrumentRealism[];
  readonly correlations: Correlations;
  /** What are facts of the market and of no single instrument. */
  readonly facts: readonly MeasuredFact[];
  /** What is reported of real markets. */
  readonly reported: typeof FACTS;
}

const NOT_ASKED = 'no years were asked for';

/** Makes the report of one instrument: 0.6 us a row, in steps of about a millisecond. */
export function* realismOf(input: RealismInput): Steps<InstrumentRealism> {
  return yield* examine(input);
}

/** The report; `pairs` are given what they need of it. */
function* examine(input: RealismInput, pairs?: Pairs): Steps<InstrumentRealism> {
  const { symbol, name, model, tickSize, intervalMs, firstMs, ticks } = input;
  const stretches = input.stretches ?? [{ rows: ticks.length, firstMs }];
  const times = { stretches, intervalMs };
  const rooms = newRooms(ticks.length);
  const returns = yield* returnsOf(ticks, stretches);
  const statistics = yield* statisticsOf(returns, times, rooms, input.volume);
  const profile = yield* profileOf(returns.values, rooms[0]);
  const second = rowsOfSecond(intervalMs);
  if (pairs) yield* pairs.add(symbol, profile, second);
  // From here on the returns themselves are no longer needed.
  const left = [rooms[1], returns.values] as const;
  const seconds =
    second === undefined ? null : yield* secondStatisticsOf(profile, second, returns.tick, left);
  const traded = yield* tradeStatisticsOf(input, times, rooms[1]);
  const years = typeof input.days === 'object' ? yield* yearsOf(input.days) : null;
  const rows = input.gridRows ?? ticks.length;
  const lastMs = input.lastMs ?? firstMs + (rows - 1) * intervalMs;
  const about = {
    ...{ symbol, name, model, tickSize, rows, openRows: ticks.length, intervalMs },
    ...(rows === 0 ? { firstMs: null, lastMs: null } : { firstMs, lastMs }),
    ...{ of: input.of ?? ('last' as const), returns: returns.kind },
  };
  const missing = typeof input.days === 'string' ? input.days : NOT_ASKED;
  const looked = {
    ...{ intervalMs, openHours: input.openHours ?? 24, statistics, seconds, traded },
    years: years ?? missing,
  };
  const facts = factsOf(looked, returns.values.length, input.isShare ?? true);
  return { ...about, ...statistics, seconds, traded, years, facts };
}

/** The facts of one instrument, in the order of the table. */
function factsOf(looked: Looked, returns: number, isShare: boolean): MeasuredFact[] {
  const found: Record<OwnFactId, Found> = foundIn(looked);
  const { years, traded, intervalMs } = looked;
  const lookedAt = {
    seconds: (returns * intervalMs) / 1000,
    trades: traded.trades,
    days: typeof years === 'string' ? 0 : years.days,
  };
  return OWN_FACTS.map(({ id, group }) =>
    measuredFact(id, found[id as OwnFactId], lookedAt[group as keyof typeof lookedAt], isShare),
  );
}

/**
 * Makes the report of several instruments, all of the same rows.
 *
 * They are added one by one, so that no more memory is needed than for the rows of one of them. The
 * matrix takes 0.5 ns for each pair and return: callers decide how many instruments they add.
 */
export class MarketRealismMaker {
  readonly #marketId: string;
  readonly #instruments: InstrumentRealism[] = [];
  readonly #pairs = new Pairs();

  constructor(marketId: string) {
    this.#marketId = marketId;
  }

  *add(input: RealismInput): Steps<void> {
    this.#instruments.push(yield* examine(input, this.#pairs));
  }

  *report(): Steps<MarketRealism> {
    const instruments = this.#instruments;
    const first = instruments[0];
    const correlations = yield* this.#pairs.correlations();
    const found = yield* this.#pairs.found();
    const { seconds } = this.#pairs;
    return {
      marketId: this.#marketId,
      firstMs: first?.firstMs ?? null,
      lastMs: first?.lastMs ?? null,
      intervalMs: first?.intervalMs ?? 0,
      rows: first?.rows ?? 0,
      instruments,
      correlations,
      facts: FACTS_OF_PAIRS.map(({ id }) => measuredFact(id, found[id], seconds, true)),
      reported: FACTS,
    };
  }
}

/** The report of several instruments whose rows are at hand. */
export function* marketRealism(
  marketId: string,
  inputs: Iterable<RealismInput>,
): Steps<MarketRealism> {
  const maker = new MarketRealismMaker(marketId);
  for (const input of inputs) yield* maker.add(input);
  return yield* maker.report();
}
