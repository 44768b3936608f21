import { setTimeout as sleep } from 'node:timers/promises';
import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import {
  createInbox,
  headers,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import { type Broker, type Newest, type Outcome, SinkProblem } from './broker.ts';
import { idOf, type SinkMessage } from './message.ts';

/** So long an answer may take; then nobody knows whether it is in. */
const ANSWER_MS = 5000;
/** How long until a broker that did not answer is asked again. */
const RETRY_MS = 500;

/** Codes of JetStream: source, `server/errors.json` of nats-server. */
const STREAM_NOT_FOUND = 10059;
const WRONG_LAST = [10071, 10164];
const NO_RESPONDERS = 503;

export interface NatsBrokerOptions {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** The subject of a message; `{symbol}` stands for its name. */
  readonly subject: string;
  readonly tell: (sentence: string) => void;
}

/** Messages that were published together, until all of them are answered. */
interface Batch {
  /** The sequence that the first of them has if it is in. */
  readonly first: number;
  left: number;
  outcome: Outcome;
  settle: (outcome: Outcome) => void;
}

/**
 * A stream of NATS JetStream. A place is the sequence of the message there: the expected last
 * sequence of what is published behind it, whatever the broker remembers of ids.
 *
 * It is that of the stream, not of a subject: the next one is then known before an answer is there,
 * so that many are on their way at once. The price is that a stream has one sink.
 */
export class NatsBroker implements Broker<number> {
  /** Before the first message, all who begin have the same sequence and rows of their own. */
  readonly isPlaceUnique = false;
  readonly #options: NatsBrokerOptions;
  readonly #manager: JetStreamManager;
  readonly #inbox = createInbox();
  readonly #answers: Subscription;
  readonly #batches = new Map<string, Batch>();
  #batchNumber = 0;
  #told: string | undefined;
  #isChecked = false;

  private constructor(options: NatsBrokerOptions, manager: JetStreamManager) {
    this.#options = options;
    this.#manager = manager;
    this.#answers = options.connection.subscribe(`${this.#inbox}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.#answer(message);
      },
    });
  }

  static async open(options: NatsBrokerOptions): Promise<NatsBroker> {
    // The check would ask a broker that may not be there yet.
    const about = { timeout: ANSWER_MS, checkAPI: false };
    return new NatsBroker(options, await jetstreamManager(options.connection, about));
  }

  async newest(signal: AbortSignal): Promise<Newest<number>> {
    const { connection, stream } = this.#options;
    for (;;) {
      try {
        return await this.#ask();
      } catch (error) {
        if (error instanceof SinkProblem) throw error;
        if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) {
          throw new SinkProblem(`stream must be there before a sink is; given: ${stream}`);
        }
        if (signal.aborted) return { place: 0, message: undefined };
        if (connection.isClosed()) throw new Error('NATS has ended the connection for good');
        this.#tell(`the broker does not answer for ${stream}: ${sentenceOf(error)}`);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #ask(): Promise<Newest<number>> {
    const { stream } = this.#options;
    const { streams } = this.#manager;
    if (!this.#isChecked) checkConfig((await streams.info(stream)).config, this.#options);
    this.#isChecked = true;
    const newest = await streams.getMessage(stream, { last_by_subj: '>' });
    if (newest !== null) {
      const id = newest.header?.get('Nats-Msg-Id') ?? '';
      return { place: newest.seq, message: { id, body: newest.data } };
    }
    return { place: (await streams.info(stream)).state.last_seq, message: undefined };
  }

  append(place: number, messages: readonly SinkMessage[]): Promise<Outcome> {
    const { connection, subject } = this.#options;
    const number = String(this.#batchNumber++);
    return new Promise((resolve) => {
      const timer = setTimeout(() => batch.settle('unknown'), ANSWER_MS);
      const batch: Batch = {
        first: place + 1,
        left: messages.length,
        outcome: 'in',
        settle: (outcome) => {
          clearTimeout(timer);
          this.#batches.delete(number);
          resolve(outcome);
        },
      };
      this.#batches.set(number, batch);
      try {
        for (const [n, message] of messages.entries()) {
          const about = headers();
          about.set('Nats-Msg-Id', idOf(message));
          about.set('Nats-Expected-Last-Sequence', String(place + n));
          const reply = `${this.#inbox}.${number}.${n}`;
          const to = subject.replaceAll('{symbol}', message.name);
          connection.publish(to, message.body, { reply, headers: about });
        }
      } catch {
        // The connection is closed: some may have gone out before.
        batch.settle('unknown');
      }
    });
  }

  after(place: number, messages: readonly SinkMessage[]): number {
    return place + messages.length;
  }

  /** Takes no more answers. */
  close(): void {
    this.#answers.unsubscribe();
  }

  #answer(message: Msg): void {
    const [number, place] = message.subject.slice(this.#inbox.length + 1).split('.');
    const batch = this.#batches.get(number!);
    if (batch === undefined) return;
    const outcome = this.#outcomeOf(message, batch.first + Number(place));
    if (outcome !== 'in' && batch.outcome === 'in') batch.outcome = outcome;
    batch.left -= 1;
    if (batch.left === 0) batch.settle(batch.outcome);
  }

  /** What an answer says of the message that is to have the sequence `expected`. */
  #outcomeOf(message: Msg, expected: number): Outcome {
    const { stream, seq, error } = answerOf(message);
    // A stream that does not take it says its name too.
    if (error === undefined && stream === this.#options.stream) {
      // One that is full can be read all the while: what was told ends with what it takes.
      this.#told = undefined;
      // An id that the broker remembers of another place is not at this one.
      return seq === expected ? 'in' : 'refused';
    }
    if (error !== undefined && WRONG_LAST.includes(error.err_code)) return 'refused';
    const why = error?.description ?? `it goes to another stream, ${stream}`;
    this.#tell(`the broker takes nothing for ${this.#options.stream}: ${why}`);
    return 'unknown';
  }

  /** Says the same once, until something is taken again. */
  #tell(sentence: string): void {
    if (sentence !== this.#told) this.#options.tell(sentence);
    this.#told = sentence;
  }
}

/** What JetStream answers to a message. */
interface Acknowledgement {
  readonly stream?: string;
  readonly seq?: number;
  readonly error?: { readonly err_code: number; readonly description: string };
}

function answerOf(message: Msg): Acknowledgement {
  if (message.headers?.code !== NO_RESPONDERS) return message.json<Acknowledgement>();
  return { error: { err_code: NO_RESPONDERS, description: 'nobody leads the stream' } };
}

/** Throws a `SinkProblem` if a stream is none for a sink. */
function checkConfig(
  { retention, subjects }: StreamConfig,
  { stream, subject }: Pick<NatsBrokerOptions, 'stream' | 'subject'>,
): void {
  if (retention !== 'limits') {
    const rule = 'stream must keep what was read (retention "limits")';
    throw new SinkProblem(`${rule}; given: ${retention} of ${stream}`);
  }
  if (subjects.some((own) => takes(own, subject.replaceAll('{symbol}', 'x')))) return;
  const wanted = subject.replaceAll('{symbol}', '*');
  const rule = `stream must have the subject ${wanted}`;
  throw new SinkProblem(`${rule}; given: ${stream}, which has ${subjects.join(', ')}`);
}

/** Whether a stream with the subject `own` takes messages of `subject`. */
function takes(own: string, subject: string): boolean {
  const [parts, given] = [own.split('.'), subject.split('.')];
  for (const [n, part] of parts.entries()) {
    if (part === '>') return given.length > n;
    if (given[n] === undefined || (part !== '*' && part !== given[n])) return false;
  }
  return parts.length === given.length;
}

function sentenceOf(error: unknown): string {
  const { message } = error as Error;
  return message === '' ? 'no answer' : message;
}
