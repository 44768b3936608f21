import { type Command, Option } from 'commander';
import { FIELDS } from '../../core/market/fields.ts';
import type { Notation } from '../../wire/notation.ts';
import { MARKET_CHANGED } from '../usage-error.ts';
import { choice, pricesOption, timeOption } from './options.ts';

export const FOLLOWED_FORMATS = ['ndjson', 'csv'] as const;

export interface FollowOptions {
  readonly symbols: string;
  readonly fields?: string;
  readonly format: (typeof FOLLOWED_FORMATS)[number];
  readonly since: string;
  readonly cursor?: string;
  readonly prices: Notation['prices'];
  readonly time: Notation['time'];
}

export function addFollow(program: Command): void {
  program
    .command('follow')
    .summary('write the rows of a server to standard output, for ever')
    .description(
      'Writes the rows of a server to standard output as they come, each once and in order, ' +
        'whatever happens to the server in between.',
    )
    .argument('[url]', 'of the server', 'http://localhost:8080')
    .option('--symbols <list>', 'symbols with commas between, * for all', '*')
    .option('--fields <list>', FIELDS.join(','))
    .addOption(
      choice('format', '--format <name>', 'how to write', FOLLOWED_FORMATS).default('ndjson'),
    )
    .addOption(sinceOption())
    .option('--cursor <file>', 'remembers there how far it is, and goes on from there')
    .addOption(pricesOption())
    .addOption(timeOption())
    .addHelpText(
      'after',
      `
Examples:
  tickwell follow
  tickwell follow http://localhost:8080 --symbols ticker_07 --fields last,bid,ask | jq .bid
  tickwell follow --since origin --format csv --cursor rows.cursor >> rows.csv
  tickwell follow --since 2026-03-02T14:30:00Z --prices decimal --time iso

The cursor is written behind the rows that it speaks for. A file that is appended to (>>) has each
row once, though this command may be killed: it is first cut to where the cursor is. Whatever reads
a pipe may get some rows again after a kill, never fewer.

It ends with 0 when nobody reads any more, or by Ctrl-C or SIGTERM; with ${MARKET_CHANGED} if the
server has another market than the rows to go on from; with 2 if something must be put right, else
with 1. A server that is away is waited for.`,
    )
    .action(async (url: string, options: FollowOptions) => {
      const { follow } = await import('../follow.ts');
      process.exitCode = await follow(url, options);
    });
}

/** Where to begin. */
export function sinceOption(when = ''): Option {
  const text = 'origin: with row 0; now: with the next; or the time of the last row you have';
  return new Option('--since <when>', when + text).default('now');
}
