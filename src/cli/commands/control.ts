import { type Command, Option } from 'commander';
import { UsageError } from '../usage-error.ts';

/** What every command of these is given. */
export interface ServerChoice {
  readonly url: string;
  readonly tokenFile?: string;
}

export interface ClockOptions extends ServerChoice {
  readonly key?: string;
}

export interface ControlOptions extends ClockOptions {
  readonly symbol?: readonly string[];
  readonly sector?: string;
  readonly at?: string;
}

/** Options of a kind by the names of the protocol: what follows the flag, and what it is. */
type Parameters = Readonly<Record<string, readonly [value: string, text: string]>>;

const FOR = ['<time>', 'for how long, such as 30s'] as const;
const FACTOR = ['<factor>', 'times this'] as const;

/** Each kind, what it does, and what it takes. */
export const KINDS: Readonly<Record<string, readonly [text: string, parameters: Parameters]>> = {
  shift: ['a jump at one row, for good', { percent: ['<number>', 'such as -7'] }],
  ramp: [
    'a move along a line, and back along another',
    {
      percent: ['<number>', 'such as -7'],
      over: ['<time>', 'within this time'],
      backPercent: ['<number>', 'how much of it comes back (default 0)'],
      backOver: ['<time>', 'within this time'],
    },
  ],
  volatility: ['what prices move, times a factor', { factor: FACTOR, for: FOR }],
  drift: ['a slope', { percentPerDay: ['<number>', 'percent a day'], for: FOR }],
  halt: [
    'no trades: all stands still',
    { for: FOR, resume: ['<how>', 'base: where the price has gone; frozen: where it stood'] },
  ],
  liquidity: [
    'spread, depth and volume, times factors',
    { spread: FACTOR, depth: FACTOR, volume: FACTOR, for: FOR },
  ],
};

/** What a scenario is started with, beside the rest: its name, or the file that has it. */
export function addControl(program: Command): void {
  const command = program
    .command('control')
    .summary('have something done to a market that is served: crash, halt, ...')
    .description('Has something done to a market that is served, from the next row on.');
  for (const [kind, [text, parameters]] of Object.entries(KINDS)) {
    const each = addChoice(command.command(kind).description(`Does to prices: ${text}.`));
    for (const [name, [value, about]] of Object.entries(parameters)) {
      each.option(`--${dashed(name)} ${value}`, about);
    }
    each.action(async (options: ControlOptions & Readonly<Record<string, unknown>>) => {
      const given = Object.keys(parameters).filter((name) => options[name] !== undefined);
      const said = Object.fromEntries(given.map((name) => [name, numberOrText(options[name])]));
      const { doEvent } = await import('../control.ts');
      await doEvent(kind, said, options);
    });
  }
  addChoice(
    command.command('scenario').argument('<name or file>', 'one that has a name, or a file'),
  )
    .description('Starts a scenario: several of these in one go, all or none.')
    .action(async (scenario: string, options: ControlOptions) => {
      const { startScenario } = await import('../control.ts');
      await startScenario(scenario, options);
    });
  addClock(command);
  addServer(
    command.command('scenarios').description('Lists the scenarios that have names.'),
  ).action(async (options: ServerChoice) => {
    const { listScenarios } = await import('../control.ts');
    await listScenarios(options);
  });
  addServer(command.command('log').description('Lists what was done, as JSON.')).action(
    async (options: ServerChoice) => {
      const { showLog } = await import('../control.ts');
      await showLog(options);
    },
  );
  command.addHelpText(
    'after',
    `
Examples:
  tickwell control halt --symbol ticker_07 --for 30s
  tickwell control ramp --percent -9 --over 45s --back-percent 80 --back-over 5m
  tickwell control scenario flash-crash --symbol ticker_07,ticker_08
  tickwell control scenario mine.yaml --at 2026-03-02T14:30:00Z
  tickwell control pause; tickwell control step 10; tickwell control speed 60
  tickwell control log

A file has a name and a list of effects, each with its kind and the time after the start:
  name: mine
  effects:
    - { kind: shift, percent: -2 }
    - { kind: halt, after: 10s, for: 1m, resume: frozen }`,
  );
}

/** What is done to the market's time. */
function addClock(command: Command): void {
  const turn = async (change: Readonly<Record<string, unknown>>, options: ClockOptions) => {
    const { changeClock } = await import('../control.ts');
    await changeClock(change, options);
  };
  const add = (name: string, text: string) =>
    addKey(addServer(command.command(name))).description(text);
  add('pause', "Has the market's time stand still.").action((options: ClockOptions) =>
    turn({ paused: true }, options),
  );
  add('resume', 'Lets it go on, as fast as before.').action((options: ClockOptions) =>
    turn({ paused: false }, options),
  );
  add('speed', 'Has it go so many times as fast as time; 0 is a pause.')
    .argument('<number>')
    .action((speed: string, options: ClockOptions) =>
      turn({ speed: numberOrText(speed) }, options),
    );
  add('step', 'Moves a market on that stands still.')
    .argument('[rows or time]', 'such as 10 or 10s', '1')
    .action((by: string, options: ClockOptions) => turn({ step: numberOrText(by) }, options));
}

function addServer(command: Command): Command {
  return command
    .option('--url <address>', 'of the server', 'http://localhost:8080')
    .option('--token-file <file>', 'the token of its --control-token-file');
}

function addChoice(command: Command): Command {
  return addKey(addServer(command))
    .addOption(
      new Option('--symbol <list>', 'for whom, with commas between; default: all').argParser(
        (text: string) => text.split(','),
      ),
    )
    .option('--sector <name>', 'for all of a sector instead')
    .option('--at <time>', 'from when on, RFC 3339 or ms since 1970; default: the next row');
}

function addKey(command: Command): Command {
  return command.option('--key <text>', 'the same key is done once, however often it is asked for');
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Numbers as such; what is no number is text, to be found wrong by who knows. */
function numberOrText(text: unknown): unknown {
  if (typeof text !== 'string') throw new UsageError(['an option must have a value']);
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text;
}
