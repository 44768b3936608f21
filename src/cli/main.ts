#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { unknownName } from '../core/market/unknown.ts';
import { packageVersion } from '../server/version.ts';
import { addControl } from './commands/control.ts';
import { addFaults } from './commands/faults.ts';
import { addFollow } from './commands/follow.ts';
import { addGenerate } from './commands/generate.ts';
import { addGrade } from './commands/grade.ts';
import { addMarket } from './commands/market.ts';
import { addRealism } from './commands/realism.ts';
import { addServe } from './commands/serve.ts';
import { addSink } from './commands/sink.ts';
import { addWorker } from './commands/worker.ts';
import { checkEnvironment } from './environment.ts';
import { unwritten } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Exit code for something the user has to put right; 1 is for what we have. */
const WRONG_USE = 2;
const LAST_WORDS_MS = 1000;

const program = new Command('tickwell')
  .description('A market that does not exist, served like one that does.')
  .version(packageVersion())
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();
addServe(program);
addGenerate(program);
addMarket(program);
addRealism(program);
addGrade(program);
addFaults(program);
addControl(program);
addFollow(program);
addSink(program);
addWorker(program);
program.hook('preAction', (_, command) => {
  // Workers have what their primary was started with.
  if (command.name() !== 'worker') checkEnvironment(program, process.env);
});
for (const command of program.commands) command.exitOverride().allowExcessArguments(false);

// Who cannot be told why it ends still learns by which code.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!hasLeft(error)) tell(unwritten('-', error).message);
  process.exit(hasLeft(error) ? 0 : 1);
});

try {
  checkCommand(process.argv[2]);
  // Commander shows the help of all where there is none of the one that is named.
  if (process.argv[2] === 'help') checkCommand(process.argv[3]);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : WRONG_USE;
  } else if (error instanceof UsageError) {
    for (const line of error.lines) tell(line);
    process.exitCode = WRONG_USE;
  } else if (!hasLeft(error)) {
    tell(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
// A reader of errors that does not read is not waited for.
if (process.stderr.writableLength > 0) setTimeout(() => process.exit(), LAST_WORDS_MS).unref();

/** `serve` is meant where none is named, and would take another name for an argument. */
function checkCommand(name: string | undefined): void {
  if (name === undefined || name.startsWith('-')) return;
  const known = program.commands.map((command) => command.name());
  if (known.includes(name) || name === 'help') return;
  const sentence = unknownName({ kind: 'command', name, known, see: 'see tickwell --help' });
  program.error(`error: ${sentence}`);
}

function tell(sentence: string): void {
  process.stderr.write(`tickwell: ${sentence}\n`);
}

/** Whether a reader has seen enough, such as head: no failure. */
function hasLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
