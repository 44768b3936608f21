/**
 * Runs well-known clients, as their READMEs have them, against a feed that misbehaves by each profile of
 * our own, and grades what each of them has given to its user:
 *
 *     node bench/survey.mjs [--clients ccxt-pro,binance] [--profiles flaky-wifi] [--seeds 3]
 *       [--minutes 10] [--at-once 5] [--out dist/survey] [--again]
 *
 * Clients are those of `test/clients` (`npm ci --ignore-scripts` there), the server is the built program.
 * The market's time is as fast as a clock, because libraries wait by a clock: a run takes as long as it
 * says. All runs of as many clients as `--at-once` says go side by side, each in a process of its own.
 * All that they said is kept; results are written as JSON and as a table in Markdown. `--again` grades anew
 * what is there.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../scripts/server.mjs';
import { CLIENTS } from './survey/clients.mjs';
import { BEGIN, SPEC, SYMBOLS } from './survey/market.mjs';
import { Run, resultOf, trueTimes } from './survey/run.mjs';
import { tableOf } from './survey/table.mjs';
import { behindTls } from './survey/tls.mjs';

const PROFILES = ['flaky-wifi', 'bad-vendor', 'reconnect-storm', 'slow-consumer', 'maintenance'];
/** How long clients have to connect, and what is late has to come. */
const CONNECT_MS = 120_000;
const LATE_MS = 45_000;
const MOST_SEEDS = 500;
/** Processes that begin at once. */
const AT_ONCE = 6;
const SETTLE_MS = 3000;
const PROGRESS_MS = 10_000;
const MINUTE_MS = 60_000;
/** All clients have the same address, and ask more than one may. */
const LIMITS = [
  'workBurst=100000000000000',
  'workPerSecond=1000000000000',
  'maxAnswersPerAddress=5000',
];

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: Object.keys(CLIENTS).join() },
    profiles: { type: 'string', default: PROFILES.join() },
    seeds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '5' },
    out: { type: 'string', default: 'dist/survey' },
    again: { type: 'boolean', default: false },
  },
});
const names = values.clients.split(',');
const profiles = values.profiles.split(',');
const untilMs = BEGIN + Number(values.minutes) * MINUTE_MS;
const iso = (ms) => new Date(ms).toISOString();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const fileOf = ({ name, profile, seed }) => `${name}-${profile}-${seed}.ndjson`;

/** A market that stands still until all are there. */
async function serve(folder, atMs = BEGIN) {
  const config = join(folder, 'market.json');
  writeFileSync(config, JSON.stringify(SPEC));
  const limits = LIMITS.flatMap((limit) => ['--limit', limit]);
  return await startServer(['--config', config, '--at', iso(atMs), '--paused', ...limits]);
}

async function resume(url) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ paused: false });
  const answer = await fetch(`${url}/v1/control/clock`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The first seeds by which each clause of a profile strikes, and none before all are there. */
async function seedsOf(url, profile) {
  const found = [];
  for (let seed = 1; found.length < Number(values.seeds); seed++) {
    if (seed > MOST_SEEDS) throw new Error(`${values.minutes} minutes are too few for ${profile}`);
    const symbols = SYMBOLS.map(({ own }) => own).join();
    const query = new URLSearchParams({ symbols, since: iso(BEGIN - 1000), until: iso(untilMs) });
    const answer = await fetch(`${url}/faulty/${profile}:${seed}/v1/faults?${query}`);
    const { faults, strikes } = await answer.json();
    const clauses = faults.split(',').filter((clause) => clause.includes('@')).length;
    const striking = new Set(strikes.map(({ clause }) => clause));
    const isEarly = strikes.some(({ time }) => time <= BEGIN);
    if (striking.size >= clauses && !isEarly) found.push(seed);
  }
  return found;
}

/** All profiles and seeds of some clients, side by side. */
async function runSome(some, folder) {
  const server = await serve(folder);
  const proxy = await behindTls(server.url);
  const where = { url: server.url, tls: proxy.url, sinceMs: BEGIN, untilMs };
  const runs = [];
  try {
    const due = [];
    for (const profile of profiles)
      for (const seed of await seedsOf(server.url, profile))
        for (const name of some) due.push([name, profile, seed]);
    // Each takes a while to load: who waits for a processor for too long is not there in time.
    const start = async () => {
      for (let one = due.shift(); one !== undefined; one = due.shift()) {
        const run = new Run(...one, where);
        runs.push(run);
        progress(`${some.join(', ')}: ${due.length} to begin`);
        await Promise.race([run.ready, sleep(CONNECT_MS)]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, start));
    await sleep(SETTLE_MS);
    await resume(server.url);
    const startMs = performance.now();
    const lengthMs = untilMs - BEGIN + LATE_MS;
    while (performance.now() - startMs < lengthMs) {
      const records = runs.reduce((sum, { lines }) => sum + lines.length, 0);
      const part = Math.min(1, (performance.now() - startMs) / lengthMs);
      progress(`${some.join(', ')}: ${Math.floor(100 * part)}%, ${records} lines`);
      await sleep(PROGRESS_MS);
    }
    const endMs = Date.now() - LATE_MS;
    await Promise.all(runs.map((run) => run.stop()));
    const times = await trueTimes(where);
    const found = [];
    for (const run of runs) {
      const lines = [...run.lines, ['end', endMs, run.exit]];
      writeFileSync(
        join(values.out, fileOf(run)),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
      found.push(await resultOf(run, endMs, times));
    }
    return found;
  } finally {
    await Promise.all(runs.map((run) => run.stop()));
    await proxy.close();
    await server.stop();
  }
}

function progress(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

/** Grades what earlier runs have left. */
async function gradeAgain(folder) {
  const server = await serve(folder, untilMs + MINUTE_MS);
  try {
    const where = { url: server.url, sinceMs: BEGIN, untilMs };
    const times = await trueTimes(where);
    const found = [];
    for (const name of names)
      for (const profile of profiles)
        for (const seed of await seedsOf(server.url, profile)) {
          const text = readFileSync(join(values.out, fileOf({ name, profile, seed })), 'utf8');
          const lines = text.trimEnd().split('\n').map(JSON.parse);
          const [, endMs, exit] = lines.pop();
          const run = { name, profile, seed, where, lines, exit: exit ?? undefined };
          found.push(await resultOf(run, endMs, times));
        }
    return found;
  } finally {
    await server.stop();
  }
}

function report(results) {
  const [{ model }] = cpus();
  const machine = `${cpus().length} cores of ${model}, Node ${process.version}`;
  const survey = { at: iso(Date.now()), machine, minutes: values.minutes, results };
  writeFileSync(join(values.out, 'survey.json'), `${JSON.stringify(survey, null, 1)}\n`);
  writeFileSync(join(values.out, 'survey.md'), tableOf(survey));
}

const folder = mkdtempSync(join(tmpdir(), 'tickwell-survey-'));
mkdirSync(values.out, { recursive: true });
try {
  const results = values.again ? await gradeAgain(folder) : [];
  // What was kept is written over by what was found, never by nothing.
  if (results.length > 0) report(results);
  for (let n = 0; n < names.length && !values.again; n += Number(values['at-once'])) {
    results.push(...(await runSome(names.slice(n, n + Number(values['at-once'])), folder)));
    report(results);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(readFileSync(join(values.out, 'survey.md'), 'utf8'));
