import { describe, expect, it } from 'vitest';
import { checkStream, streamConfig } from '../../src/cluster/log-stream.ts';
import { UnusableLog } from '../../src/cluster/nats-errors.ts';

const NAMES = { log: 'default', market: '55d772fb9c284b5c', replicas: 3 };

const check = (more: object) => () => checkStream(NAMES, { ...streamConfig(NAMES), ...more });

describe('a stream that was found', () => {
  it('is taken as we make it, with whatever of it says that it is not otherwise', () => {
    expect(check({})).not.toThrow();
    expect(check({ num_replicas: 5, sources: [], sealed: false, mirror: null })).not.toThrow();
    expect(check({ persist_mode: 'default' })).not.toThrow();
  });

  it.each([
    ['mirror', { name: 'OTHER' }],
    ['sources', [{ name: 'OTHER' }]],
    ['sealed', true],
    ['allow_msg_ttl', true],
    ['no_ack', true],
    // All entries under one subject: each takes the one before it away.
    ['subject_transform', { src: '>', dest: 'tickwell.log.default.55d772fb9c284b5c.seal' }],
    // What was acknowledged is not on the disk yet.
    ['persist_mode', 'async'],
  ])('is refused with %s', (field, value) => {
    const refused = check({ [field]: value });
    expect(refused).toThrow(UnusableLog);
    expect(refused).toThrow(`must have no ${field}; given: ${JSON.stringify(value)}`);
  });
});
