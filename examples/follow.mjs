// Prints every row of a market, each once and in order, though the server may be killed and come
// back. The cursor is all there is to remember.   node examples/follow.mjs [url] [symbols]
import { setTimeout } from 'node:timers/promises';

const [url = 'http://localhost:8080', symbols = '*'] = process.argv.slice(2);
for (let cursor = 'since=now'; ; await setTimeout(500)) {
  const path = `${url}/v1/rows?symbols=${symbols}&${cursor}`;
  const answer = await fetch(path).catch(() => undefined); // not there: ask again later
  const rows = await answer?.json().catch(() => undefined); // cut off: the same
  if (rows?.error && Number(answer?.status) < 429) throw new Error(rows.error.message);
  if (!rows?.prices) continue;
  for (const n of rows.prices[0].keys())
    console.log(rows.since + (n + 1) * rows.interval, ...[...rows.prices].map((c) => c[n]));
  cursor = `since=${rows.until}&market=${rows.market}`;
}
