import { type Command, Option } from 'commander';
import { pino } from 'pino';
import { formatDuration } from '../core/market/resolution.ts';
import { startServer } from '../server/server.ts';
import { addMarketOptions, loadMarket, type MarketOptions, UsageError } from './config.ts';

interface ServeOptions extends MarketOptions {
  readonly host: string;
  readonly port: string;
  readonly logLevel: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
/** A stop that takes longer is cut short: whoever runs us would kill us soon. */
const STOP_LIMIT_MS = 4500;

export function addServe(program: Command): void {
  const command = program
    .command('serve', { isDefault: true })
    .summary('serve a market: page, API and stream')
    .description('Serves a market: a page at /, its API at /docs, its stream at /v1/stream.');
  addMarketOptions(command)
    .addOption(new Option('-p, --port <number>', '0 for any').default('8080').env('TICKWELL_PORT'))
    .addOption(
      new Option('--host <name>', 'localhost for this machine only, 0.0.0.0 for every network')
        .default('localhost')
        .env('TICKWELL_HOST'),
    )
    .addOption(
      new Option('--log-level <level>', 'log lines go to standard error, as JSON')
        .choices(LEVELS)
        .default('warn')
        .env('TICKWELL_LOG_LEVEL'),
    )
    .addHelpText(
      'after',
      `
Examples:
  tickwell serve                                  the default market on http://localhost:8080
  tickwell serve --count 1000 --interval 100ms    ten rows a second of a thousand instruments
  tickwell serve --config market.yaml --port 9000
  TICKWELL_HOST=0.0.0.0 tickwell serve            reachable from other machines`,
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const market = loadMarket(options);
  const port = portOf(options.port);
  // Without a name Node listens on every network.
  if (options.host === '') throw new UsageError(['host must be a name or an address; given: ""']);
  const logger = pino({ level: options.logLevel }, pino.destination(2));
  const server = await startServer({ market, host: options.host, port, logger }).catch((error) => {
    throw asUsageError(error, options);
  });
  const { length } = market.instruments;
  const every = formatDuration(market.grid.intervalMs);
  process.stdout.write(
    `Tickwell serves ${length} instrument${length === 1 ? '' : 's'}, a row every ${every}, on ` +
      `${server.url}\nMarket ${market.id}, API ${server.url}/docs, end with Ctrl-C.\n`,
  );

  let isStopping = false;
  const stop = async () => {
    // A second Ctrl-C does not wait.
    if (isStopping) process.exit(130);
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    await server.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  await server.ready;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError([`port must be a whole number from 0 to 65535; given: ${text}`]);
}

function asUsageError(error: unknown, { host, port }: ServeOptions): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new UsageError([`port must be free; given: ${port}, which another program uses`]);
    case 'EACCES':
      return new UsageError([`port must be one this user may open; given: ${port}`]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UsageError([`host must be a name or address of this machine; given: ${host}`]);
    default:
      return error;
  }
}
