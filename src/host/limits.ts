import { inQuotes, ruleBroken } from '../core/market/quoted.ts';
import { unknownName } from '../core/market/unknown.ts';

/**
 * Every number that bounds what one client can ask of the server, each with its reason. All can be
 * set: `tickwell serve --limit name=value`. Times are in milliseconds.
 */
export const DEFAULT_LIMITS = {
  /** A request names some symbols and a time; longer ones are mistakes or attacks. */
  maxPayloadBytes: 4096,
  /** Of one message: it would fit one frame. */
  maxFragments: 16,
  /** Enough for a screen of charts; each costs one cursor. */
  maxSubscriptions: 16,
  /** Nobody needs to ask faster where rows come by themselves; pings of the protocol count too. */
  messagesPerSecond: 10,
  /** All subscriptions of a page at once. */
  messagesBurst: 20,
  /** Messages over the rate are refused; a client that goes on so often within a burst is cut. */
  refusalsBurst: 100,
  /** Wrong requests, but for those that may succeed later. A program that loops on one is ended. */
  badRequestsBurst: 20,
  badRequestsPerMinute: 6,
  /** Of one connection: fetches, candles, and what else waits for room. More would wait longer. */
  maxPendingRequests: 16,
  /** Who connects wants something; an open socket that asks for nothing only takes a place. */
  firstRequestMs: 10_000,
  /** About 6 MB of JSON: large enough to page quickly, small enough to encode in one go. */
  maxPricesPerAnswer: 1_000_000,
  /** Some screens' widths of candles; a chart's window asks for 512. */
  maxCandlesPerAnswer: 10_000,
  /** In a message of the stream: as much as a slow client reads in time. */
  maxCandlesPerMessage: 500,
  /** Two years of seconds of one walk take 50 ms; twenty are still answered within a second. */
  maxRowsPerAnswer: 1_000_000_000,
  /** Of Parquet too. Each is a column; Apache Arrow describes all in one go, of 1 to 2 ms. */
  maxArrowSymbols: 1000,
  /** Points of one sparkline, far beyond what its few pixels show. */
  maxSparklinePoints: 500,
  /** Of one realism report: a day of tenths of a second; some 32 bytes are held for each. */
  maxRealismRows: 1_048_576,
  /**
   * What one address may have computed, in units of one price of a walk (see `cost.ts`). Half a
   * core for each, which is 5,000 requests a second; the burst is a screen of charts over ten years
   * at once, or an office of 500 whose browsers each load the page and 100 answers.
   */
  workPerSecond: 500_000_000,
  workBurst: 10_000_000_000,
  /**
   * Frames of at most this size: a heartbeat does not wait behind data, and a client that reads but
   * 1 kB a second is seen to move, by the pong behind each, before it would be taken for stuck.
   */
  frameBytes: 16_384,
  /** Sent to a client and not yet read by it: above it, rows and answers wait until it reads. */
  maxUnreadBytes: 262_144,
  /** A stream is never silent for longer. */
  heartbeatMs: 15_000,
  /**
   * Pings go behind this much data or after this long: their pongs tell what has been read. With a
   * frame behind that, who reads 1 kB a second still answers within `stallMs`.
   */
  pingBytes: 12_288,
  pingMs: 20_000,
  /** A client that owes a pong for longer is gone. Any round trip is shorter. */
  pongMs: 20_000,
  /** A client that has rows to read and reads nothing for so long is stuck. */
  stallMs: 30_000,
  /** WebSockets and event streams together; fewer where the system allows fewer descriptors. */
  maxConnections: 10_000,
  /** A tenth of all; offices and proxies share an address. */
  maxConnectionsPerAddress: 1000,
  /** Sockets beyond those, so that pages, health checks and refusals are still served. */
  spareConnections: 256,
  /**
   * HTTP requests of one address that are being answered at once, but for event streams and files.
   * Each holds an answer of up to 6 MB until its client has read it; browsers ask six at a time.
   */
  maxAnswersPerAddress: 16,
  /** Of a request of HTTP, where a protocol takes one: it is parsed in one go, of up to 2 ms. */
  maxBodyBytes: 16_384,
  /** For the headers of a request, and for all of it: a client that sends slowly holds a socket. */
  headersMs: 10_000,
  requestMs: 20_000,
  /** Between two requests of one HTTP connection: longer than proxies keep theirs. */
  keepAliveMs: 65_000,
  /** Long work gives the event loop back this often, so that live rows are never late by more. */
  sliceMs: 5,
  /** Replicas' clocks differ: a cursor this far ahead of the head waits instead of failing. */
  aheadMs: 2000,
  aheadIntervals: 3,
  /** A client that got `bye` comes back within this time, each at its own moment. */
  retryAfterMs: 2000,
  /**
   * What `retry` asks of an EventSource, and after `bye` up to twice as much: it gives up for ever
   * at the first answer that is not 200, as a proxy's 502 while its server restarts.
   */
  eventsRetryMs: 5000,
  /** Sockets that have not closed by then are cut. */
  closeGraceMs: 1500,
} as const;

export type LimitName = keyof typeof DEFAULT_LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** Timers and typed arrays take no more. */
const MAX_LIMIT = 2 ** 31 - 1;

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Looked at once a second: what is shorter would end those that did nothing wrong. */
const BY_SECOND: Range = { least: 1000, most: MAX_LIMIT };
/** Prices add up to more than a timer takes. */
const WORK: Range = { least: 1, most: 10 ** 15 };

/** What a limit may be, where that is not any number from 1 (of bytes: 1024) to `MAX_LIMIT`. */
const RANGES: Readonly<Partial<Record<LimitName, Range>>> = {
  // As one text, they must fit the longest that there is.
  maxPricesPerAnswer: { least: 1, most: 25_000_000 },
  maxCandlesPerAnswer: { least: 1, most: 1_000_000 },
  maxCandlesPerMessage: { least: 1, most: 100_000 },
  workPerSecond: WORK,
  workBurst: WORK,
  frameBytes: { least: 1024, most: 2 ** 24 },
  firstRequestMs: BY_SECOND,
  heartbeatMs: BY_SECOND,
  pingMs: BY_SECOND,
  pongMs: BY_SECOND,
  stallMs: BY_SECOND,
  headersMs: { least: 1000, most: 300_000 },
  requestMs: BY_SECOND,
  keepAliveMs: BY_SECOND,
  sliceMs: { least: 1, most: 1000 },
  closeGraceMs: { least: 1, most: 60_000 },
};

/** Limits that must be at most others, and what would happen otherwise. */
const ORDER: readonly (readonly [smaller: LimitName, larger: LimitName])[] = [
  // One frame would be more than may be unread.
  ['frameBytes', 'maxUnreadBytes'],
  // A full connection would have no ping on its way whose pong tells that it has room again.
  ['pingBytes', 'maxUnreadBytes'],
  // Clients are told the one, and would be refused by the other.
  ['maxCandlesPerMessage', 'maxCandlesPerAnswer'],
  // The headers are a part of the request.
  ['headersMs', 'requestMs'],
];

/** What is wrong with a changed limit, as one sentence; undefined if nothing is. */
export function limitProblem(name: string, value: unknown): string | undefined {
  if (!isLimitName(name)) {
    const known = Object.keys(DEFAULT_LIMITS);
    return unknownName({ kind: 'limit', name, known, see: 'PROTOCOL.md lists them' });
  }
  const least = name.endsWith('Bytes') ? 1024 : 1;
  const range = RANGES[name] ?? { least, most: MAX_LIMIT };
  if (Number.isInteger(value) && isWithin(range, value as number)) return undefined;
  const rule = `must be a whole number from ${range.least} to ${range.most}`;
  return ruleBroken(`limit ${name}`, rule, value);
}

/** The default limits with some changed. Throws a `RangeError` with one sentence on a problem. */
export function limitsOf(changes: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(changes)) {
    // In quotes: it may look like a number.
    const given: unknown = typeof value === 'string' ? inQuotes(value) : value;
    const problem = limitProblem(name, given);
    if (problem !== undefined) throw new RangeError(problem);
  }
  const limits = { ...DEFAULT_LIMITS, ...changes };
  for (const [smaller, larger] of ORDER) {
    if (limits[smaller] <= limits[larger]) continue;
    throw new RangeError(
      `limit ${smaller} must be at most ${larger}, which is ${limits[larger]}; given: ` +
        `${limits[smaller]}`,
    );
  }
  return limits;
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(DEFAULT_LIMITS, name);
}

function isWithin({ least, most }: Range, value: number): boolean {
  return value >= least && value <= most;
}
