import type { Hub } from '../../delivery/hub.ts';
import type { DeliveryLimits } from '../../delivery/limits.ts';
import type { DeliveryService } from '../../delivery/service.ts';
import type { LimitList, LimitsOf } from '../../host/limits.ts';

/** Of messages of the stream, and of answers over HTTP and on it. */
export const TICKWELL_LIMITS = {
  maxSubscriptions: {
    default: 16,
    reason: 'Enough for a screen of charts; each costs one cursor.',
    told: 'Subscriptions of one connection.',
  },
  maxPricesPerAnswer: {
    default: 1_000_000,
    // As one text, they must fit the longest that there is; so must candles.
    most: 25_000_000,
    reason: 'About 6 MB of JSON: large enough to page quickly, small enough to encode in one go.',
    told: 'Prices in one answer over HTTP.',
  },
  maxCandlesPerAnswer: {
    default: 10_000,
    most: 1_000_000,
    reason: "Some screens' widths of candles; a chart's window asks for 512, or 4,096 with nights.",
    told: 'Candles in one answer over HTTP.',
  },
  maxWholeJsonCandles: {
    default: 2_500_000,
    most: 25_000_000,
    reason:
      'Of whole=true: 50 symbols of a month of minutes. JSON says all opens first, so prices are ' +
      'held: 40 MB of 32 bits. Of wider prices, and with sums, it is fewer that take as much.',
    told: 'Candles in one whole answer of several symbols as JSON; fewer with sums, or of float64.',
  },
  maxCandlesPerMessage: {
    default: 500,
    most: 100_000,
    // Clients are told the one, and would be refused by the other.
    atMost: 'maxCandlesPerAnswer',
    reason: 'In a message of the stream: as much as a slow client reads in time.',
    told: 'Candles in one message of the stream.',
  },
  maxTradesPerAnswer: {
    default: 100_000,
    most: 10_000_000,
    reason: 'About 3 MB of JSON: a third of a second of work where each has a row of its own.',
    told: 'Trades in one answer over HTTP.',
  },
  maxTradedRowsPerAnswer: {
    default: 4_194_304,
    reason:
      'Rows are made by 16,384 for the trades among them, at 130 ns each: half a second. Where ' +
      'few rows have a trade, an answer has fewer trades.',
    told: 'Rows that are made for the trades of one answer.',
  },
  maxLevelsPerMessage: {
    default: 10_000,
    most: 100_000,
    reason: 'Of books on the stream, both sides: 250 symbols of 20 levels; half of maxUnreadBytes.',
    told: 'Levels of the books of one subscription, both sides.',
  },
  maxRowsPerAnswer: {
    default: 1_000_000_000,
    reason:
      'Two years of seconds of one walk take 50 ms; twenty are still answered within a ' +
      'second.',
    told: 'Rows behind the candles of one answer.',
  },
  maxArrowSymbols: {
    default: 1000,
    reason: 'Of Parquet too. Each is a column; Apache Arrow describes all in one go, of 1 to 2 ms.',
    told: 'Symbols of one answer as Apache Arrow, over HTTP.',
  },
  maxSparklinePoints: {
    default: 500,
    reason: 'Points of one sparkline, far beyond what its few pixels show.',
    told: 'Points of one sparkline.',
  },
  maxRealismRows: {
    default: 1_048_576,
    reason: 'Of one realism report: a day of tenths of a second; some 32 bytes are held for each.',
    told: 'Rows of one realism report.',
  },
  maxGradings: {
    default: 8,
    reason: 'Recordings that are graded by one process at a time: each may hold 30 MB.',
    told: 'Recordings that are graded at a time.',
  },
  maxStrikesPerAnswer: {
    default: 100_000,
    most: 10_000_000,
    reason: 'Of a ledger of faults: about 6 MB of JSON, some tenths of a second of work.',
    told: 'Strikes in one answer over HTTP; more only where one row has more.',
  },
  maxDrawsPerAnswer: {
    default: 50_000_000,
    reason:
      'Each clause draws a word for each row, and for each of its symbols, at 12 ns: half a ' +
      'second. An answer ends where it has drawn so many.',
    told: 'Words that are drawn for one ledger of faults.',
  },
  aheadIntervals: {
    default: 3,
    reason: 'What `aheadMs` is for, where intervals are long.',
    told: 'The same in intervals; the longer of the two counts.',
  },
  eventsRetryMs: {
    default: 5000,
    reason:
      'What `retry` asks of an EventSource, and after `bye` up to twice as much: it gives up ' +
      "for ever at the first answer that is not 200, as a proxy's 502 while its server " +
      'restarts.',
    told: 'An EventSource waits for so long, and up to twice as long after bye.',
  },
} as const satisfies LimitList;

/** Those that this protocol goes by: its own, and those of the rooms below. */
export type Limits = DeliveryLimits & LimitsOf<typeof TICKWELL_LIMITS>;

/** What every part of it works with. */
export interface TickwellService extends DeliveryService {
  readonly limits: Limits;
}

export type TickwellHub = Hub & { readonly service: TickwellService };

/**
 * The names that clients of version 1 are told, in the order in which they always were: the same
 * bytes. Others follow.
 */
const TOLD_FIRST = `
maxPayloadBytes maxFragments maxSubscriptions messagesPerSecond messagesBurst refusalsBurst
badRequestsBurst badRequestsPerMinute maxPendingRequests firstRequestMs maxPricesPerAnswer
maxCandlesPerAnswer maxCandlesPerMessage maxRowsPerAnswer maxArrowSymbols maxSparklinePoints
maxRealismRows workPerSecond workBurst frameBytes maxUnreadBytes heartbeatMs pingBytes pingMs
pongMs stallMs maxConnections maxConnectionsPerAddress spareConnections maxAnswersPerAddress
maxBodyBytes headersMs requestMs keepAliveMs sliceMs aheadMs aheadIntervals retryAfterMs
eventsRetryMs closeGraceMs
`
  .trim()
  .split(/\s+/);

/** The limits that clients are told, in order, with what is said of each. */
export function toldLimits({ limits, limitTexts }: Pick<TickwellService, 'limits' | 'limitTexts'>) {
  const names = new Set([...TOLD_FIRST, ...Object.keys(limitTexts)]);
  return [...names].flatMap((name) => {
    const text = limitTexts[name];
    return text === undefined ? [] : [{ name, value: limits[name as keyof Limits], text }];
  });
}

/**
 * The limits, with what the host's clocks may differ by as what that is of the market's time: at a
 * speed of 10,000, a tenth of a second is a quarter of an hour. Where rows wait for the log that
 * several servers share, those are no reason to send a reader away who comes from another one: he
 * waits for them too.
 */
export function limitsNow({
  limits,
  clock,
  feed,
}: Pick<TickwellService, 'limits' | 'clock' | 'feed'>): Limits {
  const { speed } = clock;
  const aheadMs = limits.aheadMs * speed;
  const lateMs = clock.marketMs() - feed.nextDueMs();
  // Half of it is left for clocks that differ.
  if (lateMs > aheadMs / 2) return { ...limits, aheadMs: aheadMs + lateMs };
  return speed === 1 ? limits : { ...limits, aheadMs };
}
