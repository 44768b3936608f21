import { type Command, Option } from 'commander';
import { GRADED } from '../../core/grading/truth.ts';
import { GRADED_FORMATS, type GradedFormat } from '../../protocols/tickwell/formats/format.ts';
import { DEFAULT_NOTATION, type Notation, PRICE_NOTATIONS } from '../../wire/notation.ts';
import { addMarketOptions, choice, type MarketOptions } from './options.ts';

export interface GradeOptions extends MarketOptions {
  readonly log?: string;
  readonly what: (typeof GRADED)[number];
  readonly resolution?: string;
  readonly tz?: string;
  readonly offset?: string;
  readonly held: boolean;
  readonly symbols?: string;
  readonly since?: string;
  readonly until?: string;
  readonly prices: Notation['prices'];
  readonly format?: GradedFormat;
  readonly faults?: string;
  readonly faultSeed?: string;
  readonly json?: boolean;
}

export function addGrade(program: Command): void {
  const command = program
    .command('grade')
    .summary('hold what was recorded of a market against what is true')
    .description(
      'Says what is missing, there twice, out of order or wrong of what a program has recorded ' +
        'of a market. Ends with 0 if all of it is right, with 1 if anything is left.',
    )
    .argument('<file>', 'what was recorded, - for standard input; the order is that of taking in');
  addMarketOptions(command)
    .addOption(
      new Option('--log <file>', 'what was done to the market: the --log of its server').env(
        'TICKWELL_LOG',
      ),
    )
    .addOption(choice('kind', '--what <kind>', GRADED.join(' '), GRADED).default('rows'))
    .option('--resolution <width>', 'the width of candles: 1m, 4h, 1d, 1mo')
    .option('--tz <zone>', 'the zone whose clock cuts candles, such as Europe/Berlin')
    .option('--offset <time>', 'instead: a clock so far ahead of UTC all year, such as -5h')
    .option('--no-held', 'candles of rows alone that are closed or halted need not be there')
    .option('--symbols <list>', 'all that must be there; default: those that are')
    .option('--since <time>', 'records must be there after this time; default: from the first on')
    .option('--until <time>', 'and up to this one; default: to the last')
    .addOption(
      choice(
        'notation of prices',
        '--prices <how>',
        'as they were recorded: whole ticks, or decimals',
        PRICE_NOTATIONS,
      ).default(DEFAULT_NOTATION.prices),
    )
    .addOption(choice('format', '--format <name>', 'default: what it looks like', GRADED_FORMATS))
    .option('--faults <profile>', 'the faults that it was recorded under: each is matched')
    .option('--fault-seed <number>', 'and their seed (default 1)')
    .option('--json', 'write the grade as JSON')
    .addHelpText(
      'after',
      `
The first line names the columns: time,symbol,price or time and a column for each symbol, as
tickwell generate and /v1/rows write them; of candles symbol,time,open,high,low,close; of trades
symbol,id,time,price,lots,side. Columns whose names begin with _ are let be.

Examples:
  tickwell grade recorded.csv
  tickwell grade --preset crypto --prices decimal --symbols BTC/USD --since 2026-01-01 \\
      --until 2026-01-02 recorded.csv
  tickwell grade --what candles --resolution 1m --json candles.csv
  my-recorder | tickwell grade --log market.log -`,
    )
    .action(async (file: string, options: GradeOptions) => {
      const { grade } = await import('../grade.ts');
      process.exitCode = (await grade(file, options)) ? 0 : 1;
    });
}
