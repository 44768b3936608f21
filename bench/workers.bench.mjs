/**
 * What two workers carry that one does not. Readers: of each server the CPU time of its busiest
 * process, because the readers themselves take a core. History: answers that take long to compute
 * and none to read, so that nothing but the workers is the limit, and beside it what this machine
 * gives two processes that do nothing but make prices: cores may share more than they say.
 * Interleaved rounds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withServer } from '../scripts/server.mjs';
import { measure } from './fanout/measure.mjs';
import { keep, median, report } from './lib.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CLIENTS = Number(process.env.BENCH_CLIENTS ?? 4000);
const AT_ONCE = 8;
const ANSWERS = 48;

const SPIN_MS = 3000;
/** A model whose instruments share nothing, so that two workers do not do the same twice. */
const SPEC = { count: 100, capacity: 1000, defaults: { model: 'gbm' } };

const config = join(tmpdir(), 'tickwell-bench-workers.json');
writeFileSync(config, JSON.stringify(SPEC));
const [fanout, history, machine] = [[], [], []];
for (let round = 0; round < ROUNDS; round++) {
  for (const workers of [1, 2]) {
    fanout.push({ round, ...(await measure('tickwell', CLIENTS, SECONDS, workers)) });
    history.push({ round, workers, perSecond: await answersPerSecond(workers) });
    machine.push({ round, workers, perSecond: await blocksPerSecond(workers) });
  }
}
const pick = (all, workers, name) =>
  all.filter((each) => each.workers === workers).map((each) => each[name]);
const ratios = (all, name, of) =>
  pick(all, 1, name).map((one, n) => of(one, pick(all, 2, name)[n]));

const busiest = ratios(fanout, 'usPerRowOfBusiest', (one, two) => one / two);
const whole = ratios(fanout, 'usPerRow', (one, two) => two / one);
const answers = ratios(history, 'perSecond', (one, two) => two / one);
const us = [1, 2].map((workers) => median(pick(fanout, workers, 'usPerRowOfBusiest')).toFixed(1));
report(`${CLIENTS} readers: us a row, busiest of 1 / of 2`, us.join(' / '), '');
report('readers that two carry, of what one does', median(busiest).toFixed(2), 'at least 1.7');
report('CPU of all processes, of one worker alone', median(whole).toFixed(2), '');
const rates = [1, 2].map((workers) => median(pick(history, workers, 'perSecond')).toFixed(1));
report('quarters of hourly candles a second, 1 / 2 workers', rates.join(' / '), '');
report('answers of two, of what one gives', median(answers).toFixed(2), 'at least 1.7');
const given = ratios(machine, 'perSecond', (one, two) => two / one);
report('prices of two bare processes, of what one makes', median(given).toFixed(2), '');
const part = answers.map((ratio, n) => ratio / given[n]);
report(
  'answers of two workers, of what the machine gives',
  median(part).toFixed(2),
  'at least 0.85',
);
keep({ clients: CLIENTS, seconds: SECONDS, rounds: ROUNDS, fanout, history, machine });

/** Quarters of candles that nobody has asked for before, so many at once. */
async function answersPerSecond(workers) {
  const limits = ['workBurst=1000000000000', 'maxAnswersPerAddress=1000'];
  const args = ['--config', config, '--workers', `${workers}`];
  return withServer(
    [...args, ...limits.flatMap((limit) => ['--limit', limit])],
    async ({ url }) => {
      const paths = Array.from({ length: ANSWERS + AT_ONCE }, (_, n) => {
        const symbol = `ticker_${String(n).padStart(2, '0')}`;
        return `/v1/candles?symbol=${symbol}&resolution=1h&from=2026-02-01&count=2160`;
      });
      let asked = 0;
      const reader = async (until) => {
        while (asked < until) await read(url + paths[asked++]);
      };
      const all = (until) => Promise.all(Array.from({ length: AT_ONCE }, () => reader(until)));
      // The first are for the compilers.
      await all(AT_ONCE);
      const start = performance.now();
      await all(ANSWERS + AT_ONCE);
      return (ANSWERS / (performance.now() - start)) * 1000;
    },
  );
}

/** Blocks of prices that so many processes make at once. */
async function blocksPerSecond(processes) {
  const spin = fileURLToPath(new URL('workers/spin.mjs', import.meta.url));
  const made = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = spawn(process.execPath, [spin, `${SPIN_MS}`]);
      const [line] = await once(child.stdout, 'data');
      return Number(line);
    }),
  );
  return (made.reduce((sum, blocks) => sum + blocks, 0) / SPIN_MS) * 1000;
}

/** A whole answer over a connection of its own: connections go to the workers in turn. */
function read(url) {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}
