import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMarketFile, readMarketFile, TooLarge } from '../../src/cli/market-file.ts';

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

  it('with one name over and over is refused for that, whatever the parser would compare', () => {
    expect(() => parseMarketFile(`{${'b,'.repeat(20_000)}}`)).toThrow(
      'keys must be unique at line 1',
    );
    expect(() => parseMarketFile('a: 1\nb: {c: 1,\n  c: 2}')).toThrow('at line 3');
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
