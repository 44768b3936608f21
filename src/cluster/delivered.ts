/** What JetStream says of a message that it delivers. */
export interface Delivered {
  /** The number of the message in its stream. */
  readonly seq: number;
  /** How many were delivered with it. */
  readonly nth: number;
  /** When the broker took it, in whole milliseconds since 1970. */
  readonly timeMs: number;
}

const NANOS_PER_MS = 1_000_000n;

/**
 * Read of the subject that a message would be acknowledged to; undefined if it is none. Source:
 * NATS, ADR-15: `$JS.ACK.STREAM.CONSUMER.TIMES.SEQ.NTH.NANOS.PENDING`, in later versions with a
 * domain and an account in front of the stream, and maybe more behind.
 */
export function deliveredOf(reply: string | undefined): Delivered | undefined {
  const tokens = reply?.split('.') ?? [];
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const [seq, nth, nanos] = tokens.slice(tokens.length < 11 ? 5 : 7);
  if (![seq, nth, nanos].every((token) => /^\d+$/.test(token ?? ''))) return undefined;
  return { seq: Number(seq), nth: Number(nth), timeMs: Number(BigInt(nanos!) / NANOS_PER_MS) };
}
