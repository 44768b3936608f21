/** Every number that bounds what one client can ask of the server, each with its reason. */
export const LIMITS = {
  /** A request names some symbols and a time; longer ones are mistakes or attacks. */
  maxPayloadBytes: 4096,
  /** Enough for a screen of charts; each costs one cursor. */
  maxSubscriptions: 16,
  /** Waiting fetches and candles of one connection; more would only wait longer. */
  maxPendingRequests: 16,
  /** About 6 MB of JSON: large enough to page quickly, small enough to encode in one go. */
  maxPricesPerAnswer: 1_000_000,
  /** Some screens' widths of candles; a chart's window asks for 512. */
  maxCandlesPerAnswer: 10_000,
  /** Two years of seconds of one walk take 50 ms; twenty are still answered within a second. */
  maxRowsPerAnswer: 1_000_000_000,
  /** Points of one sparkline, far beyond what its few pixels show. */
  maxSparklinePoints: 500,
  /** Frames of at most this size, so that no heartbeat waits long behind data. */
  frameBytes: 65_536,
  /** A socket with more than this unsent is full: its subscriptions wait until it drains. */
  sendBufferBytes: 262_144,
  /** A stream is never silent for longer. */
  heartbeatMs: 15_000,
  /** Long work gives the event loop back this often, so that live rows are never late by more. */
  sliceMs: 5,
  /** Replicas' clocks differ: a cursor this far ahead of the head waits instead of failing. */
  aheadMs: 2000,
  aheadIntervals: 3,
  /** A client that got `bye` comes back within this time, each at its own moment. */
  retryAfterMs: 2000,
  /** Sockets that have not closed by then are cut when the server stops. */
  closeGraceMs: 1500,
} as const;
