// Records rows as many programs do, which is wrong in seven ways. Each has a number below, and
// docs/faults.md shows what its grade says of it. Do not copy from here; good.mjs has none of them.
//   node bad.mjs URL SYMBOLS SINCE UNTIL > rows.csv
const [url = '', symbols = '', sinceText = '', untilText = ''] = process.argv.slice(2);
const UNTIL = Date.parse(untilText);

/** @typedef {{ since: number, until: number, prices: unknown[][] }} Rows */

/** @param {Rows} rows */
function write({ until, prices }) {
  // 1. It trusts each time, 2. and each price.
  // 3. It does not look whether it has the row already, 4. nor whether one before it is lacking.
  for (const [n, symbol] of symbols.split(',').entries())
    console.log(`${until},${symbol},${JSON.stringify(prices[n]?.at(-1))}`);
  if (until >= UNTIL) process.exit();
}

/** @param {string} since */
async function follow(since) {
  const answer = await fetch(`${url}/v1/events?symbols=${symbols}&since=${since}`);
  let text = '';
  // 5. It waits for ever, whatever the silence means.
  const body = /** @type {any} */ (answer.body);
  for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + bytes).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (event.includes('event: ')) continue;
      try {
        write(JSON.parse(event.split('data: ')[1] ?? ''));
      } catch {
        // 6. What it does not understand was nothing of importance.
      }
    }
  }
}

console.log('time,symbol,price');
for (let since = `${Date.parse(sinceText)}`; ; since = 'now') {
  // 7. It comes back for what there is now, not for what it has missed.
  await follow(since).catch(() => {});
}
