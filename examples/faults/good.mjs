// Records rows of a feed that may misbehave, and has every one of them right in the end:
//   node good.mjs URL HISTORY SYMBOLS SINCE UNTIL > rows.csv
// URL is where it follows the feed, /faulty/PROFILE:SEED and all; HISTORY is where it asks for what
// is over. It writes a row down when it has seen it from both: a price that is wrong and looks right
// is found in no other way.
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', history = '', symbols = '', sinceText = '', untilText = ''] =
  process.argv.slice(2);
const SINCE = Date.parse(sinceText);
const UNTIL = Date.parse(untilText);
/** Rows that are followed before they are read again. */
const CLOSED_ROWS = 50;
/** The longest wait before it comes back, and before an answer is given up. */
const WAIT_MS = 2000;
const ANSWER_MS = 10_000;

/** @typedef {{ since: number, until: number, prices: number[][] }} Rows */

/** What it found wrong, and how often. @type {Map<string, number>} */
const found = new Map();
/** @param {string} what */
const note = (what) => found.set(what, (found.get(what) ?? 0) + 1);

/** Asks until there is an answer that is whole; throws if it says not to ask again. @param {string} path */
async function ask(path) {
  for (let waitMs = 100; ; waitMs = Math.min(2 * waitMs, WAIT_MS)) {
    try {
      const answer = await fetch(history + path, { signal: AbortSignal.timeout(ANSWER_MS) });
      const json = await answer.json();
      if (answer.ok) return json;
      if (answer.status < 429) throw new Refused(json.error.message);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    await sleep(waitMs);
  }
}

class Refused extends Error {}

const { market: first, interval, instruments } = await ask('/v1/market');
const { heartbeat } = await ask('/v1/hello');
const wanted = symbols.split(',');
/** @type {{ min: number, max: number }[]} */
const bounds = wanted.map((name) =>
  instruments.find((/** @type {{ symbol: string }} */ { symbol }) => symbol === name),
);

/** Which market it is, told anew whenever something is done to it. @type {string} */
let market = first;
/** Time of the last row it was told, and of the last it has written down. */
let cursor = SINCE;
let written = SINCE;
/** Prices of the rows between those, as the feed told them. @type {number[][]} */
let told = [];

/** What is wrong with a message, if it can be seen. @param {Rows} rows */
function wrongWith({ since, until, prices }) {
  const count = (until - since) / interval;
  if (!Number.isInteger(count) || count < 1 || prices.length !== wanted.length) return 'time';
  const isPrice = (/** @type {unknown} */ price, /** @type {number} */ n) => {
    const { min = 0, max = 0 } = bounds[n] ?? {};
    return Number.isInteger(price) && Number(price) >= min && Number(price) <= max;
  };
  if (!prices.every((list, n) => list.length === count && list.every((one) => isPrice(one, n))))
    return 'price';
  return since > cursor ? 'gap' : undefined;
}

/** Takes in a message of rows. Gives whether it can go on from there. @param {Rows} rows */
function take(rows) {
  const wrong = wrongWith(rows);
  if (wrong !== undefined) note(wrong);
  if (wrong !== undefined) return false;
  if (rows.until <= cursor) note('again');
  // What it has already is left out.
  for (let n = (cursor - rows.since) / interval; n < (rows.until - rows.since) / interval; n++)
    told.push(rows.prices.map((list) => Number(list[n])));
  cursor = Math.max(cursor, rows.until);
  return true;
}

/** Reads what it was told again from where it is over, and writes down what is true. */
async function close() {
  while (written < cursor) {
    const query = `symbols=${symbols}&since=${written}&until=${cursor}&market=${market}`;
    /** @type {Rows} */
    const { since, until, prices } = await ask(`/v1/rows?${query}`);
    for (let time = since + interval, n = 0; time <= until && time <= UNTIL; time += interval, n++)
      for (const [column, symbol] of wanted.entries()) {
        const price = prices[column]?.[n];
        if (told[n]?.[column] !== price) note('not true');
        console.log(`${time},${symbol},${price}`);
      }
    told = told.slice((until - since) / interval);
    written = until;
  }
}

/** Follows the feed from the cursor on, until it ends or cannot be believed. */
async function follow() {
  const leave = new AbortController();
  // Who hears nothing for two heartbeats hears nothing any more, however open the socket is.
  const silence = () => setTimeout(() => leave.abort(), 2 * heartbeat);
  let timer = silence();
  try {
    const query = `symbols=${symbols}&since=${cursor}&market=${market}`;
    const answer = await fetch(`${url}/v1/events?${query}`, { signal: leave.signal });
    if (!answer.ok) return await refused(answer);
    let text = '';
    const body = /** @type {any} */ (answer.body);
    for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      const events = (text + bytes).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) if (!takeEvent(event) || cursor >= UNTIL) return;
      if (cursor - written >= CLOSED_ROWS * interval) await close();
      timer = silence();
    }
    note('end');
  } catch (error) {
    if (error instanceof Refused) throw error;
    note(leave.signal.aborted ? 'silence' : 'broken');
  } finally {
    clearTimeout(timer);
    leave.abort();
  }
}

/** Waits as long as it is asked to, if it may come back at all. @param {Response} answer */
async function refused(answer) {
  note(`status ${answer.status}`);
  if (answer.status < 429) throw new Refused(await answer.text());
  await sleep(1000 * Number(answer.headers.get('retry-after') ?? 0));
}

/** Takes in an event. Gives whether it can go on from there. @param {string} event */
function takeEvent(event) {
  const lines = event.split('\n').map((line) => line.split(/: ?(.*)/s));
  const data = lines.find(([field]) => field === 'data')?.[1];
  // Events that have a name are no rows; `bye` is the last of its stream.
  const name = lines.find(([field]) => field === 'event')?.[1];
  if (name === 'bye' || data === undefined) return name !== 'bye';
  try {
    if (name === 'market') market = JSON.parse(data).market;
    return name === undefined ? take(JSON.parse(data)) : true;
  } catch {
    note('garbage');
    return false;
  }
}

console.log('time,symbol,price');
for (let waitMs = 50; cursor < UNTIL; await sleep(waitMs * Math.random())) {
  const before = cursor;
  await follow();
  // The longer nothing comes, the less often it asks; what came shows that all is well again.
  waitMs = cursor > before ? 50 : Math.min(2 * waitMs, WAIT_MS);
}
await close();
for (const [what, count] of [...found].sort()) console.error(`${what}: ${count}`);
