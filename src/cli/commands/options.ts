import { type Command, Option } from 'commander';
import { CALENDAR_NAMES } from '../../core/market/calendar/calendar-spec.ts';
import { MODEL_KINDS } from '../../core/market/models/parameters.ts';
import { PRESET_NAMES } from '../../core/market/presets/presets.ts';
import { unknownName } from '../../core/market/unknown.ts';
import { DEFAULT_NOTATION, PRICE_NOTATIONS, TIME_NOTATIONS } from '../../wire/notation.ts';
import { UsageError } from '../usage-error.ts';

/** The options that make a market, each also taken from the environment. */
export interface MarketOptions {
  readonly config?: string;
  readonly preset?: string;
  readonly seed?: string;
  readonly origin?: string;
  readonly interval?: string;
  readonly dtype?: string;
  readonly capacity?: string;
  readonly count?: string;
  readonly pattern?: string;
  readonly model?: string;
  readonly calendar?: string;
}

/** Adds the options that make a market to a command. */
export function addMarketOptions(command: Command): Command {
  const option = (flags: string, description: string) => {
    const added = new Option(flags, description);
    return added.env(`TICKWELL_${added.attributeName().toUpperCase()}`);
  };
  return command
    .addOption(option('-c, --config <file>', 'market file, YAML or JSON'))
    .addOption(option('--preset <name>', `market to begin with: ${PRESET_NAMES.join(' ')}`))
    .addOption(option('--seed <number>', 'another seed is another market (default 1)'))
    .addOption(option('--origin <time>', 'time of row 0 (default 2026-01-01T00:00:00Z)'))
    .addOption(option('--interval <time>', 'time between rows: 250ms, 1s, 1m (default 1s)'))
    .addOption(
      option('--dtype <type>', 'uint8 uint16 uint32 int8 int16 int32 float64 (default uint16)'),
    )
    .addOption(option('--capacity <rows>', 'rows held in memory (default 86400)'))
    .addOption(option('--count <number>', 'how many instruments (default 100)'))
    .addOption(option('--pattern <text>', 'their symbols, {} for the number (default ticker_{})'))
    .addOption(option('--model <name>', `${MODEL_KINDS.join(' ')} (default walk)`))
    .addOption(option('--calendar <name>', `${CALENDAR_NAMES.join(' ')} (default always)`));
}

/** An option that is one of some `known` names. */
export function choice(
  kind: string,
  flags: string,
  description: string,
  known: readonly string[],
): Option {
  const option = new Option(flags, description).choices(known);
  return option.argParser((name) => {
    if (known.includes(name)) return name;
    throw new UsageError([unknownName({ kind, name, known })]);
  });
}

/** How prices are written. */
export function pricesOption(): Option {
  const text = 'whole ticks, or decimals: ticks * tick size';
  const option = choice('notation of prices', '--prices <how>', text, PRICE_NOTATIONS);
  return option.default(DEFAULT_NOTATION.prices);
}

/** How times are written. */
export function timeOption(): Option {
  const text = 'ms since 1970, or text like 2026-01-31T12:00:00.000Z';
  const option = choice('notation of time', '--time <how>', text, TIME_NOTATIONS);
  return option.default(DEFAULT_NOTATION.time);
}

/** An option that adds to a list, with commas or by being repeated. */
export function list(flags: string, description: string, without = 'none'): Option {
  // The first value takes the place of the default and of the environment's.
  let given: readonly string[] = [];
  const take = (text: string) => {
    given = [...given, ...text.split(',').map((part) => part.trim())];
    return given;
  };
  return new Option(flags, description).argParser(take).default([], without);
}
