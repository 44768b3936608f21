import type { Command } from 'commander';
import { stringify } from 'yaml';
import { describeSpec } from '../core/market/spec.ts';
import { choice } from './arguments.ts';
import { addMarketOptions, loadMarket, type MarketOptions } from './config.ts';
import { marketFileProblem } from './market-file.ts';
import { writeOutput } from './output.ts';

interface ShowOptions extends MarketOptions {
  readonly format: 'yaml' | 'json';
}

export function addMarket(program: Command): void {
  const command = program
    .command('market')
    .summary('check a market and print it with its id')
    .description('Checks a market and prints it, every default filled in, with its id.');
  addMarketOptions(command)
    .addOption(
      choice('format', '--format <name>', 'how to print it', ['yaml', 'json']).default('yaml'),
    )
    .addHelpText(
      'after',
      `
Examples:
  tickwell market                         the default market
  tickwell market -c market.yaml          checks the file and prints its market
  tickwell market --count 3 > three.yaml  a file to start from`,
    )
    .action((options: ShowOptions) => {
      const market = loadMarket(options);
      const spec = describeSpec(market.spec);
      const text =
        options.format === 'yaml'
          ? `# Market id: ${market.id}\n${stringify(spec)}`
          : `${JSON.stringify({ id: market.id, spec }, null, 2)}\n`;
      if (options.format === 'yaml') warnIfTooLarge(text);
      return writeOutput('-', (output) => output.write(text));
    });
}

/** Says on standard error if what is printed cannot be read back: who keeps it would not know. */
function warnIfTooLarge(text: string): void {
  const problem = marketFileProblem(text);
  if (problem === undefined) return;
  process.stderr.write(`tickwell: this is no market file: those must have ${problem}\n`);
}
