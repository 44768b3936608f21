import { RedisBroker } from '../cluster/sinks/redis-broker.ts';
import type { RedisSinkOptions } from './commands/sink.ts';
import { runSink } from './sink.ts';
import { UsageError } from './usage-error.ts';

/** Publishes to Redis until it is to end; gives the exit code. */
export function sinkToRedis(options: RedisSinkOptions): Promise<number> {
  const { url, stream: key } = options;
  if (key === '') throw new UsageError(['stream must be a key of Redis; given: ""']);
  if (!/^rediss?:\/\/[^/]+/.test(url) || !URL.canParse(url)) {
    const rule = 'url must be an address such as redis://localhost:6379';
    throw new UsageError([
      `${rule}; given: ${url === '' ? '""' : url.replace(/\/\/[^/]*@/, '//***@')}`,
    ]);
  }
  const maxLength = lengthOf(options.maxLength);
  return runSink(options, false, async (tell) => {
    const broker = new RedisBroker({ url, key, maxLength, tell });
    return { broker, close: () => broker.close() };
  });
}

function lengthOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError([
    `max-length must be a whole number from 1 on; given: ${text === '' ? '""' : text}`,
  ]);
}
