import { type Command, Option } from 'commander';
import { list } from './options.ts';

/** How to come into NATS, as options have it. */
export interface NatsAccess {
  readonly natsCreds?: string;
  readonly natsCa?: string;
  readonly natsCert?: string;
  readonly natsKey?: string;
}

/** Where several servers of a market have its log. */
export interface NatsLogFlags extends NatsAccess {
  readonly nats: readonly string[];
  readonly logName?: string;
  readonly lead?: string;
  readonly natsReplicas?: string;
  readonly natsAnyVersion: string;
}

/** Adds how to come into NATS to a command. */
export function addNatsAccess(command: Command): Command {
  const option = (flags: string, description: string, variable: string) =>
    new Option(flags, description).env(variable);
  return command
    .addOption(
      option('--nats-creds <file>', 'credentials for NATS, a creds file', 'TICKWELL_NATS_CREDS'),
    )
    .addOption(
      option('--nats-ca <file>', 'who signs the certificates of NATS, as PEM', 'TICKWELL_NATS_CA'),
    )
    .addOption(
      option('--nats-cert <file>', 'a certificate to show to NATS, as PEM', 'TICKWELL_NATS_CERT'),
    )
    .addOption(option('--nats-key <file>', 'its key, as PEM', 'TICKWELL_NATS_KEY'));
}

/** Adds where several servers have their log to a command. */
export function addNatsLog(command: Command): Command {
  command.addOption(
    list('--nats <url>', 'NATS has what is done to the market, for all servers of it').env(
      'TICKWELL_NATS',
    ),
  );
  const anyVersion = new Option(
    '--nats-any-version [answer]',
    'also a nats-server that loses what it acknowledged',
  )
    .preset('true')
    .default('false')
    .env('TICKWELL_NATS_ANY_VERSION');
  return addNatsAccess(command)
    .addOption(
      new Option('--log-name <name>', 'which of several logs of the market (default: default)').env(
        'TICKWELL_LOG_NAME',
      ),
    )
    .addOption(
      new Option(
        '--lead <time>',
        'so long before rows are due no more is done to them (default: 2s)',
      ).env('TICKWELL_LEAD'),
    )
    .addOption(
      new Option('--nats-replicas <number>', 'servers of NATS that keep it (default: 3)').env(
        'TICKWELL_NATS_REPLICAS',
      ),
    )
    .addOption(anyVersion);
}
