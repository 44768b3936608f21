/**
 * Says what this machine makes of the presets that are named: a line of JSON for each answer, with
 * its SHA-256. Machines that make the same prices, and write them the same way, say the same.
 */
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { register } from 'node:module';
import * as zlib from 'node:zlib';

if (!('crc32' in zlib)) register('./older-node.mjs', import.meta.url);
const { BLOCK_ROWS, checkSpec, Market, startServer } = await import('../../dist/index.js');

const ROW_FIELDS = 'last,bid,ask,volume,trades,aggressor,status';
const ROW_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet', 'bin'];
/** Columns of numbers, as wide as each needs. */
const TABLE_FORMATS = ['arrow', 'parquet'];
/** Blocks from the first row to the newest: so far that every model has long been on its way. */
const BLOCKS = 1024;
/** Rows of the newest block that are there: the ring is soon full, of however many instruments. */
const NEWEST_ROWS = 120;
const ROWS = 16;
const MOST_SYMBOLS = 100;
const CANDLE_SYMBOLS = 5;

/**
 * So that every machine has the same newest row.
 * @param {number} nowMs
 */
function standing(nowMs) {
  return { nowMs: () => nowMs, steadyMs: () => performance.now() };
}

/**
 * At most so many of a list, from its first to its last.
 * @template T
 * @param {readonly T[]} list
 * @param {number} most
 */
function spread(list, most) {
  const count = Math.min(most, list.length);
  if (count < 2) return list.slice(0, count);
  return Array.from(
    { length: count },
    (_, n) => list[Math.floor((n * (list.length - 1)) / (count - 1))],
  );
}

/**
 * @param {string} url
 * @returns {Promise<Buffer>}
 */
function bodyOf(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      if (answer.statusCode === 200) resolve(body);
      else reject(new Error(`${url} is answered with ${answer.statusCode}: ${body}`));
    });
    request.on('error', reject);
  });
}

/**
 * The paths that are asked for, by what they are called.
 * @param {InstanceType<typeof Market>} market
 */
function* asked({ grid, instruments }) {
  const { originMs, intervalMs } = grid;
  const symbols = instruments.map(({ symbol }) => symbol);
  const all = spread(symbols, MOST_SYMBOLS).join(',');
  const newest = BLOCKS * BLOCK_ROWS + NEWEST_ROWS;
  const places = { first: 0, 'at an edge': BLOCK_ROWS - ROWS / 2, newest: newest - ROWS };
  for (const [place, index] of Object.entries(places)) {
    // The first row of an answer is the one after `since`.
    const since = originMs + (index - 1) * intervalMs;
    for (const format of ROW_FORMATS) {
      const query = new URLSearchParams({ symbols: all, fields: ROW_FIELDS, format });
      query.set('since', `${since}`);
      query.set('limit', `${ROWS}`);
      yield { name: `rows ${place}, ${format}`, path: `/v1/rows?${query}` };
    }
  }
  const candles = { resolution: '15m', fields: 'volume,trades', count: '8' };
  const from = `${originMs + 100 * BLOCK_ROWS * intervalMs}`;
  for (const symbol of spread(symbols, CANDLE_SYMBOLS)) {
    const query = new URLSearchParams({ ...candles, symbol, from });
    yield { name: `candles of ${symbol}`, path: `/v1/candles?${query}` };
  }
  for (const format of TABLE_FORMATS) {
    const decimal = { prices: 'decimal', format };
    const query = new URLSearchParams({ ...candles, ...decimal, symbol: symbols[0], from });
    yield { name: `candles, decimal, ${format}`, path: `/v1/candles?${query}` };
    const rows = new URLSearchParams({ ...decimal, symbols: all, last: `${ROWS}` });
    yield { name: `rows, decimal, ${format}`, path: `/v1/rows?${rows}` };
  }
}

/** @param {string} preset */
async function digest(preset) {
  const check = checkSpec({ preset, capacity: NEWEST_ROWS - ROWS });
  if (!check.ok) throw new Error(JSON.stringify(check));
  const market = new Market(check.spec);
  const { originMs, intervalMs } = market.grid;
  const nowMs = originMs + (BLOCKS * BLOCK_ROWS + NEWEST_ROWS - 1) * intervalMs;
  const server = await startServer({
    market,
    host: '127.0.0.1',
    port: 0,
    clock: standing(nowMs),
    // One that asks for all there is, at once.
    limits: { workPerSecond: 1e9 },
  });
  await server.ready;
  for (const { name, path } of asked(market)) {
    const body = await bodyOf(server.url + path);
    const sha256 = createHash('sha256').update(body).digest('hex');
    process.stdout.write(`${JSON.stringify({ preset, name, bytes: body.length, sha256 })}\n`);
  }
  await server.stop();
}

for (const preset of process.argv.slice(2)) await digest(preset);
