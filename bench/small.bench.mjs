/**
 * Small answers over connections that are kept, beside bare node:http and a bare route of Fastify
 * that send the same bytes (Fastify the same headers too), each in a process of its own: CPU of the
 * process for a request, kernel included, as the 10th percentile and the median of many short
 * interleaved rounds. Wall time would tell of the clients.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { withServer } from '../scripts/server.mjs';
import { ask, requestText } from './answers/clients.mjs';
import { cpuMsOf, keep, median, report } from './lib.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 30);
/** What the kinds that are measured begin with. */
const WANTED = process.env.BENCH_KINDS ?? '';
const TIMES = 500;
const AT_ONCE = 8;
/** The compilers are not done before. */
const WARM_UPS = 20;

/** What users ask for; `NN` is another instrument each time. */
const KINDS = {
  'market settings': ['/v1/market'],
  'market settings, gzip': ['/v1/market', { 'accept-encoding': 'gzip' }],
  'newest row of 100': ['/v1/rows?last=1'],
  'newest row of 100, gzip': ['/v1/rows?last=1', { 'accept-encoding': 'gzip' }],
  'newest row of 100, decimals': ['/v1/rows?last=1&prices=decimal&time=iso'],
  'newest row of one': ['/v1/rows?last=1&symbols=ticker_NN'],
  'latest of 100': ['/v1/latest'],
  'latest of 100, csv': ['/v1/latest?format=csv'],
  'newest ten rows of one': ['/v1/rows?last=10&symbols=ticker_NN'],
  'newest row of one, known': ['/v1/rows?last=1&symbols=ticker_NN', { 'if-none-match': '*' }],
  '/healthz': ['/healthz'],
};

function get(url, path, headers) {
  return new Promise((resolve, reject) => {
    request(url + path, { headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => {
        const { connection, date, 'keep-alive': kept, ...said } = answer.headers;
        resolve({ status: answer.statusCode, headers: said, body: Buffer.concat(pieces) });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function startRival(kind) {
  const child = fork(fileURLToPath(new URL('answers/rivals.mjs', import.meta.url)), [kind]);
  const [port] = await once(child, 'message');
  return { kind, pid: child.pid, url: `http://127.0.0.1:${port}`, child };
}

async function measure(name, servers) {
  const [path, headers = {}] = KINDS[name];
  const pathOf = (n) => path.replace('NN', String(n % 100).padStart(2, '0'));
  const textOf = (n) => requestText(pathOf(n), headers);
  const { status, headers: said, body } = await get(servers[0].url, pathOf(0), headers);
  for (const { child } of servers.slice(1)) {
    child.send({ status, headers: said, base64: body.toString('base64') });
    await once(child, 'message');
  }
  const seen = servers.map(() => []);
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const [n, { pid, url }] of servers.entries()) {
      const beforeMs = cpuMsOf(pid);
      await ask(url, { times: TIMES, atOnce: AT_ONCE, textOf, status });
      if (round >= 0) seen[n].push(((cpuMsOf(pid) - beforeMs) * 1000) / TIMES);
    }
  }
  const low = seen.map((us) => us.toSorted((a, b) => a - b)[Math.floor(us.length / 10)]);
  const ratio = (n, of) => (low[of] / low[n]).toFixed(2);
  const middle = median(seen[0].map((us, round) => seen[1][round] / us)).toFixed(2);
  const text = low.map((us) => us.toFixed(0)).join(' / ');
  report(`${name}: us, bare, Fastify`, text, '');
  report(
    '  of bare, of Fastify; of bare, median',
    `${ratio(0, 1)}, ${ratio(0, 2)}; ${middle}`,
    '0.6 of bare',
  );
  keep({ [name]: seen });
}

if (process.platform === 'linux') {
  const limits = 'workBurst=1000000000000,workPerSecond=1000000000000';
  await withServer(['--limit', limits], async ({ child, url }) => {
    const rivals = [await startRival('bare'), await startRival('fastify')];
    const servers = [{ pid: child.pid, url }, ...rivals];
    for (const name of Object.keys(KINDS).filter((kind) => kind.startsWith(WANTED))) {
      await measure(name, servers);
    }
    for (const rival of rivals) rival.child.disconnect();
  });
}
