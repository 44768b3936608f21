/**
 * The long tests, one after the other, with their tables: `npm run soak -- restarts --seconds 60
 * --clients 50 --kills 20 --seed 1`, or `npm run soak -- slow`, or `clients`, `parsers`, `machines`,
 * `realism`, `rolling`, `sinks`, `cluster`. Of a file, `--only TEXT` runs the tests with TEXT in
 * their names. Minutes, and bounded.
 */
import { parseArgs } from 'node:util';
import { buildIfOld } from './build.mjs';
import { Failed, install, main } from './lib.mjs';

const NUMBERS = ['seconds', 'clients', 'kills', 'seed'];

/** @param {string[]} args */
function parse(args) {
  const options = Object.fromEntries(
    [...NUMBERS, 'only'].map((name) => [name, { type: /** @type {const} */ ('string') }]),
  );
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { only, ...counts } = values;
  for (const [name, value] of Object.entries(counts)) {
    if (/^[1-9]\d{0,5}$/.test(String(value))) continue;
    throw new Error(`${name} must be a whole number from 1 to 999999; given: ${value}`);
  }
  const numbers = Object.entries(counts).map(([name, value]) => [name, Number(value)]);
  return { numbers: Object.fromEntries(numbers), only: only?.toString(), files: positionals };
}

await main(async () => {
  const { numbers, only, files } = parse(process.argv.slice(2));
  await install();
  await buildIfOld();
  // Only now is it installed.
  const { startVitest } = await import('vitest/node');
  process.env.SOAK = JSON.stringify(numbers);
  const vitest = await startVitest('test', files, {
    config: false,
    include: ['test/**/*.soak.ts'],
    watch: false,
    fileParallelism: false,
    ...(only === undefined ? {} : { testNamePattern: only }),
    // Progress is shown as it is made.
    disableConsoleIntercept: true,
  });
  const hasRun = vitest.state
    .getTestModules()
    .some(({ children }) =>
      [...children.allTests()].some((test) => test.result().state !== 'skipped'),
    );
  await vitest.close();
  if (process.exitCode) throw new Failed('a soak has failed', Number(process.exitCode));
  if (hasRun) return;
  if (only === undefined)
    throw new Error('every test was left out: this machine lacks what it needs');
  throw new Error(`only has to be a part of a test's name; given: ${only}`);
});
