import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';

describe('tickwell realism', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tickwell-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says what a market looks like, a line for each instrument', async () => {
    const { code, stdout } = await runCli(['realism', '--preset', 'teaching', '--rows', '20000']);
    expect(code).toBe(0);
    expect(stdout).toContain('Synthetic data: market 92504885345b7dcd');
    for (const symbol of ['WALK', 'GBM', 'CRASH-BOOM', 'MARKET']) {
      expect(stdout).toMatch(new RegExp(`^${symbol} +\\S`, 'm'));
    }
    expect(stdout).toContain('Reported of real markets');
  });

  it('writes JSON with everything, of the symbols and rows that are asked for', async () => {
    const rows = ['--rows', '5000', '--years', '2', '--from', '2026-03-01'];
    const asked = ['--symbols', 'VITRA,NIMBO', ...rows];
    const { stdout } = await runCli([
      'realism',
      '--preset',
      'equities',
      ...asked,
      '--format',
      'json',
    ]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ marketId: '5325b5d300b51ef2', rows: 5000 });
    expect(report.firstMs).toBe(Date.UTC(2026, 2, 1));
    expect(report.instruments.map(({ symbol }: { symbol: string }) => symbol)).toEqual([
      'VITRA',
      'NIMBO',
    ]);
    const [{ facts }] = report.instruments;
    expect(
      facts.find(({ id }: { id: string }) => id === 'volume-volatility').value,
    ).toBeGreaterThan(0.1);
    expect(report.correlations.matrix[0][0]).toBeCloseTo(1, 10);
    const [{ years }] = report.instruments;
    // Two years and a week, of which the first day is not whole, nor is the last.
    expect([years.days, years.closes.length]).toEqual([736, 736]);
    expect(years.firstMs).toBe(Date.UTC(2026, 2, 2));
    expect(report.reported.map(({ id }: { id: string }) => id)).toContain('zumbach');
  });

  it('writes a page that needs nothing else', async () => {
    const out = join(folder, 'report.html');
    const asked = ['--rows', '3000', '--format', 'html', '--out', out];
    const { code, stdout } = await runCli(['realism', '--preset', 'fx', ...asked]);
    expect([code, stdout]).toEqual([0, '']);
    const html = readFileSync(out, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('Synthetic data');
    expect(html).toContain('AUR/VEL');
    expect(html).not.toMatch(/(?:src|href)="(?!#)(?:https?:)?\/\//);
  });

  it.each([
    [['--rows', '999'], 'rows must be a whole number from 1000 to 16777216; given: 999'],
    [['--rows', '1e4'], 'rows must be a whole number from 1000 to 16777216; given: 1e4'],
    [['--years', '41'], 'years must be a whole number from 0 to 40; given: 41'],
    [['--years', '-1'], 'years must be a whole number from 0 to 40; given: -1'],
    [['--years', '1.5'], 'years must be a whole number from 0 to 40; given: 1.5'],
    [['--symbols', 'NONE'], 'unknown symbol "NONE"; tickwell market lists all'],
    [['--from', '2025-01-01'], /^from must not be before the origin, .*; given: 2025-01-01$/],
    [
      ['--from', '1769860800'],
      /^from must be in milliseconds, not in seconds, such as 17698608000{3}; /,
    ],
    [['--from', 'soon'], /^from must be RFC 3339 text .*; given: soon$/],
    [['--count', '501'], 'symbols must be at most 500 for a report; given: 501'],
    [['--preset', 'bonds'], /^unknown preset "bonds"; there are classic, .*$/],
    [['--out', '/nowhere/x'], 'the folder of out "/nowhere/x" is not there'],
  ])('is told what is wrong: %j', async (options, sentence) => {
    const { code, stderr, stdout } = await runCli(['realism', ...options]);
    expect([code, stdout]).toEqual([2, '']);
    const [line] = stderr.trim().split('\n');
    const said = line.replace(/^tickwell: /, '');
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });
});
