import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../src/cli/commands/control.ts';
import { EFFECTS } from '../../src/core/market/entries/effects.ts';
import { SCENARIOS } from '../../src/core/market/entries/scenarios.ts';
import { CliThread, runCli } from '../helpers/cli.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const TOKEN = 'a-token-of-16-or-more';

let cli: CliThread;
let folder: string;
let server: TestServer;

beforeAll(async () => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-control-'));
});

afterEach(() => server?.stop());

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cli.end();
});

const run = (...args: readonly string[]) =>
  cli.run(['control', ...args, '--url', server.server.url]);
const logOf = async () => (await server.get('/v1/control/log')).json.entries;

describe('tickwell control', () => {
  it('has a command for each kind, and an option for each of its fields', () => {
    const fields = Object.entries(KINDS).map(([kind, [, own]]) => [kind, Object.keys(own).sort()]);
    const known = Object.entries(EFFECTS).map(([kind, own]) => [kind, Object.keys(own).sort()]);
    expect(fields).toEqual(known);
  });

  it('has something done, and says from when on', async () => {
    server = await startTestServer();
    const { code, stdout, stderr } = await run('halt', '--symbol', 'ticker_1', '--for', '30s');
    expect([code, stderr]).toEqual([0, '']);
    const [entry] = await logOf();
    expect(stdout).toBe(
      `halt takes effect at 2026-01-05T00:00:10Z, row 1000\nMarket ${entry.market}, ` +
        `key ${entry.key}\n`,
    );
    const effects = [{ kind: 'halt', symbol: 'ticker_1', for: 30_000, resume: 'base' }];
    expect(entry).toMatchObject({ index: 1000, effects });
  });

  it.each([
    [['shift', '--percent', '-7'], { kind: 'shift', percent: -7 }],
    [
      ['ramp', '--percent=-9', '--over', '45s', '--back-percent', '80', '--back-over', '5m'],
      { kind: 'ramp', percent: -9, over: 45_000, backPercent: 80, backOver: 300_000 },
    ],
    [['drift', '--percent-per-day', '2.5', '--for', '1h'], { percentPerDay: 2.5, for: 3_600_000 }],
    [
      ['liquidity', '--spread', '5', '--for', '1m'],
      { spread: 5, depth: 1, volume: 1, for: 60_000 },
    ],
    [['halt', '--for', '1s', '--resume', 'frozen'], { resume: 'frozen' }],
  ])('says %j as the protocol does', async (args, effect) => {
    server = await startTestServer();
    const { code, stderr } = await run(...args, '--key', 'mine', '--at', '2026-01-05T01:00:00Z');
    expect([code, stderr]).toEqual([0, '']);
    expect(await logOf()).toMatchObject([{ key: 'mine', index: 360_000, effects: [effect] }]);
  });

  it('stops time, moves it on, and has it go on at another pace', async () => {
    server = await startTestServer();
    const said = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await run(...args, '--key', args.join('-'));
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    expect(await said('pause')).toBe(
      "The market's time stands still at 2026-01-05T00:00:09.990Z, row 1000\nKey pause\n",
    );
    server.clock.pass(60_000);
    expect(await said('step')).toContain('stands still at 2026-01-05T00:00:10Z, row 1000\n');
    expect(await said('step', '10')).toContain('at 2026-01-05T00:00:10.100Z, row 1001\n');
    expect(await said('step', '1s')).toContain('at 2026-01-05T00:00:11.100Z, row 1011\n');
    expect(await said('speed', '60')).toBe(
      "The market's time goes on, 60 times as fast as time, at 2026-01-05T00:00:11.100Z, row 1111\n" +
        'Key speed-60\n',
    );
    expect(await said('pause', '--key', 'again')).toContain('stands still');
    expect(await said('resume')).toContain('60 times as fast');
    expect((await server.get('/v1/market')).json.speed).toBe(60);
    for (const [args, sentence] of [
      [['step'], 'step must be of a market that stands still: pause it first; its speed is 60'],
      [
        ['speed', 'fast'],
        'speed must be a number from 0.001 to 10000, or 0 for a pause; given: fast',
      ],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([2, `tickwell: ${sentence}\n`]);
    }
    expect(await said('speed', '1')).toMatch(/^The market's time goes on at 2026-/);
  });

  it('starts scenarios that have names, and those of files', async () => {
    server = await startTestServer();
    const file = join(folder, 'mine.yaml');
    writeFileSync(
      file,
      'name: mine\neffects:\n  - { kind: shift, percent: -2, symbol: ticker_0 }\n',
    );
    expect((await run('scenario', 'depeg', '--symbol', 'ticker_1,ticker_2')).code).toBe(0);
    expect((await run('scenario', file)).code).toBe(0);
    const [depeg, mine] = await logOf();
    expect(depeg.name).toBe('depeg');
    expect(depeg.effects).toHaveLength(2 * SCENARIOS.depeg.effects.length);
    const effects = [{ kind: 'shift', symbol: 'ticker_0', percent: -2 }];
    expect(mine).toMatchObject({ name: 'mine', effects });
    const { stdout } = await run('scenarios');
    expect(stdout.split('\n')).toHaveLength(Object.keys(SCENARIOS).length + 1);
    expect(stdout).toContain('fat-finger');
    const { entries } = JSON.parse((await run('log')).stdout);
    expect(entries).toEqual([depeg, mine]);
  });

  it.each([
    [['shift', '--percent', 'much'], 'percent must be a number from -99.9 to 10000; given: much'],
    [['shift'], 'percent is missing: it must be a number'],
    [['halt', '--for', '1s', '--symbol', 'X'], 'unknown symbol "X"'],
    [['scenario', 'flash'], 'unknown scenario "flash"; did you mean "flash-crash"?'],
    [['scenario', './none.yaml'], 'scenario "./none.yaml" is not there'],
    [['halt', '--for', '1s', '--token-file', './none'], 'token-file "./none" is not there'],
    [['halt', '--for', '1s', '--at', 'noon'], 'at must be RFC 3339 text with a zone'],
  ])('tells what is wrong with %j, and ends with 2', async (args, sentence) => {
    server = await startTestServer();
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`tickwell: ${sentence}`);
    expect(await logOf()).toEqual([]);
  });

  it('has the token of a file, where the server wants one', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, `${TOKEN}\n`);
    const access = { controlToken: TOKEN, trustedProxies: ['127.0.0.1'] };
    server = await startTestServer({ access });
    const without = await run('halt', '--for', '1s');
    expect(without.code).toBe(2);
    expect(without.stderr).toContain('Authorization must be Bearer and the token of controlToken');
    expect((await run('halt', '--for', '1s', '--token-file', file)).code).toBe(0);
  });

  it('names the key to ask again with, where nobody answers', async () => {
    server = await startTestServer();
    const { url } = server.server;
    await server.stop();
    const { code, stderr } = await run('halt', '--for', '1s', '--key', 'mine');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `tickwell: no answer from ${url} (ECONNREFUSED); ask again with --key mine\n`,
    );
  });
});

describe('tickwell serve --log', () => {
  it('does not begin with the log of another market, or what is none', async () => {
    const file = join(folder, 'other.log');
    writeFileSync(file, 'what somebody wrote\nof something else\n');
    const run = await runCli(['serve', '--port=0', '--capacity=10', '--log', file]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(`tickwell: the log ${JSON.stringify(file)}: line 1 `);
    expect(readFileSync(file, 'utf8')).toContain('something else');
  });

  it.each([
    [['--log', ''], 'log must be a file; given: ""'],
    [['--log', '/dev/null'], 'log must be a file; given: "/dev/null"'],
    [['--log', '/none/market.log'], 'the folder of log "/none/market.log" is not there'],
    [['--control-token-file', '/none'], 'control-token-file "/none" is not there'],
  ])('refuses %j', async (args, sentence) => {
    const run = await runCli(['serve', '--port=0', '--capacity=10', ...args]);
    expect(run.code).toBe(2);
    expect(run.stderr).toBe(`tickwell: ${sentence}\n`);
  });

  it('refuses a token that can be guessed, and does not show it', async () => {
    const file = join(folder, 'short');
    writeFileSync(file, 'secret\n');
    const run = await runCli(['serve', '--port=0', '--control-token-file', file]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^tickwell: control-token-file must be 16 to 256 of /);
    expect(run.stderr).not.toContain('secret');
  });
});
