import type { Command } from 'commander';
import { addMarketOptions, choice, type MarketOptions } from './options.ts';

const FORMATS = ['text', 'json', 'html'] as const;
/** The matrix of correlations grows with their square. */
const MOST_SYMBOLS = 500;

export interface RealismOptions extends MarketOptions {
  readonly symbols: string;
  readonly rows: string;
  readonly years: string;
  readonly from?: string;
  readonly format: (typeof FORMATS)[number];
  readonly out: string;
}

export function addRealism(program: Command): void {
  const command = program
    .command('realism')
    .summary('report what prices look like, beside real markets')
    .description(
      'Reports what the returns of a market look like: fat tails, bursts of volatility, memory, ' +
        'correlations, from seconds to years; each beside what studies report of real markets.',
    );
  addMarketOptions(command)
    .option(
      '--symbols <list>',
      `symbols with commas between, at most ${MOST_SYMBOLS}; * for all`,
      '*',
    )
    .option('--rows <number>', 'how many rows to look at', String(2 ** 18))
    .option('--from <time>', 'time of the first of them (default the origin)')
    .option('--years <number>', 'years of days to look at, from there on; 0 for none', '4')
    .addOption(choice('format', '--format <name>', 'how to write', FORMATS).default('text'))
    .option('-o, --out <file>', 'where to; - for standard output', '-')
    .addHelpText(
      'after',
      `
Examples:
  tickwell realism --preset equities --symbols NIMBO,VITRA
  tickwell realism --preset crypto --format html --out crypto.html
  tickwell realism --preset exchange --rows 2592000 --years 10
  tickwell realism -c market.yaml --rows 1000000 --format json | jq '.facts'`,
    )
    .action(async (options: RealismOptions) => {
      const { realism } = await import('../realism.ts');
      await realism(options, MOST_SYMBOLS);
    });
}
