import { stringify } from 'yaml';
import { NAMING, Names, unlisted } from '../core/market/listing.ts';
import type { Market } from '../core/market/market.ts';
import { describeSpec } from '../core/market/spec.ts';
import type { ShowOptions } from './commands/market.ts';
import { loadMarket } from './config.ts';
import { marketFileProblem } from './market-file.ts';
import { writeOutput } from './output.ts';

export async function showMarket(options: ShowOptions): Promise<void> {
  const market = loadMarket(options);
  const text = texts[options.format](market);
  if (options.format === 'yaml') warnIfTooLarge(text);
  for (const problem of unlisted(market.instruments)) {
    process.stderr.write(`tickwell: ${problem}\n`);
  }
  await writeOutput('-', (output) => output.write(text));
}

const texts = {
  yaml: (market: Market) =>
    `# Market id: ${market.id}\n` +
    '# What instruments are called in other protocols: tickwell market --format names\n' +
    stringify(describeSpec(market.spec)),
  json(market: Market) {
    const names = namesOf(market);
    const listed = market.instruments.map(({ symbol }, column) => {
      const own = names.map(({ protocol, all }) => [protocol, all[column] ?? null]);
      return [symbol, Object.fromEntries(own)];
    });
    const all = {
      id: market.id,
      spec: describeSpec(market.spec),
      names: Object.fromEntries(listed),
    };
    return `${JSON.stringify(all, null, 2)}\n`;
  },
  /** A table, with a dash where a protocol has no name for an instrument. */
  names(market: Market) {
    const names = namesOf(market);
    const head = ['symbol', 'class', 'quote', ...names.map(({ protocol }) => protocol)];
    const rows = market.instruments.map(({ symbol, listing: { assetClass, quote } }, column) => {
      return [symbol, assetClass, quote, ...names.map(({ all }) => all[column] ?? '-')];
    });
    const table = [head, ...rows];
    const widths = head.map((_, n) => Math.max(...table.map((row) => row[n]!.length)));
    const lines = table.map((row) => row.map((text, n) => text.padEnd(widths[n]!)).join('  '));
    return lines.map((line) => `${line.trimEnd()}\n`).join('');
  },
} as const;

function namesOf({ instruments }: Market): readonly Names[] {
  return NAMING.map((protocol) => new Names(protocol, instruments));
}

/** Says on standard error if what is printed cannot be read back: who keeps it would not know. */
function warnIfTooLarge(text: string): void {
  const problem = marketFileProblem(text);
  if (problem === undefined) return;
  process.stderr.write(`tickwell: this is no market file: those must have ${problem}\n`);
}
