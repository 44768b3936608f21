/** What writing an answer costs, by format: the figures behind `src/host/budgets/cost.ts`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { report } from './lib.mjs';

const PROGRAM = new URL('../dist/bin/tickwell.js', import.meta.url).pathname;
const FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'bin'];
const ANSWERS = 10;
/** Of the kernel's account of processes: USER_HZ. */
const TICK_NS = 1e7;

if (process.platform === 'linux') {
  const limits = ['--limit', 'workPerSecond=1000000000000', '--limit', 'workBurst=1000000000000'];
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', ...limits], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))[0];
  while (!(await fetch(`${url}/readyz`)).ok);

  const cpuTicks = () => {
    const [utime, stime] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ').slice(13);
    return Number(utime) + Number(stime);
  };
  for (const symbols of ['ticker_07', '*']) {
    for (const format of FORMATS) {
      const path = `/v1/rows?symbols=${symbols}&since=2026-02-01&format=${format}`;
      // What is loaded and made once is not counted.
      const ask = async () =>
        (await fetch(url + path, { headers: { 'accept-encoding': 'identity' } })).arrayBuffer();
      await ask();
      const before = cpuTicks();
      for (let n = 0; n < ANSWERS; n++) await ask();
      const ns = ((cpuTicks() - before) * TICK_NS) / (ANSWERS * 1e6);
      const of = symbols === '*' ? '100 symbols' : 'one symbol';
      report(`CPU for a price as ${format}, ${of}`, `${ns.toFixed(0)} ns`, '');
    }
  }
  child.kill();
  await once(child, 'exit');
}
