import { pino } from 'pino';
import { expect, it } from 'vitest';
import { ClientLog } from '../../src/host/client-log.ts';
import { Failures } from '../../src/host/failures.ts';
import { Metrics } from '../../src/host/metrics/metrics.ts';
import { clientErrorOf, noteRefused } from '../../src/host/refused.ts';
import { TickwellError } from '../../src/wire/errors.ts';
import { ManualClock } from '../helpers/clock.ts';

/** What is counted and logged of a refusal. */
function noted(error: unknown) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const clock = new ManualClock(0);
  const metrics = new Metrics();
  const failures = new Failures(logger, clock, metrics);
  const log = new ClientLog(logger, clock);
  const told = clientErrorOf(error);
  noteRefused({ metrics, failures, log }, told, { path: '/v1/rows', address: '::1' });
  const counted = Object.fromEntries([...metrics.refusals].filter(([, count]) => count > 0));
  return { counted, lines };
}

it('a client is told its own mistake in full, and of ours that it was ours', () => {
  const mistake = new TickwellError('bad_request', 'last must be a number', { limit: 5 });
  expect(clientErrorOf(mistake)).toBe(mistake);
  for (const ours of [new Error('secret'), 'secret', undefined]) {
    const { code, message, details } = clientErrorOf(ours);
    expect([code, details]).toEqual(['internal', {}]);
    expect(message).not.toContain('secret');
  }
});

it('a mistake of a client is counted by its code, and logged as a refusal', () => {
  const { counted, lines } = noted(new TickwellError('bad_request', 'no'));
  expect(counted).toEqual({ bad_request: 1 });
  const line = { level: 30, msg: 'refused', code: 'bad_request', path: '/v1/rows', address: '::1' };
  expect(lines).toMatchObject([line]);
});

it('a mistake of ours is counted and logged as a failure, once', () => {
  const { counted, lines } = noted(new Error('secret'));
  expect(counted).toEqual({ internal: 1 });
  expect(lines).toMatchObject([{ level: 50, msg: 'failed', path: '/v1/rows' }]);
  expect(lines[0]!.err).toMatchObject({ message: 'secret' });
});
