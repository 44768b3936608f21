import { type Command, Option } from 'commander';
import { FIELDS } from '../../core/market/fields.ts';
import { MARKET_CHANGED } from '../usage-error.ts';
import { sinceOption } from './follow.ts';
import { addNatsAccess, type NatsAccess } from './nats-options.ts';
import { choice } from './options.ts';

/** What every sink is given. */
export interface SinkCommandOptions {
  readonly from: string;
  readonly url: string;
  readonly stream: string;
  readonly symbols: string;
  readonly fields?: string;
  readonly format: 'json' | 'bin';
  readonly since: string;
  readonly metricsPort?: string;
  readonly metricsHost: string;
}

export interface NatsSinkOptions extends SinkCommandOptions, NatsAccess {
  readonly subject: string;
}

export interface RedisSinkOptions extends SinkCommandOptions {
  readonly maxLength?: string;
}

export function addSink(program: Command): void {
  const command = program
    .command('sink')
    .summary('publish the rows of a server to a broker: nats, redis')
    .description(
      'Publishes the rows of a server to a broker, each once, however many of these do it at the ' +
        'same time.',
    );
  addNats(command);
  addRedis(command);
}

function addNats(command: Command): void {
  const nats = addSinkOptions(
    command
      .command('nats')
      .description('Publishes rows to a stream of NATS JetStream, which is there already.')
      .addOption(urlOption('nats://localhost:4222', 'of NATS, several with commas between')),
  )
    .requiredOption('--stream <name>', 'which this sink has for itself')
    .option('--subject <text>', 'of a message; with {symbol}, one for each symbol', 'prices');
  addNatsAccess(nats)
    .addHelpText(
      'after',
      `
Examples:
  nats stream add PRICES --subjects 'prices' --storage file --defaults
  tickwell sink nats --stream PRICES --since origin
  tickwell sink nats --url tls://nats.example.com --nats-creds sink.creds --stream BOOK \\
      --subject 'prices.{symbol}' --fields last,bid,ask --from http://market.example
${ENDS}`,
    )
    .action(async (options: NatsSinkOptions) => {
      const { sinkToNats } = await import('../sink-nats.ts');
      process.exitCode = await sinkToNats(options);
    });
}

function addRedis(command: Command): void {
  addSinkOptions(
    command
      .command('redis')
      .description(
        'Publishes rows to a stream of Redis: the id of an entry is the time of its row.',
      )
      .addOption(urlOption('redis://localhost:6379', 'of Redis; rediss:// for an encrypted one')),
  )
    .requiredOption('--stream <key>', 'which this sink has for itself')
    .option('--max-length <number>', 'about how many rows to keep (default all)')
    .addHelpText(
      'after',
      `
Examples:
  tickwell sink redis --stream prices --max-length 100000
  tickwell sink redis --url rediss://:secret@cache.example --stream prices --fields last,volume
${ENDS}`,
    )
    .action(async (options: RedisSinkOptions) => {
      const { sinkToRedis } = await import('../sink-redis.ts');
      process.exitCode = await sinkToRedis(options);
    });
}

const ENDS = `
It goes on behind the newest row of the stream, which must be one that it would have written. A
server or a broker that is away is waited for. It ends with 0 by Ctrl-C or SIGTERM, with
${MARKET_CHANGED} if the server has another market than the stream, with 2 if something must be put
right, else with 1.`;

function urlOption(address: string, text: string): Option {
  return new Option('--url <address>', text).default(address).env('TICKWELL_SINK_URL');
}

function addSinkOptions(command: Command): Command {
  return command
    .option('--from <url>', 'of the server whose rows it publishes', 'http://localhost:8080')
    .option('--symbols <list>', 'symbols with commas between, * for all', '*')
    .option('--fields <list>', FIELDS.join(','))
    .addOption(
      choice('format', '--format <name>', 'of a message: json, or bin as /v1/rows has it', [
        'json',
        'bin',
      ]).default('json'),
    )
    .addOption(sinceOption('where an empty stream begins; '))
    .option('--metrics-port <number>', 'tells Prometheus how far it is; 0 for any')
    .option('--metrics-host <name>', '0.0.0.0 for every network', '127.0.0.1');
}
