// Prints every row of a market, its time and its prices in ticks (price = ticks * tickSize), each
// once and in order, though the server may be killed and come back. The cursor is all there is to
// remember.   node examples/follow.mjs [url] [symbols]
const [url = 'http://localhost:8080', symbols = '*'] = process.argv.slice(2);
for (let cursor = 'since=now', told = ''; ; await new Promise((go) => setTimeout(go, 500))) {
  const answer = await fetch(`${url}/v1/rows?symbols=${symbols}&${cursor}`).catch(() => undefined);
  const rows = await answer?.json().catch(() => undefined); // not there, or cut off: ask again
  if (rows?.error && Number(answer?.status) < 429) throw new Error(rows.error.message);
  const news = rows?.prices ? `prices of ${rows.symbols} in ticks` : `no rows from ${url} yet`;
  if (news !== told) console.error(news);
  told = news;
  for (const n of rows?.prices?.[0].keys() ?? [])
    console.log(rows.since + (n + 1) * rows.interval, ...[...rows.prices].map((c) => c[n]));
  if (rows?.prices) cursor = `since=${rows.until}&market=${rows.market}`;
}
