/** Runs the benchmarks one after the other, each in a process of its own: `npm run bench -- fill`. */
import { readdirSync } from 'node:fs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT, run } from './lib.mjs';

await main(async () => {
  await install();
  await buildIfOld();
  const wanted = process.argv.slice(2);
  for (const file of readdirSync(`${ROOT}/bench`).sort()) {
    if (!file.endsWith('.bench.mjs')) continue;
    if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
    await run(process.execPath, ['--expose-gc', `bench/${file}`]);
  }
});
