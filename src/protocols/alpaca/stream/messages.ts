import type { IncomingMessage } from 'node:http';
import {
  Decoder,
  decodeTimestampToTimeSpec,
  Encoder,
  EXT_TIMESTAMP,
  ExtensionCodec,
  encodeTimeSpecToTimestamp,
} from '@msgpack/msgpack';
import { TickwellError } from '../../../wire/errors.ts';
import type { Item } from '../items.ts';
import { Moment } from '../moment.ts';

/** How messages are written: as JSON, or as MessagePack to who asks for that when it connects. */
export type Codec = 'json' | 'msgpack';

export const MSGPACK = 'application/msgpack';

export function codecOf({ headers }: Pick<IncomingMessage, 'headers'>): Codec {
  return headers['content-type']?.trim().toLowerCase() === MSGPACK ? 'msgpack' : 'json';
}

const NANOS_PER_MS = 1_000_000;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: EXT_TIMESTAMP,
  encode: (value) =>
    value instanceof Moment
      ? encodeTimeSpecToTimestamp({ sec: value.seconds, nsec: value.nanos })
      : null,
  decode: (bytes) => {
    const { sec, nsec } = decodeTimestampToTimeSpec(bytes);
    const ms = Math.floor(nsec / NANOS_PER_MS);
    return new Moment(sec * 1000 + ms, (nsec - ms * NANOS_PER_MS) / 1000);
  },
});

const encoder = new Encoder({ extensionCodec });
const ownDecoder = new Decoder({ extensionCodec });

/** What a stranger may send: lists are made as long as they say they are, before they are read. */
const MOST_LISTED = 512;
const MOST_BYTES = 2 ** 16;
const decoder = new Decoder({
  ...{ maxArrayLength: MOST_LISTED, maxMapLength: MOST_LISTED, maxExtLength: MOST_LISTED },
  ...{ maxStrLength: MOST_BYTES, maxBinLength: MOST_BYTES },
  keyDecoder: null,
});

/** One message of a list, as it stands in that. */
export function packed(item: Item): Uint8Array {
  return encoder.encode(item);
}

/** The head of a list of so many messages. Source: the MessagePack specification, "array". */
export function listHead(count: number): Buffer {
  if (count < 16) return Buffer.from([0x90 | count]);
  const head = Buffer.alloc(count < 2 ** 16 ? 3 : 5);
  head[0] = head.length === 3 ? 0xdc : 0xdd;
  head.writeUIntBE(count, 1, head.length - 1);
  return head;
}

/** A list of messages that was written here, with its times as moments. */
export function unpacked(bytes: Uint8Array): Record<string, unknown>[] {
  return ownDecoder.decode(bytes) as Record<string, unknown>[];
}

/** A list of messages. */
export function listOf(codec: Codec, items: readonly Item[]): string | Uint8Array {
  if (codec === 'json') return JSON.stringify(items);
  return Buffer.concat([listHead(items.length), ...items.map(packed)]);
}

/** Why a message is refused, by the numbers that its clients know. */
export class StreamRefusal extends TickwellError {
  readonly number: number;

  constructor(number: number, message: string) {
    super('bad_request', message);
    this.number = number;
  }
}

export const invalidSyntax = () => new StreamRefusal(400, 'invalid syntax');

/** The fields of a message. Throws a `StreamRefusal` if it has none. */
export function fieldsOf(
  codec: Codec,
  message: string | Buffer,
): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value =
      typeof message === 'string' || codec === 'json'
        ? JSON.parse(String(message))
        : decoder.decode(message);
  } catch {
    throw invalidSyntax();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidSyntax();
  return value as Readonly<Record<string, unknown>>;
}
