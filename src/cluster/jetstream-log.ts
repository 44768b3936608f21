import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  ReplayPolicy,
  type StreamInfo,
} from '@nats-io/jetstream';
import { errors, headers, type Msg, type NatsConnection, nanos } from '@nats-io/transport-node';
import { deliveredOf } from './delivered.ts';
import {
  checkStream,
  entrySubject,
  type LogNames,
  sealSubject,
  streamConfig,
  streamName,
} from './log-stream.ts';
import type {
  AppendFailed,
  Found,
  LogSession,
  LogTransport,
  Outgoing,
  Resumed,
  SessionHandler,
} from './log-transport.ts';
import { connectNats } from './nats-connection.ts';
import { UnusableLog } from './nats-errors.ts';
import type { NatsOptions } from './nats-options.ts';
import { versionProblem } from './nats-version.ts';

/** So long an answer may take: behind it, the connection is given up by whoever asked. */
const ANSWER_MS = 2500;
/** A consumer says so often that it is there, and is taken for gone when it has not for long. */
const HEARTBEAT_MS = 1000;
const SILENT_MS = 3000;
/** Of a consumer that nobody listens to any more. */
const FORGOTTEN_MS = 30_000;
/** The status of messages that are not of the stream. */
const CONTROL_STATUS = 100;

/** Where a log is in NATS. */
export interface JetStreamLogOptions extends LogNames {
  readonly nats: NatsOptions;
  /** Whether a server is taken that may lose what it acknowledged. */
  readonly anyVersion: boolean;
  /** Called with what was found, at each connection. */
  readonly found: (what: FoundLog) => void;
}

/** What a log was found to be. */
export interface FoundLog {
  readonly server: string;
  readonly version: string;
  readonly stream: string;
  readonly replicas: number;
}

/** A log in a stream of NATS JetStream. */
export class JetStreamLog implements LogTransport {
  readonly name: string;
  readonly #options: JetStreamLogOptions;
  #sessions = 0;

  constructor(options: JetStreamLogOptions) {
    this.#options = options;
    this.name = streamName(options);
  }

  open(resumed: Resumed, handler: SessionHandler): LogSession {
    return new JetStreamSession(this.#options, this.#sessions++, resumed, handler);
  }
}

class JetStreamSession implements LogSession {
  readonly #options: JetStreamLogOptions;
  readonly #handler: SessionHandler;
  #connection: NatsConnection | undefined;
  #manager: JetStreamManager | undefined;
  #isClosed = false;
  #silence: NodeJS.Timeout | undefined;
  #delivered = 0;

  constructor(options: JetStreamLogOptions, n: number, resumed: Resumed, handler: SessionHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#open(n, resumed).catch((error: unknown) => this.#end(error as Error));
  }

  async #open(server: number, { count, mayMake }: Resumed): Promise<void> {
    const { nats, anyVersion } = this.#options;
    const connection = await connectNats(nats, { name: 'tickwell', server });
    this.#connection = connection;
    if (this.#isClosed) return this.#hangUp();
    void connection.closed().then((error) => this.#end(error || new Error('it hung up')));
    const { version } = connection.info!;
    const problem = anyVersion ? undefined : versionProblem(version);
    if (problem !== undefined) {
      throw new UnusableLog(
        `nats-server ${problem}; given: ${version} at ${connection.getServer()}`,
      );
    }
    this.#manager = await jetstreamManager(connection, { timeout: ANSWER_MS });
    const { config, state } = await this.#stream(this.#manager, mayMake);
    this.#options.found({
      server: connection.getServer(),
      version,
      stream: config.name,
      replicas: config.num_replicas,
    });
    const entry = count === 0 ? undefined : await this.#entry(this.#manager, count - 1);
    if (!this.#isClosed) this.#handler.opened({ lastSeq: state.last_seq, entry } satisfies Found);
  }

  /** What is known of the stream, which is made if it may be. */
  async #stream({ streams }: JetStreamManager, mayMake: boolean): Promise<StreamInfo> {
    const config = streamConfig(this.#options);
    let found: StreamInfo;
    try {
      found = await streams.info(config.name);
    } catch (error) {
      if (codeOf(error) !== JetStreamApiCodes.StreamNotFound || !mayMake) throw error;
      found = await streams.add({ ...config, subjects: [...config.subjects] }).catch((why) => {
        throw withRule(why, this.#options);
      });
    }
    checkStream(this.#options, found.config);
    return found;
  }

  async #entry({ streams }: JetStreamManager, place: number): Promise<Uint8Array | undefined> {
    const subject = entrySubject(this.#options, place);
    const message = await streams.getMessage(streamName(this.#options), { last_by_subj: subject });
    return message?.data;
  }

  follow(seq: number): void {
    this.#follow(seq).catch((error: unknown) => this.#end(error as Error));
  }

  async #follow(seq: number): Promise<void> {
    const inbox = `_INBOX.tickwell.${crypto.randomUUID()}`;
    this.#connection!.subscribe(inbox, {
      callback: (error, message) => (error ? this.#end(error) : this.#receive(message)),
    });
    this.#heard();
    await this.#manager!.consumers.add(streamName(this.#options), {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: seq + 1,
      replay_policy: ReplayPolicy.Instant,
      deliver_subject: inbox,
      idle_heartbeat: nanos(HEARTBEAT_MS),
      flow_control: true,
      inactive_threshold: nanos(FORGOTTEN_MS),
      mem_storage: true,
      num_replicas: 1,
    });
  }

  #receive(message: Msg): void {
    if (this.#isClosed) return;
    this.#heard();
    if (message.headers?.code === CONTROL_STATUS) {
      this.#control(message);
      return;
    }
    const delivered = deliveredOf(message.reply);
    if (delivered === undefined) return;
    // It is not asked for again: another connection begins where this one was whole.
    if (delivered.nth !== this.#delivered + 1) {
      this.#end(new Error(LOST));
      return;
    }
    this.#delivered = delivered.nth;
    this.#handler.read({ ...delivered, bytes: message.data });
  }

  /** A sign of life, or a question whether what came was read. */
  #control({ reply, headers: said }: Msg): void {
    const stalled = said?.get('Nats-Consumer-Stalled') ?? '';
    const ask = reply || stalled;
    if (ask) this.#connection!.publish(ask);
    const last = Number(said?.get('Nats-Last-Consumer') ?? '');
    if (last > this.#delivered) this.#end(new Error(LOST));
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(new Error('it says nothing')), SILENT_MS);
  }

  append({ bytes, place, behind }: Outgoing, failed: (error: AppendFailed) => void): void {
    const subject =
      place === undefined ? sealSubject(this.#options) : entrySubject(this.#options, place);
    const expected = headers();
    expected.set('Nats-Expected-Last-Sequence', String(behind));
    const answered = this.#connection!.request(subject, bytes, {
      headers: expected,
      timeout: ANSWER_MS,
    });
    answered
      .then((answer) => {
        const { error } = answer.json<{ readonly error?: AnswerError }>();
        if (error === undefined) return;
        const { err_code: code, description: message } = error;
        failed({ isRefused: WRONG_SEQUENCE.includes(code), message });
      })
      .catch((error: unknown) => {
        // Nobody answers while a leader is chosen: what is in is read.
        const { cause } = error as Error;
        if (!(cause instanceof errors.PermissionViolationError)) return;
        failed({ isRefused: false, message: cause.message });
      });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    this.#hangUp();
  }

  #hangUp(): void {
    // It may be that nobody answers any more.
    this.#connection?.close().catch(() => {});
  }

  #end(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#handler.ended(error);
  }
}

interface AnswerError {
  readonly err_code: number;
  readonly description: string;
}

const LOST = 'messages were lost on the way';
const WRONG_SEQUENCE: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];
/** A server alone keeps nothing twice. Source: NATS, `errors.json`. */
const NOT_CLUSTERED = 10074;
/** There are not so many servers, or not yet: a cluster that starts is found one by one. */
const NO_PEERS = 10005;

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function withRule(error: unknown, { replicas }: LogNames): unknown {
  const code = codeOf(error);
  if (code !== NOT_CLUSTERED && code !== NO_PEERS) return error;
  const rule = `nats-replicas must be at most the servers that NATS has; given: ${replicas}`;
  const sentence = `${rule} (${(error as Error).message})`;
  return code === NOT_CLUSTERED ? new UnusableLog(sentence) : new Error(sentence);
}
