import { expect } from 'vitest';
import type { RedisServer } from '../../helpers/redis.ts';
import type { BrokerOfRun } from '../sink-run.ts';

export const KEY = 'prices';

type Entry = readonly [id: string, fields: readonly string[]];

/** All that the stream holds, in order. */
export async function readAll(redis: RedisServer): Promise<{ id: string; body: string }[]> {
  const entries = (await redis.ask(['XRANGE', KEY, '-', '+'])) as readonly Entry[];
  return entries.map(([id, [, market, , row]]) => {
    expect(id).toMatch(/^\d+-0$/);
    return { id: `${market}:*:${Number.parseInt(id, 10)}`, body: row! };
  });
}

/** A redis-server as runs have it. */
export function brokerOfRun(redis: RedisServer): BrokerOfRun {
  return {
    args: ['redis', '--url', redis.url, '--stream', KEY],
    freeze: () => redis.freeze(),
    thaw: () => redis.thaw(),
    kill: () => redis.kill(),
    start: () => redis.start(),
    readAll: () => readAll(redis),
  };
}
