import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWrongLog, logSentence } from '../../src/cli/nats.ts';
import { LogDiverged } from '../../src/cluster/log-state.ts';
import { UnusableLog } from '../../src/cluster/nats-errors.ts';
import { CliThread } from '../helpers/cli.ts';
import { expectSentence } from '../helpers/sentence.ts';

let cli: CliThread;
let folder: string;
beforeAll(() => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  writeFileSync(join(folder, 'secret'), 'hunter2');
});
afterAll(async () => {
  await cli.end();
  rmSync(folder, { recursive: true });
});

const NATS = '--nats=nats://localhost:4222';

describe('a log in NATS on the command line', () => {
  it.each<[args: readonly string[], field: string, given: string]>([
    [['--nats=localhost:4222'], 'nats', 'localhost:4222'],
    [['--nats=http://localhost'], 'nats', 'http://localhost'],
    [['--nats=nats://a,'], 'nats', ''],
    [['--nats=nats://a,tls://b'], 'nats', 'tls://b'],
    [['--nats=nats://me:hunter2@a/x'], 'nats', 'nats://***@a/x'],
    [[NATS, '--log=market.log'], 'log', 'market.log'],
    [[NATS, '--log-name='], 'log-name', ''],
    [[NATS, '--log-name=a.b'], 'log-name', 'a.b'],
    [[NATS, '--lead=1s'], 'lead', '1s'],
    [[NATS, '--lead=61s'], 'lead', '61s'],
    [[NATS, '--lead=soon'], 'lead', 'soon'],
    [[NATS, '--nats-replicas=2'], 'nats-replicas', '2'],
    [[NATS, '--nats-replicas=all'], 'nats-replicas', 'all'],
    [[NATS, '--nats-any-version=maybe'], 'nats-any-version', 'maybe'],
    [['--lead=2s'], 'lead', '2s'],
    [['--log-name=staging'], 'log-name', 'staging'],
    [['--nats-replicas=1'], 'nats-replicas', '1'],
    [['--nats-creds=x.creds'], 'nats-creds', 'x.creds'],
    [['--nats-ca=ca.pem'], 'nats-ca', 'ca.pem'],
    [['--nats-any-version'], 'nats-any-version', 'true'],
  ])('%j is told in one sentence', async (args, field, given) => {
    const { code, stdout, stderr } = await cli.run(['serve', '--port=0', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expectSentence(stderr.replace(/^tickwell: /, '').trimEnd(), field, given);
  });

  it.each([
    ['nats-creds', 'must be a creds file, with a JWT and a seed of NATS'],
    ['nats-ca', 'must be a certificate as PEM'],
    ['nats-key', 'must be a private key as PEM'],
  ])('%s must be a file with that in it, which is not shown', async (option, rule) => {
    const file = join(folder, 'secret');
    const run = await cli.run(['serve', '--port=0', NATS, `--${option}=${file}`]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(`tickwell: ${option} ${rule}; given: `);
    expect(run.stderr).not.toContain('hunter2');
    const none = await cli.run(['serve', '--port=0', NATS, `--${option}=/none`]);
    expect(none).toEqual({
      code: 2,
      stdout: '',
      stderr: `tickwell: ${option} "/none" is not there\n`,
    });
  });

  it('counts by its variables too', async () => {
    const env = { TICKWELL_NATS: 'nats://a', TICKWELL_LOG_NAME: 'a b' };
    const run = await cli.run(['serve', '--port=0'], env);
    expect(run.stderr).toBe('tickwell: log-name must be 1 to 64 of A-Z a-z 0-9 _ -; given: a b\n');
  });

  it('is for the user to put right where it diverged, and says so by the code of the documents', () => {
    const diverged = new LogDiverged('message 5 of the log is another one');
    expect(isWrongLog(diverged)).toBe(true);
    expect(logSentence(diverged)).toBe('log_diverged: message 5 of the log is another one');
    expect(logSentence(new UnusableLog('the stream must be'))).toBe('the stream must be');
  });
});
