import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareEnvironment, CliThread, PROGRAM } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { expectSentence } from '../helpers/sentence.ts';

const MARKET = ['--count=3', '--interval=1s'];
const DAY = ['--from=2026-01-01', '--to=2026-01-01T00:10:00Z'];

let cli: CliThread;
let folder: string;

beforeAll(() => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-grade-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cli.end();
});

const place = (name: string) => join(folder, name);

/** Writes what is true, and gives where. */
async function written(name: string, ...options: readonly string[]): Promise<string> {
  const run = await cli.run(['generate', ...MARKET, ...DAY, ...options, '--out', place(name)]);
  expect(run).toEqual({ code: 0, stdout: '', stderr: '' });
  return place(name);
}

const grade = (...args: readonly string[]) => cli.run(['grade', ...MARKET, ...args]);

describe('tickwell grade', () => {
  it.each(['bad-vendor', 'cut@11s'])(
    'says that a ledger is too long where one year is wrong: %s',
    async (faults) => {
      const file = place('far.csv');
      const times = ['2026-03-02T14:30:01Z', '9998-01-01T00:00:00Z'];
      writeFileSync(file, `time,symbol,price\n${times.map((at) => `${at},ticker_0,1\n`).join('')}`);
      expect((await grade(file)).code).toBe(1);
      const { code, stderr } = await grade(`--faults=${faults}`, '--fault-seed=1', file);
      expect(code).toBe(2);
      expect(stderr).toContain('rows, the last of 9998-01-01T00:00:00Z');
      const cut = await grade(`--faults=${faults}`, '--until=2026-03-02T14:31:00Z', file);
      expect(cut.code).toBe(1);
    },
  );

  it('ends with 0 where all is right', async () => {
    const file = await written('right.csv');
    expect(await grade(file)).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'Right. 1800 rows of 3 symbols, 2026-01-01T00:00:00Z to 2026-01-01T00:09:59Z, ' +
        'market ab75fd4fb92561ec.\n',
    });
  });

  it.each([
    ['rows of all fields', ['--fields=last,bid,ask,volume,trades,aggressor,status'], []],
    ['decimals and texts', ['--prices=decimal', '--time=iso'], ['--prices=decimal']],
    ['candles', ['--resolution=1m'], ['--what=candles', '--resolution=1m']],
    [
      'candles of a zone',
      ['--resolution=5m', '--tz=Asia/Tokyo'],
      [...['--what=candles', '--resolution=5m', '--tz=Asia/Tokyo']],
    ],
    ['trades', ['--trades'], ['--what=trades']],
  ])('knows %s', async (name, options, asked) => {
    const file = await written(`${name}.csv`, ...options);
    const { code, stdout } = await grade(...asked, file);
    expect(stdout).toMatch(/^Right\. /);
    expect(code).toBe(0);
  });

  it('ends with 1 where anything is left, and says what', async () => {
    const file = await written('wrong.csv', '--symbols=ticker_0,ticker_2');
    const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
    lines[100] = lines[100]!.replace(/,\d+$/, ',null');
    const spoilt = [...lines.slice(0, 20), ...lines.slice(23, 200), ...lines.slice(199, 599)];
    writeFileSync(file, `${[head, ...spoilt].join('\n')}\n`);
    const asked = ['--since=2025-12-31T23:59:59Z', '--until=2026-01-01T00:09:59Z'];
    const { code, stdout, stderr } = await grade(...asked, file);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout.replace(/not \d+/, 'not N')).toBe(`\
Not right: 0 of 2 symbols are. 1194 rows of 2 symbols, 2026-01-01T00:00:00Z to \
2026-01-01T00:09:59Z, market ab75fd4fb92561ec.

ticker_0: 597 records
  missing      4  2026-01-01T00:00:20Z to 2026-01-01T00:00:22Z, 2026-01-01T00:09:59Z
  twice        1  2026-01-01T00:03:19Z

ticker_2: 597 records
  missing      4  2026-01-01T00:00:20Z to 2026-01-01T00:00:22Z, 2026-01-01T00:09:59Z
  twice        1  2026-01-01T00:03:19Z
  wrong        1  2026-01-01T00:01:40Z last "null", not N
`);
    const json = await grade(...asked, '--json', file);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      right: false,
      symbols: { ticker_2: { wrong: { count: 1 }, missing: { count: 4 } } },
    });
  });

  it('matches what is wrong with the faults that it was recorded under', async () => {
    const file = await written('faulty.csv', '--symbols=ticker_1');
    const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
    // Rows 0, 60, ... are struck, once a minute; what is missing beside has no excuse.
    const left = lines.filter((_, n) => n !== 60 && n !== 120 && n !== 77);
    writeFileSync(file, `${[head, ...left].join('\n')}\n`);
    const { code, stdout } = await grade('--faults=drop@1m', '--fault-seed=3', file);
    expect(code).toBe(1);
    expect(stdout).toContain(`
Faults drop@1m, seed 3:
  drop         10 strikes, 8 recovered, 2 not
  no excuse    1 missing
`);
  });

  it('reads standard input, as it comes', async () => {
    const file = await written('input.csv');
    const bytes = readFileSync(file);
    const child = spawn(process.execPath, [PROGRAM, 'grade', ...MARKET, '-'], {
      env: bareEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    for (let at = 0; at < bytes.length; at += 5000)
      child.stdin.write(bytes.subarray(at, at + 5000));
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stdout).toMatch(/^Right\. 1800 rows /);
  });

  it('goes by the log of a server that writes to it', async () => {
    const log = place('market.log');
    const options = ['--port=0', `--log=${log}`, '--at=2026-01-01T00:00:30Z', '--paused'];
    const server = spawn(process.execPath, [PROGRAM, 'serve', ...MARKET, ...options], {
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let said = '';
      server.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      await eventually(() => expect(said).toMatch(/on http:\S+\n/));
      const url = / on (http:\S+)/.exec(said)![1]!;
      const control = (...args: readonly string[]) => cli.run(['control', ...args, '--url', url]);
      await eventually(async () => {
        const run = await control('shift', '--percent=-7', '--symbol=ticker_1', '--key=one');
        expect(run.code).toBe(0);
      });
      expect((await control('step', '60')).code).toBe(0);
      const rows = await eventually(async () => {
        const answer = await fetch(`${url}/v1/rows?last=80&format=csv`);
        const text = await answer.text();
        expect(text).toContain(`\n${Date.UTC(2026, 0, 1, 0, 1, 30)},`);
        return text;
      });
      const file = place('served.csv');
      writeFileSync(file, rows);
      const graded = await grade(`--log=${log}`, file);
      expect(graded.stdout).toMatch(/^Right\. 240 rows of 3 symbols, /);
      expect(graded.code).toBe(0);
      const without = await grade(file);
      expect(without.code).toBe(1);
      expect(without.stdout).toMatch(/^Not right: 2 of 3 symbols are\. /);
    } finally {
      server.kill();
      await once(server, 'close');
    }
  });
});

describe('a wrong question', () => {
  it.each<[args: readonly string[], field: string, given: string]>([
    [['nowhere.csv', '--what=trade'], 'unknown kind', 'trade'],
    [['nowhere.csv', '--prices=tick'], 'unknown notation of prices', 'tick'],
    [['nowhere.csv', '--format=cvs'], 'unknown format', 'cvs'],
    [['nowhere.csv', '--what=candles'], 'resolution', 'nothing'],
    [['nowhere.csv', '--what=candles', '--resolution=1x'], 'unknown unit', 'x'],
    [['nowhere.csv', '--what=candles', '--resolution=1m', '--tz=Nowhere'], 'unknown tz', 'Nowhere'],
    [['nowhere.csv', '--resolution=1m'], 'resolution', '1m'],
    [['nowhere.csv', '--tz=Asia/Tokyo'], 'tz', 'Asia/Tokyo'],
    [['nowhere.csv', '--no-held'], 'held', 'false'],
    [['nowhere.csv', '--faults=dorp@1%'], 'unknown fault', 'dorp'],
    [['nowhere.csv', '--fault-seed=1'], 'faultSeed', '1'],
    [['nowhere.csv', '--symbols='], 'symbols', ''],
    [['nowhere.csv', '--symbols=ticker_9'], 'unknown symbol', 'ticker_9'],
    [['nowhere.csv', '--since=noon'], 'since', 'noon'],
    [['nowhere.csv', '--until=1e3'], 'until', '1e3'],
    [['nowhere.csv', '--since=2026-01-02', '--until=2026-01-02'], 'until', '2026-01-02'],
    [['nowhere.csv', '--log='], 'log', ''],
    [[''], 'file', ''],
  ])('%j is told', async (args, field, given) => {
    const { code, stdout, stderr } = await grade(...args);
    const [line = '', ...others] = stderr.trimEnd().split('\n');
    expectSentence(line.slice('tickwell: '.length), field, given);
    expect([code, stdout, others]).toEqual([2, '', []]);
  });

  it.each([
    [['nowhere.csv'], 'file "nowhere.csv" is not there'],
    [[tmpdir()], `file "${tmpdir()}" is a folder, not a file`],
    [['x.csv', '--log=nowhere.log'], 'log "nowhere.log" is not there'],
    [['x.csv', `--log=${tmpdir()}`], `log "${tmpdir()}" is a folder, not a file`],
  ])('%j is told of a file', async (args, sentence) => {
    expect(await grade(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `tickwell: ${sentence}\n`,
    });
  });

  it('is told of a line of the recording', async () => {
    writeFileSync(place('bad.csv'), 'time,symbol,price\n0,ticker_0,1\nnow,ticker_0,1\n');
    const { code, stdout, stderr } = await grade(place('bad.csv'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^tickwell: line 3: time must be .*; given: now\n$/);
  });

  it('is told of what is no log of this market', async () => {
    writeFileSync(place('no.log'), 'what was done\n');
    const { code, stderr } = await grade(`--log=${place('no.log')}`, place('right.csv'));
    expect([code, stderr]).toEqual([
      2,
      `tickwell: the log "${place('no.log')}": it must be a log of Tickwell, or empty\n`,
    ]);
  });
});
