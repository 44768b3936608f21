/**
 * Whether what an answer is charged is what it costs: for each kind of request the CPU that the
 * server takes for a unit charged, beside that of the newest 1,000 rows of 100 instruments as JSON.
 * Above 1 is what is too cheap, and hurts neighbours; below 1 what is too dear. Interleaved rounds,
 * medians. BENCH_MARKETS=gbm and BENCH_ONLY=candles measure a part.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { keep, median, report } from './lib.mjs';
import { BACKFILLS, MESSAGES, momentOf, REQUESTS } from './paying/kinds.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const MARKETS = (process.env.BENCH_MARKETS ?? 'walk,gbm,crash-boom,regime,market').split(',');
const ONLY = new RegExp(process.env.BENCH_ONLY ?? '');
const REFERENCE = 'newest 1,000 rows of 100, json';
const GOAL = '0.5 to 2';
const COUNT = 100;
const SERVER = fileURLToPath(new URL('paying/server.mjs', import.meta.url));

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const symbols = Array.from({ length: COUNT }, (_, n) => `ticker_${String(n).padStart(2, '0')}`);
let asked = 0;

/** Asks for another thing of a kind. */
function read(url, pathOf) {
  const n = asked++;
  const some = Array.from({ length: 10 }, (_, k) => symbols[(n + k) % COUNT]).join();
  const path = pathOf(n, symbols[n % COUNT]).replace('SOME', some);
  return new Promise((resolve, reject) => {
    request(url + path, { agent }, (answer) => {
      if (answer.statusCode !== 200 && !/nope|=x/.test(path)) {
        reject(new Error(`${path}: ${answer.statusCode}`));
      }
      answer.resume().on('end', () => resolve());
    })
      .on('error', reject)
      .end();
  });
}

async function connect(url, encoding) {
  const protocols = encoding === 'binary' ? ['tickwell.v1.bin'] : [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, protocols);
  await once(socket, 'message');
  return socket;
}

/** Asks over a stream, one after the other, and resolves with the last answer. */
async function talk(socket, [messageOf, type], times) {
  for (let n = 0; n < times; n++) {
    const id = ++asked;
    const message = { ...messageOf(id, symbols[id % COUNT]), id };
    const answer = untilOf(socket, (heard) => heard.type === type && heard.id === id);
    socket.send(JSON.stringify(message));
    await answer;
    if (type === 'subscribed') socket.send(JSON.stringify({ type: 'unsubscribe', id }));
  }
}

/** Resolves when a message is what is waited for. */
function untilOf(socket, isIt) {
  return new Promise((resolve, reject) => {
    const hear = (data, isBinary) => {
      const heard = isBinary ? { type: 'rows', bytes: data.length } : JSON.parse(data);
      if (heard.type === 'error') reject(new Error(JSON.stringify(heard)));
      if (!isIt(heard)) return;
      socket.off('message', hear);
      resolve();
    };
    socket.on('message', hear);
  });
}

async function backfill(url, { rows, encoding, isOne }) {
  const socket = await connect(url, encoding);
  const id = ++asked;
  const wanted = { symbols: isOne ? [symbols[id % COUNT]] : '*' };
  const values = rows * (isOne ? 1 : COUNT);
  let left = encoding === 'binary' ? 2 * values : rows;
  const done = untilOf(socket, (heard) => {
    if (heard.type === 'rows') left -= heard.bytes ?? heard.prices[0].length;
    return left <= 0;
  });
  socket.send(JSON.stringify({ type: 'subscribe', id, since: momentOf(id), ...wanted }));
  await done;
  socket.terminate();
}

function worksOf(url, sockets) {
  const works = {};
  for (const [name, [pathOf, times]] of Object.entries(REQUESTS)) {
    works[name] = async () => {
      for (let n = 0; n < times; n++) await read(url, pathOf);
    };
  }
  for (const [name, [messageOf, type, times]] of Object.entries(MESSAGES)) {
    works[name] = () => talk(sockets.json, [messageOf, type], times);
  }
  for (const [name, how] of Object.entries(BACKFILLS)) works[name] = () => backfill(url, how);
  return Object.entries(works).filter(([name]) => name === REFERENCE || ONLY.test(name));
}

async function measure(model) {
  const spec = { count: COUNT, capacity: 20_000, origin: '2016-01-04T00:00:00Z' };
  const child = fork(SERVER, [JSON.stringify({ ...spec, defaults: { model } })]);
  const [{ url }] = await once(child, 'message');
  const used = async () => {
    child.send('');
    return (await once(child, 'message'))[0];
  };
  const sockets = { json: await connect(url, 'json') };
  const seen = {};
  // The first round is for the compilers.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, work] of worksOf(url, sockets)) {
      const before = await used();
      await work();
      const after = await used();
      const [cpuUs, charged] = [after.cpuUs - before.cpuUs, after.charged - before.charged];
      if (round < 0) continue;
      seen[name] ??= [];
      seen[name].push({ cpuUs, charged, perUnit: cpuUs / charged });
    }
  }
  child.disconnect();
  sockets.json.terminate();
  const reference = seen[REFERENCE];
  for (const [name, each] of Object.entries(seen)) {
    const ratio = median(each.map(({ perUnit }, n) => perUnit / reference[n].perUnit));
    const [cpuUs, charged] = ['cpuUs', 'charged'].map((what) =>
      median(each.map((one) => one[what])),
    );
    const figures = `${ratio.toFixed(2)} (${(cpuUs / 1000).toFixed(1)} ms, ${(charged / 1e6).toFixed(2)} M)`;
    report(`${model}: ${name}`, figures, ratio < 0.5 || ratio > 2 ? `${GOAL}: NO` : GOAL);
  }
  return seen;
}

const seen = {};
for (const model of MARKETS) seen[model] = await measure(model);
keep({ rounds: ROUNDS, seen });
process.exit(0);
