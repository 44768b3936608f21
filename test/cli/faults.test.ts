import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_PROFILES } from '../../src/core/faults/own.ts';
import { CliThread } from '../helpers/cli.ts';
import { expectSentence } from '../helpers/sentence.ts';
import { startTestServer } from '../helpers/server.ts';

const MARKET = ['--count=3', '--seed=7', '--origin=2026-01-01'];
const RANGE = ['--since=2026-01-01T00:00:00Z', '--until=2026-01-01T06:00:00Z'];
const PROFILE = 'bad-vendor,close@7m,throttle:2kB/s@9m,delay:1s-5s+overtake@0.1%,status@0.1%';

let cli: CliThread;
let folder: string;

beforeAll(() => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-faults-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cli.end();
});

const faults = (...args: readonly string[]) => cli.run(['faults', ...args]);

describe('tickwell faults', () => {
  it('lists the profiles that have a name, with those of a file', async () => {
    const file = join(folder, 'own.json');
    writeFileSync(file, '{ "profiles": { "nightly": "close:1012@1d" } }');
    const { code, stdout, stderr } = await faults(`--faults=${file}`);
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, text, about } of OWN_PROFILES) {
      expect(stdout).toContain(`${name}\n  ${text}\n  ${about}\n`);
    }
    expect(stdout).toMatch(/\n\nnightly\n {2}close:1012@1d\n$/);
    const days = ['--since=2026-01-01', '--until=2026-01-03'];
    expect(await faults('nightly:3', `--faults=${file}`, ...days, ...MARKET)).toEqual({
      code: 0,
      stderr: '',
      stdout:
        '2026-01-02T00:00:00Z  close      code 1012\n2026-01-03T00:00:00Z  close      code 1012\n',
    });
  });

  it.each(['json', 'csv', 'ndjson'])('writes what a server answers, as %s', async (format) => {
    const spec = { seed: 7, count: 3, interval: 1000, origin: Date.UTC(2026, 0, 1) };
    const server = await startTestServer({ spec, rows: 10 });
    try {
      for (const symbols of ['*', 'ticker_2,ticker_0']) {
        const asked = ['--symbols', symbols, '--format', format, '--time', 'iso'];
        const run = await faults(`${PROFILE}:5`, ...MARKET, ...RANGE, ...asked);
        expect([run.code, run.stderr]).toEqual([0, '']);
        const said = { faults: PROFILE, faultSeed: '5', symbols, format, time: 'iso' };
        const [since, until] = RANGE.map((text) => text.split('=')[1]!);
        const query = new URLSearchParams({ ...said, since: since!, until: until! });
        const { status, text } = await server.get(`/v1/faults?${query}`);
        expect(status, text).toBe(200);
        expect(text.length).toBeGreaterThan(10_000);
        expect(run.stdout.trimEnd()).toBe(text.trimEnd());
      }
    } finally {
      await server.stop();
    }
  });

  it('says each strike in a line, as far as there are rows between', async () => {
    const asked = ['--since=2026-01-01', '--until=2026-01-01T00:00:59Z'];
    const { stdout } = await faults('corrupt:ticks@2%,cut@30s:4', ...MARKET, ...asked);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line.endsWith('  cut'))).toEqual(['2026-01-01T00:00:30Z  cut']);
    const others = lines.filter((line) => !line.endsWith('  cut'));
    expect(others.length).toBeGreaterThan(0);
    for (const line of others) {
      expect(line).toMatch(
        /^2026-01-01T00:00:\d\dZ {2}corrupt {4}ticker_\d {2}form ticks, ticks -?\d+$/,
      );
    }
  });

  it.each([
    [['dorp@1%', ...RANGE], 'profile', '"dorp"; did you mean "drop"?'],
    [['drop@1%:x', ...RANGE], 'profile', ''],
    [['drop@1%', RANGE[0]!], 'until', ''],
    [['drop@1%', RANGE[1]!], 'since', ''],
    [['drop@1%', '--since=2026-01-02', '--until=2026-01-01'], 'until', '2026-01-01'],
    [['drop@1%', '--since=1', RANGE[1]!], 'since', '1'],
    [['drop@1%', '--since=1767225600001', RANGE[1]!], 'since', '1767225600001'],
    [['drop@1%', '--interval=1ms', RANGE[0]!, '--until=9000-01-01'], 'until', '9000-01-01'],
    [
      ['drop@1%', ...RANGE, '--symbols=none'],
      'unknown symbol',
      '"none"; tickwell market lists all',
    ],
    [['drop@1%', ...RANGE, '--time=iso'], 'time', 'iso'],
    [['--since=now'], 'since', 'now'],
    [['--faults='], 'faults', ''],
  ])('%j is refused with a sentence', async (args, field, given) => {
    const { code, stdout, stderr } = await faults(...MARKET, ...args);
    expect([code, stdout]).toEqual([2, '']);
    const sentence = stderr.trimEnd().replace('tickwell: ', '');
    if (given === '') expect(sentence.startsWith(field)).toBe(true);
    else if (given.includes(';')) expect(sentence.endsWith(given)).toBe(true);
    else expectSentence(sentence, field, given);
    expect(sentence.split('\n')).toHaveLength(1);
  });
});
