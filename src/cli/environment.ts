import type { Command, Option } from 'commander';
import { nearestBySlips } from '../core/market/nearest.ts';
import { inQuotes } from '../core/market/quoted.ts';
import { CLOCK_VARIABLE } from './clock.ts';
import { UsageError } from './usage-error.ts';

const PREFIX = 'TICKWELL_';

/**
 * What Kubernetes sets in every pod for a service whose name begins with `tickwell`, such as
 * TICKWELL_SERVICE_HOST and TICKWELL_PORT_8080_TCP_ADDR. Source: the documents of Kubernetes,
 * "Service", "Environment variables".
 */
const SERVICE_LINK =
  /^TICKWELL_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Whether a value is that of TICKWELL_PORT where Kubernetes has set it. */
export function isServiceLink(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

/**
 * Throws a `UsageError` if a variable is probably one of the program's, misspelt; says on standard
 * error which others with the beginning of ours count for nothing. What Kubernetes sets is let be.
 */
export function checkEnvironment(program: Command, environment: NodeJS.ProcessEnv): void {
  const options = optionsOf(program);
  const known = options.flatMap(({ envVar }) => envVar?.slice(PREFIX.length) ?? []);
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith(PREFIX) || variable === CLOCK_VARIABLE) continue;
    const name = variable.slice(PREFIX.length);
    if (known.includes(name) || SERVICE_LINK.test(variable)) continue;
    const what = `unknown variable ${inQuotes(variable)}`;
    const meant = nearestBySlips(name, known);
    if (meant !== undefined) {
      throw new UsageError([`${what}; did you mean ${inQuotes(PREFIX + meant)}?`]);
    }
    process.stderr.write(`tickwell: ${what} counts for nothing; --help names those that do\n`);
  }
}

/** The options of all commands, of those within others too. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...command.commands.flatMap(optionsOf)];
}
