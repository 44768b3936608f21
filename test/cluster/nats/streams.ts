import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connectNats } from '../../../src/cluster/nats-connection.ts';
import type { Brokers } from '../../helpers/nats.ts';
import type { BrokerOfRun } from '../sink-run.ts';

export const STREAM = 'PRICES';

/** Makes a stream for a sink. */
export async function makeStream(
  servers: readonly string[],
  config: Partial<StreamConfig> = {},
): Promise<void> {
  const connection = await connectNats({ servers }, { name: 'test' });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: ['prices', 'prices.>'], ...config });
  await connection.close();
}

/** A message as it is in a stream. */
export interface StoredMessage {
  readonly id: string;
  readonly bytes: Buffer;
  readonly body: string;
  readonly subject: string;
}

/** All that a stream holds, in order. */
export async function readStream(
  servers: readonly string[],
  name = STREAM,
): Promise<StoredMessage[]> {
  const connection = await connectNats({ servers }, { name: 'test' });
  try {
    const manager = await jetstreamManager(connection);
    const { messages: count } = (await manager.streams.info(name)).state;
    const read: StoredMessage[] = [];
    if (count === 0) return read;
    const consumer = await manager.jetstream().consumers.get(name);
    const messages = await consumer.consume();
    for await (const message of messages) {
      const id = message.headers?.get('Nats-Msg-Id') ?? '';
      const bytes = Buffer.from(message.data);
      read.push({ id, bytes, body: message.string(), subject: message.subject });
      if (read.length >= count) break;
    }
    return read;
  } finally {
    await connection.close();
  }
}

/** Brokers as runs have them: what is done to one is done to the one that leads the stream. */
export function brokerOfRun(brokers: Brokers): BrokerOfRun {
  const { each, urls } = brokers;
  let chosen = each[0]!;
  return {
    args: ['nats', '--url', urls.join(), '--stream', STREAM],
    freeze: async () => {
      if (each.length > 1) chosen = await brokers.leader(STREAM);
      chosen.freeze();
    },
    thaw: () => chosen.thaw(),
    kill: () => chosen.kill(),
    start: () => chosen.start(),
    readAll: () => readStream(urls),
  };
}
