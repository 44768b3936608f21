/** One client under faults, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CLIENTS } from './clients.mjs';
import { SYMBOLS } from './market.mjs';
import { CERTIFICATE } from './tls.mjs';
import { verdictsOf } from './verdict.mjs';

const FOLLOW = fileURLToPath(new URL('follow.mjs', import.meta.url));
/** Errors of a process that has ended: their beginning says enough. */
const LETTERS = 2000;
/** Of all that a client said: it says the same again and again. */
const MOST_SAID = 20;

/** A client in a process of its own, under faults. */
export class Run {
  constructor(name, profile, seed, where) {
    this.name = name;
    this.profile = profile;
    this.seed = seed;
    this.where = where;
    /** What it said. @type {any[]} */
    this.lines = [];
    this.errors = '';
    this.isStopped = false;
    /** How its process ended, if it did by itself. @type {string | undefined} */
    this.exit = undefined;
    const prefix = `/faulty/${encodeURIComponent(profile)}:${seed}`;
    const http = where.url + prefix;
    const args = [FOLLOW, name, http, http.replace('http', 'ws'), where.tls + prefix];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: CERTIFICATE };
    this.child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(this.child, 'close');
    this.ready = Promise.race([
      ended,
      new Promise((done) => {
        createInterface(this.child.stdout).on('line', (line) => {
          // The last line of a process that was ended may lack its end.
          const said = line.endsWith(']') ? JSON.parse(line) : [];
          if (said[0] === 'ready') done();
          else if (said.length > 0) this.lines.push(said);
        });
      }),
    ]);
    this.ended = ended.then(([code, signal]) => {
      if (!this.isStopped) this.exit = `${code ?? signal}: ${this.errors.trim().slice(0, LETTERS)}`;
    });
    this.child.stderr.on('data', (data) => {
      this.errors += data;
    });
  }

  async stop() {
    this.isStopped = this.child.exitCode === null && this.child.signalCode === null;
    if (this.isStopped) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/**
 * What came of a run whose feed ended at a time of the host: verdicts, how many records, what was said, and
 * what the server grades of it.
 */
export async function resultOf({ name, profile, seed, where, lines, exit }, endMs, times) {
  const of = (kind) => lines.filter((line) => line[0] === kind).map(([, , what]) => what);
  const records = of('record').map((record) => gradable(record, times));
  const { right, symbols, faults } = await gradeOf(records, { name, profile, seed, where });
  const verdicts = verdictsOf({ lines, grade: { right, symbols }, exit, endMs });
  const told = of('told');
  const silenceMs = endMs - (lines.findLast(([kind]) => kind === 'record')?.[1] ?? 0);
  const counts = { records: records.length, told: told.length, silenceMs };
  const said = [...new Set(told)].slice(0, MOST_SAID);
  return { name, profile, seed, verdicts, ...counts, exit, said, symbols, faults };
}

async function gradeOf(records, { name, profile, seed, where: { url, sinceMs, untilMs } }) {
  if (records.length === 0) return { right: false, symbols: {} };
  const { what, prices } = CLIENTS[name];
  const query = new URLSearchParams({
    ...{ what, prices, since: sinceMs, until: untilMs, format: 'ndjson' },
    ...{ symbols: SYMBOLS.map(({ own }) => own).join(), faults: profile, faultSeed: seed },
  });
  const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const answer = await fetch(`${url}/v1/grade?${query}`, { method: 'POST', body });
  const grade = await answer.json();
  if (answer.ok) return grade;
  throw new Error(`${name} ${profile}: ${JSON.stringify(grade)}`);
}

/**
 * When the trades of a market were, by symbol: clients tell whole milliseconds of times that are more
 * exact, which is none of their faults.
 */
export async function trueTimes({ url, sinceMs, untilMs }) {
  const times = {};
  for (const { own } of SYMBOLS) {
    const query = `symbol=${own}&since=${sinceMs}&until=${untilMs}`;
    times[own] = await (await fetch(`${url}/v1/trades?${query}`)).json();
  }
  return times;
}

/** A record as it is graded: some clients have numbers as text, and times of nine digits. */
function gradable({ id, time, symbol, price }, times) {
  if (id === undefined) return { time, symbol, price };
  const exact = times[symbol].time[Number(id) - times[symbol].fromId] ?? 0;
  const isIt = Math.abs(exact - (typeof time === 'string' ? Date.parse(time) : time)) < 1;
  return { id: Number(id), time: isIt ? exact : time, symbol, price };
}
