import type { Command } from 'commander';
import { CANDLE_FIELDS, FIELDS } from '../../core/market/fields.ts';
import type { Notation } from '../../wire/notation.ts';
import {
  addMarketOptions,
  choice,
  type MarketOptions,
  pricesOption,
  timeOption,
} from './options.ts';

export const FORMATS = ['csv', 'ndjson', 'json', 'arrow', 'parquet'] as const;
export type FormatName = (typeof FORMATS)[number];

export interface GenerateOptions extends MarketOptions {
  readonly symbols: string;
  readonly from: string;
  readonly to: string;
  readonly trades?: boolean;
  readonly resolution?: string;
  readonly tz?: string;
  readonly offset?: string;
  /** False with `--no-held`. */
  readonly held: boolean;
  readonly fields?: string;
  readonly format: FormatName;
  readonly out: string;
  readonly prices: Notation['prices'];
  readonly time: Notation['time'];
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('write rows, candles or trades to a file')
    .description(
      'Writes rows, candles or single trades of a market to a file or to standard output: the ' +
        'same that a server of that market serves, past or future.',
    );
  addMarketOptions(command)
    .option('--symbols <list>', 'symbols with commas between, * for all', '*')
    .requiredOption('--from <time>', 'time of the first row, RFC 3339 or ms since 1970')
    .requiredOption('--to <time>', 'time after the last row; now for what is due by now')
    .option('--trades', 'every single trade of the rows instead: number, time, price, lots, side')
    .option('--resolution <width>', 'whole candles of this width instead of rows: 1m, 4h, 1d, 1mo')
    .option('--tz <zone>', 'the zone whose clock cuts candles, such as Europe/Berlin')
    .option('--offset <time>', 'instead: a clock so far ahead of UTC all year, such as -5h')
    .option('--no-held', 'without candles of rows alone that are closed or halted')
    .option(
      '--fields <list>',
      `of rows: ${FIELDS.join(',')}; of candles: ${CANDLE_FIELDS.join(',')}`,
    )
    .addOption(choice('format', '--format <name>', 'how to write', FORMATS).default('csv'))
    .option('-o, --out <file>', 'where to; - for standard output', '-')
    .addOption(pricesOption())
    .addOption(timeOption())
    .addHelpText(
      'after',
      `
Examples:
  tickwell generate --from 2026-01-01 --to 2026-01-02 --prices decimal --time iso --out day.csv
  tickwell generate --symbols ticker_07 --from 2026-01-01 --to now --resolution 1d
  tickwell generate --from 2026-01-01 --to now --resolution 1mo --tz Asia/Tokyo --out months.csv
  tickwell generate --calendar new-york --from 2026-01-01 --to now --resolution 15m --no-held
  tickwell generate --from 2026-01-01 --to 2026-02-01 --format parquet --out month.parquet
  tickwell generate --trades --symbols ticker_07 --from 2026-01-01 --to 2026-01-02 --out trades.csv
  tickwell generate --symbols ticker_00,ticker_01 --from 2026-03-01T09:00:00Z \\
      --to 2026-03-01T17:30:00Z --format ndjson | head -n 3

The file of --out appears under its name once it is whole, and keeps the permissions it had. Until
then it is .tickwell-*.part beside it, which only SIGKILL and power cuts can leave behind. Pipes and
devices are written to as rows are made.`,
    )
    .action(async (options: GenerateOptions) => {
      const { generate } = await import('../generate.ts');
      await generate(options);
    });
}
