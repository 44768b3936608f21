import { type Command, Option } from 'commander';
import { type Notation, TIME_NOTATIONS } from '../../wire/notation.ts';
import { addMarketOptions, choice, type MarketOptions } from './options.ts';

export const LEDGER_FORMATS = ['text', 'csv', 'ndjson', 'json'] as const;

export interface LedgerOptions extends MarketOptions {
  readonly faults?: string;
  readonly symbols: string;
  readonly since?: string;
  readonly until?: string;
  readonly format: (typeof LEDGER_FORMATS)[number];
  readonly json?: boolean;
  readonly time?: Notation['time'];
}

export function addFaults(program: Command): void {
  const command = program
    .command('faults')
    .summary('list what a profile of faults does to the rows of a market')
    .description(
      'Lists all that is done to rows, connections and answers under a profile: what /v1/faults ' +
        'of a server answers, past or future. Without a profile, lists those that have a name.',
    )
    .argument('[profile]', 'PROFILE or PROFILE:SEED, such as bad-vendor or drop@1%,cut@30s:7');
  addMarketOptions(command)
    .addOption(
      new Option('--faults <file>', 'profiles by name, JSON: those of its server').env(
        'TICKWELL_FAULTS',
      ),
    )
    .option('--symbols <list>', 'whose prices: symbols with commas between, * for all', '*')
    .option('--since <time>', 'time of the row before the first, RFC 3339, ms since 1970, or now')
    .option('--until <time>', 'time of the last row, which may be to come, or now')
    .addOption(choice('format', '--format <name>', 'how to write', LEDGER_FORMATS).default('text'))
    .addOption(new Option('--json', 'the same as --format json').conflicts('format'))
    .addOption(
      choice(
        'notation of time',
        '--time <how>',
        'of csv, ndjson and json: ms since 1970 (default), or text like 2026-01-31T12:00:00.000Z',
        TIME_NOTATIONS,
      ),
    )
    .addHelpText(
      'after',
      `
Examples:
  tickwell faults
  tickwell faults flaky-wifi --since 2026-03-02T14:30:00Z --until 2026-03-02T14:40:00Z
  tickwell faults drop@1%,corrupt@0.1%:7 --count 3 --symbols ticker_0 --format csv \\
      --since 2026-01-01 --until now > ledger.csv`,
    )
    .action(async (profile: string | undefined, options: LedgerOptions) => {
      const { listFaults } = await import('../ledger.ts');
      await listFaults(profile, options);
    });
}
