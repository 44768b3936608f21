import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { YAMLParseError } from 'yaml';
import { parseMarketFile, readMarketFile, TooDeep, TooLarge } from '../../src/cli/market-file.ts';
import { PRESET_NAMES } from '../../src/core/market/presets/presets.ts';
import { CliThread, PROGRAM, runCli } from '../helpers/cli.ts';
import { marketOf } from '../helpers/market.ts';

const MARKET = `'${process.execPath}' '${PROGRAM}' market`;

/** How many errors a parser made meanwhile: each takes as long as a hundred words. */
function errorsWhile(run: () => void): number {
  let errors = 0;
  Object.defineProperty(YAMLParseError.prototype, 'pos', {
    configurable: true,
    set(value) {
      errors += 1;
      Object.defineProperty(this, 'pos', { value });
    },
  });
  run();
  Reflect.deleteProperty(YAMLParseError.prototype, 'pos');
  return errors;
}

describe('a market file', () => {
  it('of 10,000 instruments with a name and some numbers each is taken', () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => {
      return `  - {symbol: AB${n}, name: Name of ${n}, startPrice: 12.5, tradesPerDay: 500}`;
    });
    const value = parseMarketFile(`seed: 1\ninstruments:\n${lines.join('\n')}\n`);
    const { instruments } = value as { instruments: unknown[] };
    expect(instruments).toHaveLength(10_000);
    expect(instruments[9999]).toMatchObject({ symbol: 'AB9999', startPrice: 12.5 });
  }, 60_000);

  it('of more words and marks than a parser is to be given is refused before it is', () => {
    for (const part of ['[', '[a,', '[{b,b},', '- \n']) {
      const text = part.repeat(500_001);
      expect(() => parseMarketFile(text), part).toThrow(TooLarge);
    }
  }, 60_000);

  it.each<[title: string, text: (levels: number) => string]>([
    ['brackets', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
    ['braces', (levels) => '{a: '.repeat(levels) + '}'.repeat(levels)],
    ['brackets below names', (levels) => `a:\n  b: ${'['.repeat(levels)}${']'.repeat(levels)}`],
    ['marks of a line', (levels) => '- '.repeat(levels)],
    [
      'lines',
      (levels) => Array.from({ length: levels }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
    ],
  ])('of too many levels is refused before it is parsed: %s', (_, text) => {
    expect(() => parseMarketFile(text(190))).not.toThrow();
    for (const levels of [210, 900]) expect(() => parseMarketFile(text(levels))).toThrow(TooDeep);
  });

  it('of too many keys, one within another, is refused before it is parsed', () => {
    const text = (levels: number) => '? '.repeat(levels);
    expect(() => parseMarketFile(text(190))).toThrow('keys must be text at line 1');
    for (const levels of [210, 900]) expect(() => parseMarketFile(text(levels))).toThrow(TooDeep);
  });

  it.each([
    ['a list', '? [a]\n: 1\n', 1],
    ['a map', 'seed: 1\n{a: 1}: 2\n', 2],
    ['the name of a list', 'a: &a [b]\nc: {\n  *a : 1}\n', 3],
    ['a map within maps', `a:\n  ${'{'.repeat(190)}${'b'.repeat(200_000)}${'}'.repeat(190)}`, 2],
  ])('with %s for a key is refused, whatever that would take to be written', (_, text, line) => {
    expect(() => parseMarketFile(text)).toThrow(`keys must be text at line ${line}`);
  });

  it.each([
    ['brackets', '[]'],
    ['braces', '{}'],
    ['quotes', '"a"'],
    ['anchors', '&a &b '],
    ['tags', '!!a !!b '],
    ['directives', '%x\n'],
    ['tabs', 'a:\n\tb\n'],
    ['ends', ']'],
    ['documents', '---\n'],
    ['escapes', '"\\q'],
  ])('of nothing but errors is read no further than the first: %s', (_, part) => {
    const text = part.repeat(Math.floor(200_000 / part.length));
    const errors = errorsWhile(() => expect(() => parseMarketFile(text)).toThrow(/ at line \d+/));
    expect(errors).toBeLessThan(10);
  });

  it('with an error is told its place', () => {
    const told = (text: string) => () => parseMarketFile(text);
    expect(told('seed: 1\ncount: [1')).toThrow(/ at line 2, column \d+$/);
    expect(told('seed: 1\n\tcount: 2')).toThrow('at line 2, column 1');
    expect(told('a: 1\n]')).toThrow('Unexpected flow-seq-end token in YAML stream: "]" at line 2');
    expect(told('a: 1\n---\nb: 2\n---\n')).toThrow('Source contains multiple documents at line 2');
  });

  it('of as many brackets as it may have words is told that it is too deep', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
    const file = join(folder, 'deep.yaml');
    writeFileSync(file, '['.repeat(100_000));
    const { code, stderr } = await runCli(['market', '-c', file]);
    rmSync(folder, { recursive: true });
    const rule = 'config must have at most 200 levels, one within another';
    expect(stderr).toBe(`tickwell: ${rule}; given: ${file}, which has more\n`);
    expect(code).toBe(2);
  });

  it('with one name over and over is refused for that, whatever the parser would compare', () => {
    expect(() => parseMarketFile(`{${'b,'.repeat(20_000)}}`)).toThrow(
      'keys must be unique at line 1',
    );
    expect(() => parseMarketFile('a: 1\nb: {c: 1,\n  c: 2}')).toThrow('at line 3');
    expect(() => parseMarketFile('a: 1\n? \n: 1\n? \n: 2')).toThrow('at line 4');
    expect(() => parseMarketFile('&x a: 1\n*x : 2')).toThrow('keys must be unique at line 2');
  });

  it('of very many entries in one pair of brackets is refused before any is compared', () => {
    for (const text of [`{${'b,'.repeat(125_000)}}`, `[${'b,'.repeat(125_000)}]`]) {
      expect(() => parseMarketFile(text)).toThrow('at most 20000 entries in one pair of brackets');
    }
  });

  it('that is a pipe is read whoever writes into it, and only then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
    const file = join(folder, 'pipe');
    execFileSync('mkfifo', [file]);
    const alone = await runCli(['market', '-c', file]);
    expect(alone.stderr).toBe(`tickwell: config "${file}" is a pipe that nobody writes into\n`);
    expect(alone.code).toBe(2);

    const reading = runCli(['market', '-c', file]);
    // Opens when there is a reader.
    const pipe = await open(file, 'w');
    await pipe.write('count: 3\n');
    const writer = spawn('sh', ['-c', `cat > ${file}`], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.end('seed: 7\n');
    await once(writer, 'close');
    await pipe.close();
    const read = await reading;
    expect(read.stderr).toBe('');
    expect(read.stdout).toContain('seed: 7');

    const waiting = runCli(['market', '-c', file]);
    const silent = await open(file, 'w');
    const { code, stderr } = await waiting;
    await silent.close();
    rmSync(folder, { recursive: true });
    const sentence = 'is a pipe that nothing came through within 3 s';
    expect(stderr).toBe(`tickwell: config "${file}" ${sentence}\n`);
    expect(code).toBe(2);
  });

  it('that a shell has opened is read, if something comes', async () => {
    const run = (script: string) => spawn('bash', ['-c', `set -o pipefail; ${script}`]);
    const outOf = async (shell: ReturnType<typeof run>) => {
      const [out, err] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
      return out + err;
    };
    for (const script of [`${MARKET} -c <(cat)`, `cat | ${MARKET} -c /dev/stdin`]) {
      const shell = run(script);
      shell.stdin.end('seed: 7\n');
      expect(await outOf(shell)).toContain('seed: 7');
      const nothing = run(script);
      nothing.stdin.end();
      expect(await outOf(nothing)).toContain('# Market id: ');
    }
    const silent = run(`cat | ${MARKET} -c /dev/stdin`);
    const [said] = await once(silent.stderr.setEncoding('utf8'), 'data');
    silent.stdin.end();
    const [code] = await once(silent, 'close');
    expect(said).toContain('config "/dev/stdin" is a pipe that nothing came through within 3 s');
    expect(code).toBe(2);
  });

  it('with more aliases than anybody needs is refused', () => {
    const aliases = (count: number) => `a: &a 1\nb: [${'*a,'.repeat(count)}]`;
    expect(parseMarketFile(aliases(50))).toMatchObject({ a: 1 });
    expect(() => parseMarketFile(aliases(101))).toThrow(TooLarge);
  });

  it('that has no end is read no further than a market file may be long', () => {
    expect(() => readMarketFile('/dev/zero')).toThrow(TooLarge);
  });

  it('of more than a megabyte is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
    const file = join(folder, 'market.yaml');
    writeFileSync(file, ' '.repeat(2 ** 20));
    expect(readMarketFile(file)).toHaveLength(2 ** 20);
    writeFileSync(file, ' '.repeat(2 ** 20 + 1));
    expect(() => readMarketFile(file)).toThrow(TooLarge);
    rmSync(folder, { recursive: true });
  });
});

describe('a market that is printed', () => {
  const cli = new CliThread();
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  const file = join(folder, 'market.yaml');
  afterAll(async () => {
    await cli.end();
    rmSync(folder, { recursive: true });
  });

  /** What is printed of the market of some options, and again of that. */
  async function twice(...args: string[]) {
    const printed = await cli.run(['market', ...args]);
    writeFileSync(file, printed.stdout);
    return { printed, again: await cli.run(['market', `--config=${file}`]) };
  }

  it.each(PRESET_NAMES)('as %s can be read back, and is the same', async (preset) => {
    const { printed, again } = await twice(`--preset=${preset}`);
    expect(printed.stdout.split('\n')[0]).toBe(`# Market id: ${marketOf({ preset }).id}`);
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    expect(again.stderr).toBe('');
    expect(again.stdout === printed.stdout).toBe(true);
  });

  it('is said to be no market file where it is longer than one may be', async () => {
    const names = Array.from({ length: 10_000 }, (_, n) => {
      const long = `${n} ${'x'.repeat(30)}`;
      return `  - {symbol: S${n}, name: ${long}, sector: S${n}, tradesPerDay: ${n}}`;
    });
    const given = join(folder, 'long.yaml');
    writeFileSync(given, `instruments:\n${names.join('\n')}\n`);
    const { printed, again } = await twice(`--config=${given}`);
    expect(printed.code).toBe(0);
    const rule = /^tickwell: this is no market file: those must have at most 1048576 bytes\n$/;
    expect(printed.stderr).toMatch(rule);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('must have at most 1048576 bytes');
  });
});
