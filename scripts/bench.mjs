/**
 * Runs the benchmarks one after the other, each in a process of its own: `npm run bench -- fill`.
 * At the end, all that was found in one table; `dist/bench` has it as JSON, with every measurement.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { table } from '../bench/lib.mjs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT, run } from './lib.mjs';

await main(async () => {
  await install();
  await buildIfOld();
  const wanted = process.argv.slice(2);
  const names = readdirSync(`${ROOT}/bench`)
    .filter((file) => file.endsWith('.bench.mjs'))
    .map((file) => file.slice(0, -'.bench.mjs'.length))
    .filter((name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)))
    .sort();
  for (const name of names) {
    await run(process.execPath, ['--expose-gc', `bench/${name}.bench.mjs`]);
  }
  const all = names.map((name) =>
    JSON.parse(readFileSync(`${ROOT}/dist/bench/${name}.json`, 'utf8')),
  );
  writeFileSync(`${ROOT}/dist/bench/all.json`, `${JSON.stringify(all)}\n`);
  const rows = all.flatMap(({ name, lines }) =>
    lines.map((/** @type {Record<'what' | 'value' | 'goal', string>} */ line) => {
      return [name, line.what, line.value, line.goal];
    }),
  );
  const [{ at, machine }] = all;
  console.log(
    `\n${at}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; medians.\n`,
  );
  console.log(table(['benchmark', 'what', 'measured', 'goal'], rows));
  console.log('\nAs JSON, with each measurement: dist/bench/all.json.');
});
