/**
 * `tickwell/client/grade`: have what was recorded graded, and list what was done to it. Apart from
 * `tickwell/client`, because pages that only read rows have no use for it.
 */

import type { Grade, StrikesAnswer, TimedStrike } from '../wire/grade-messages.ts';
import type { TimeText } from '../wire/messages.ts';
import { get, type MarketCallOptions } from './http.ts';
import { checkNames } from './names.ts';

export type * from '../wire/grade-messages.ts';

/** A record as JSON has it: of a row `time`, `symbol`, `price`; docs/grading.md has the others. */
export type GradedRecord = Readonly<Record<string, unknown>>;

/**
 * A whole text or its bytes; or piece by piece, as they are recorded: records, or parts of a text
 * or of its bytes.
 */
export type Recorded =
  | string
  | Uint8Array
  | Iterable<GradedRecord>
  | AsyncIterable<GradedRecord | string | Uint8Array>;

export interface GradeOptions extends MarketCallOptions {
  /** In the order in which it was taken in, of any length. */
  readonly recording: Recorded;
  /** How texts and bytes are written. Default: what they look like. */
  readonly format?: 'csv' | 'ndjson' | 'arrow' | undefined;
  /** What is recorded. Default `rows`. */
  readonly what?: 'rows' | 'candles' | 'trades' | undefined;
  /** Of which there must be records. Default: those that there are some of. */
  readonly symbols?: readonly string[] | '*' | undefined;
  /** Records must be there after this time. Default: from the first on. */
  readonly since?: TimeText | undefined;
  /** And up to this one. Default: to the last. */
  readonly until?: TimeText | undefined;
  /** How prices were recorded. Default `ticks`. */
  readonly prices?: 'ticks' | 'decimal' | undefined;
  /** Of candles: their width, such as `1m`. */
  readonly resolution?: string | undefined;
  readonly tz?: string | undefined;
  readonly offset?: string | undefined;
  /** False if candles of rows alone that are closed or halted need not be there. */
  readonly held?: boolean | undefined;
  /** The profile it was recorded under: what is wrong is matched with its strikes. */
  readonly faults?: string | undefined;
  readonly faultSeed?: number | undefined;
}

export interface FaultsOptions extends MarketCallOptions {
  /** The profile, such as `drop@1%`, or its name. Default: that of the path in `url`. */
  readonly faults?: string | undefined;
  /** Default 1. */
  readonly faultSeed?: number | undefined;
  /** Whose prices. Default: all instruments. */
  readonly symbols?: readonly string[] | '*' | undefined;
  /** Time of the row before the first. */
  readonly since: TimeText;
  /** Time of the last row, which may be to come. Default: the newest. */
  readonly until?: TimeText | undefined;
}

const CALL = 'url signal fetch market';
const GRADE =
  `${CALL} recording format what symbols since until prices resolution tz offset held faults ` +
  'faultSeed';
const FAULTS = `${CALL} faults faultSeed symbols since until`;

/**
 * What the server says of a recording, held against what is true. Records go to it as they come, in
 * Node; browsers cannot send so, and gather them first. Throws what all calls throw.
 */
export async function grade(options: GradeOptions): Promise<Grade> {
  checkNames(options, GRADE);
  const { recording, ...asked } = options;
  return get('v1/grade', asked, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: await bodyOf(recording),
    duplex: 'half',
  });
}

/**
 * All strikes of a profile on the rows with `since < time <= until`, in the order of their rows.
 * One answer of the server is asked for after the other. Throws what all calls throw.
 */
export async function* faults(options: FaultsOptions): AsyncGenerator<TimedStrike, void, void> {
  checkNames(options, FAULTS);
  let since: TimeText | undefined = options.since;
  while (since !== undefined) {
    const asked: MarketCallOptions = { ...options, since } as FaultsOptions;
    const answer: StrikesAnswer = await get('v1/faults', asked);
    yield* answer.strikes;
    const { until, head } = answer;
    // Of a range whose end was named, it is known by an answer that gets no further.
    since = until === answer.since || until === head ? undefined : until;
  }
}

async function bodyOf(recording: Recorded): Promise<string | Blob | ReadableStream<Uint8Array>> {
  if (typeof recording === 'string') return recording;
  if (recording instanceof Uint8Array) return new Blob([new Uint8Array(recording)]);
  const pieces = piecesOf(recording);
  if (globalThis.document === undefined) return streamOf(pieces);
  const all: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Blob(all);
}

/** Records as lines of JSON, all else as it is. */
async function* piecesOf(
  recording: Exclude<Recorded, string | Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const encoder = new TextEncoder();
  for await (const piece of recording) {
    if (piece instanceof Uint8Array) yield new Uint8Array(piece);
    else yield encoder.encode(typeof piece === 'string' ? piece : `${JSON.stringify(piece)}\n`);
  }
}

function streamOf(pieces: AsyncGenerator<Uint8Array, void, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  });
}
