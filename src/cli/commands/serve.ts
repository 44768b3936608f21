import { type Command, Option } from 'commander';
import { MOST_SPEED } from '../../core/timeline/market-time.ts';
import { DEFAULT_CACHE_MB } from '../../server/defaults.ts';
import { addNatsLog, type NatsLogFlags } from './nats-options.ts';
import { addMarketOptions, choice, list, type MarketOptions } from './options.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

export interface ServeOptions extends MarketOptions, NatsLogFlags {
  readonly host: string;
  readonly port: string;
  readonly logLevel: string;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly trustProxy: readonly string[];
  readonly protocols: readonly string[];
  readonly limit: readonly string[];
  readonly cacheMb: string;
  readonly workers: string;
  readonly drain: string;
  readonly log?: string;
  readonly controlTokenFile?: string;
  readonly at?: string;
  readonly speed: string;
  readonly paused: string;
  readonly faulty?: string;
  readonly faults?: string;
  readonly noFaults: string;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve', { isDefault: true })
    .summary('serve a market: page, API and stream')
    .description('Serves a market: a page at /, its API at /docs, its stream at /v1/stream.');
  addFaultOptions(addControlOptions(addTimeOptions(addMarketOptions(command))))
    .addOption(new Option('-p, --port <number>', '0 for any').default('8080').env('TICKWELL_PORT'))
    .addOption(
      new Option('--host <name>', 'localhost for this machine only, 0.0.0.0 for every network')
        .default('localhost')
        .env('TICKWELL_HOST'),
    )
    .addOption(
      choice('log level', '--log-level <level>', 'log lines go to standard error, as JSON', LEVELS)
        .default('warn')
        .env('TICKWELL_LOG_LEVEL'),
    )
    .addOption(
      list(
        '--allow-host <name>',
        'a name it is reached by, beside localhost, addresses and --host',
      ).env('TICKWELL_ALLOW_HOSTS'),
    )
    .addOption(
      list('--allow-origin <origin>', 'a website whose pages may open the stream').env(
        'TICKWELL_ALLOW_ORIGINS',
      ),
    )
    .addOption(
      list(
        '--trust-proxy <address>',
        'a proxy, or network of them, that tells who its clients are',
      ).env('TICKWELL_TRUST_PROXY'),
    )
    .addOption(
      list('--protocols <name>', 'what it speaks, such as tickwell,udf', 'all').env(
        'TICKWELL_PROTOCOLS',
      ),
    )
    .addOption(
      list('--limit <name=value>', 'a limit that differs, such as maxConnections=500').env(
        'TICKWELL_LIMITS',
      ),
    )
    .addOption(
      new Option(
        '--cache-mb <number>',
        'memory for answers that never change, and for candles made in the background; 0 for none',
      )
        .default(String(DEFAULT_CACHE_MB))
        .env('TICKWELL_CACHE_MB'),
    )
    .addOption(
      new Option(
        '--workers <number>',
        'processes that share the readers, or auto: one for each core',
      )
        .default('1')
        .env('TICKWELL_WORKERS'),
    )
    .addOption(drainOption())
    .addHelpText(
      'after',
      `
Hosts, origins, proxies, protocols, limits and servers of NATS may be given several times, or with
commas between. A variable counts where its option is not given. PROTOCOL.md lists the limits,
docs/protocols.md the protocols.

Examples:
  tickwell serve                                  the default market on http://localhost:8080
  tickwell serve --count 1000 --interval 100ms    ten rows a second of a thousand instruments
  tickwell serve --config market.yaml --port 9000
  TICKWELL_HOST=0.0.0.0 tickwell serve            reachable from other machines
  tickwell serve --host 0.0.0.0 --allow-host tickwell.example.com
                                                  as http://tickwell.example.com:8080 too
  tickwell serve --allow-host tickwell.example.com --trust-proxy 127.0.0.1
                                                  behind a proxy on the same machine
  tickwell serve --allow-origin https://charts.example.com
                                                  whose pages may open the stream
  tickwell serve --limit maxConnections=500 --limit heartbeatMs=5000
  tickwell serve --log market.log                 remembers what tickwell control does to it
  tickwell serve --nats nats://a:4222,nats://b:4222,nats://c:4222
                                                  on several machines: what is done to one is
                                                  done to all
  tickwell serve --workers auto                   more readers than one core can serve
  tickwell serve --drain 5s                       behind a proxy that asks for /readyz
  tickwell serve --at 2026-03-02T14:30:00Z --speed 60
                                                  an hour of that day in a minute
  tickwell serve --faulty flaky-wifi:7            a feed that misbehaves, the same way each time`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../serve.ts');
      await serve(options);
    });
}

function drainOption(): Option {
  const told = 'on SIGTERM it serves on so long, while /readyz says that it will end';
  return new Option('--drain <time>', told).default('0s').env('TICKWELL_DRAIN');
}

/** What is done to the market, and by whom. */
function addControlOptions(command: Command): Command {
  return addNatsLog(command)
    .addOption(
      new Option(
        '--log <file>',
        'what is done to the market is written there, and outlives it',
      ).env('TICKWELL_LOG'),
    )
    .addOption(
      new Option(
        '--control-token-file <file>',
        'whose content lets anybody do that, from anywhere',
      ).env('TICKWELL_CONTROL_TOKEN_FILE'),
    );
}

/** What is done to readers, so that they see what they do about it. */
function addFaultOptions(command: Command): Command {
  const none = new Option('--no-faults [answer]', 'nobody may ask for faults')
    .preset('true')
    .default('false')
    .env('TICKWELL_NO_FAULTS');
  // An option of its own, and not that there are no `--faults`: it may be false.
  none.negate = false;
  return command
    .addOption(
      new Option('--faulty <profile>', 'the faults of all who ask for no others').env(
        'TICKWELL_FAULTY',
      ),
    )
    .addOption(
      new Option('--faults <file>', 'profiles of faults by name, as JSON').env('TICKWELL_FAULTS'),
    )
    .addOption(none);
}

/** How the time of the market begins. */
function addTimeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--at <time>', "the market's time when it starts, from its origin on").env(
        'TICKWELL_AT',
      ),
    )
    .addOption(
      new Option('--speed <number>', `how fast its time goes, up to ${MOST_SPEED}`)
        .default('1')
        .env('TICKWELL_SPEED'),
    )
    .addOption(
      new Option('--paused [answer]', 'its time stands still until it is told to go on')
        .preset('true')
        .default('false')
        .env('TICKWELL_PAUSED'),
    );
}
