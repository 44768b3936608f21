import type { Command } from 'commander';
import { addMarketOptions, choice, type MarketOptions } from './options.ts';

export interface ShowOptions extends MarketOptions {
  readonly format: 'yaml' | 'json' | 'names';
}

export function addMarket(program: Command): void {
  const command = program
    .command('market')
    .summary('check a market and print it with its id')
    .description('Checks a market and prints it, every default filled in, with its id.');
  addMarketOptions(command)
    .addOption(
      choice('format', '--format <name>', 'how to print it; names: as other protocols list it', [
        'yaml',
        'json',
        'names',
      ]).default('yaml'),
    )
    .addHelpText(
      'after',
      `
Examples:
  tickwell market                         the default market
  tickwell market -c market.yaml          checks the file and prints its market
  tickwell market --count 3 > three.yaml  a file to start from
  tickwell market --format names          what each instrument is called in other protocols`,
    )
    .action(async (options: ShowOptions) => {
      const { showMarket } = await import('../market.ts');
      await showMarket(options);
    });
}
