import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { type Broker, type Newest, type Outcome, SinkProblem } from './broker.ts';
import { idOf, type SinkMessage } from './message.ts';

/** So long an answer may take; then nobody knows whether it is in. */
const ANSWER_MS = 5000;
/** How long until a broker that did not answer is asked again. */
const RETRY_MS = 500;
const NOTHING = '0-0';

/**
 * Adds all entries of a call if the stream ends with the one that they follow, else none.
 *
 * That Redis refuses ids that are not newer is not enough: of two entries that are on their way,
 * the first may fail for a reason of its own (no memory, a connection that broke), and the second
 * not.
 */
const APPEND = `
local newest = '${NOTHING}'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #info, 2 do
    if info[n] == 'last-generated-id' then newest = info[n + 1] end
  end
end
if newest ~= ARGV[1] then return 0 end
for n = 3, #ARGV, 3 do
  if ARGV[2] == '' then
    redis.call('XADD', KEYS[1], ARGV[n], 'market', ARGV[n + 1], 'row', ARGV[n + 2])
  else
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[n], 'market', ARGV[n + 1], 'row',
      ARGV[n + 2])
  end
end
return 1`;

export interface RedisBrokerOptions {
  readonly url: string;
  readonly key: string;
  /** About how many entries the stream keeps; undefined for all. */
  readonly maxLength: number | undefined;
  readonly tell: (sentence: string) => void;
}

type Client = ReturnType<typeof newClient>;

/**
 * A stream of Redis: the id of an entry is the time of its row, `1796088920300-0`, and its place.
 * What is appended names the id of the entry that it follows.
 */
export class RedisBroker implements Broker<string> {
  readonly isPlaceUnique = true;
  readonly #options: RedisBrokerOptions;
  /** Undefined while there is no connection: the next look at the stream makes one. */
  #client: Client | undefined;
  #told: string | undefined;

  constructor(options: RedisBrokerOptions) {
    this.#options = options;
  }

  async newest(signal: AbortSignal): Promise<Newest<string>> {
    for (;;) {
      try {
        return await this.#ask();
      } catch (error) {
        if (error instanceof SinkProblem) throw error;
        if (signal.aborted) return { place: NOTHING, message: undefined };
        this.#tell(`Redis does not answer: ${whyOf(error)}`);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async append(place: string, messages: readonly SinkMessage[]): Promise<Outcome> {
    const { key, maxLength } = this.#options;
    const entries = messages.flatMap((message) => [
      ...[entryId(message), message.market, asBuffer(message.body)],
    ]);
    const most = maxLength === undefined ? '' : String(maxLength);
    try {
      const isIn = await this.#say(['EVAL', APPEND, '1', key, place, most, ...entries]);
      if (isIn !== 1) return 'refused';
      // One that is full can be read all the while: what was told ends with what it takes.
      this.#told = undefined;
      return 'in';
    } catch (error) {
      if (error instanceof ErrorReply) this.#tell(`Redis takes nothing: ${whyOf(error)}`);
      return 'unknown';
    }
  }

  after(_place: string, messages: readonly SinkMessage[]): string {
    return entryId(messages.at(-1)!);
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #ask(): Promise<Newest<string>> {
    const { key } = this.#options;
    if (this.#client === undefined) await this.#connect();
    try {
      if (Number(await this.#say(['EXISTS', key])) === 0) {
        return { place: NOTHING, message: undefined };
      }
      const info = (await this.#say(['XINFO', 'STREAM', key])) as readonly unknown[];
      const place = String(info[info.findIndex((name) => `${name}` === 'last-generated-id') + 1]);
      const [entry] = (await this.#say(['XRANGE', key, place, place])) as readonly Entry[];
      return { place, message: entry === undefined ? undefined : messageOf(entry) };
    } catch (error) {
      if (error instanceof ErrorReply && FINAL.test(error.message)) throw problemOf(key, error);
      throw error;
    }
  }

  /** Says something; rejects if there is no answer in time. A connection that fails is given up. */
  async #say(words: readonly (string | Buffer)[]): Promise<unknown> {
    const client = this.#client;
    if (client === undefined) throw new Error('there is no connection');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_MS);
    });
    try {
      return await Promise.race([client.sendCommand(words, { typeMapping: BYTES }), late]);
    } catch (error) {
      if (!(error instanceof ErrorReply)) this.#giveUp(client);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<void> {
    const client = newClient(this.#options.url);
    // Each of them comes to whoever has asked for something.
    client.on('error', () => this.#giveUp(client));
    this.#client = client;
    try {
      await client.connect();
    } catch (error) {
      this.#giveUp(client);
      if (error instanceof ErrorReply && FINAL.test(error.message)) {
        throw problemOf(this.#options.key, error);
      }
      throw error;
    }
  }

  #giveUp(client: Client): void {
    if (client.isOpen) client.destroy();
    if (this.#client === client) this.#client = undefined;
  }

  /** Says the same once, until something is taken again. */
  #tell(sentence: string): void {
    if (sentence !== this.#told) this.#options.tell(sentence);
    this.#told = sentence;
  }
}

/** What is said comes back as it was put in. */
const BYTES = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

/** An entry: its id, and its fields with their values. */
type Entry = readonly [id: Buffer, fields: readonly Buffer[]];

/** What Redis says that another try will not change. */
const FINAL = /^(WRONGTYPE|NOAUTH|WRONGPASS|NOPERM|ERR (AUTH|invalid password|DB index|unknown))/;

function newClient(url: string) {
  return createClient({
    url,
    RESP: 2,
    // What was asked for on a connection that broke is not asked for on the next one by itself.
    socket: { reconnectStrategy: false, connectTimeout: ANSWER_MS },
    disableOfflineQueue: true,
  });
}

/** The same bytes, not copied. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function entryId({ time }: SinkMessage): string {
  return `${time}-0`;
}

function messageOf([id, fields]: Entry): Newest<string>['message'] {
  const [name, market, own, row] = fields;
  if (`${name}` !== 'market' || `${own}` !== 'row' || row === undefined) {
    return { id: String(id), body: Buffer.alloc(0) };
  }
  const time = Number.parseInt(String(id), 10);
  return { id: idOf({ market: String(market), name: '*', time }), body: row };
}

function problemOf(key: string, error: ErrorReply): SinkProblem {
  return new SinkProblem(`Redis must have a stream ${key} for this user; given: ${error.message}`);
}

function whyOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || (code ?? 'no answer');
}
