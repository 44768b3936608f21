/**
 * What the first test market of a process costs, of CPU time: a few instruments, and shares. Each is
 * started in a process of its own, in turn; beside it what it takes to import the package.
 */
import { execFileSync } from 'node:child_process';
import { median, report } from './lib.mjs';

const ROUNDS = 9;
const MARKETS = {
  'three instruments': { spec: { count: 3 } },
  equities: { preset: 'equities' },
};
const PROGRAM = `
const used = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const began = process.cpuUsage();
const { startTestMarket } = await import(process.argv[1]);
const imported = used(began);
const started = process.cpuUsage();
const one = await startTestMarket(JSON.parse(process.argv[2]));
const first = used(started);
await one.stop();
const again = process.cpuUsage();
const other = await startTestMarket(JSON.parse(process.argv[2]));
const second = used(again);
await other.stop();
console.log(JSON.stringify({ imported, first, second }));
`;

const entry = new URL('../dist/testing/index.js', import.meta.url).href;
const measured = Object.fromEntries(Object.keys(MARKETS).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, options] of Object.entries(MARKETS)) {
    const args = ['--input-type=module', '-e', PROGRAM, entry, JSON.stringify(options)];
    const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
    measured[name].push(JSON.parse(said));
  }
}
for (const [name, runs] of Object.entries(measured)) {
  const of = (what) => median(runs.map((run) => run[what]));
  const least = Math.min(...runs.map(({ first }) => first));
  report(`test market of ${name}: to import the package`, `${of('imported').toFixed(0)} ms`, '');
  const values = `${of('first').toFixed(0)} ms, least ${least.toFixed(0)}`;
  report(`test market of ${name}: the first of a process`, values, 'under 300');
  report(`test market of ${name}: another one`, `${of('second').toFixed(0)} ms`, '');
}
