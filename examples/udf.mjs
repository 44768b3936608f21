// Prints each bar once it has closed, asked for as TradingView's charting library does: again and
// again, over HTTP.   node examples/udf.mjs [url] [symbol] [resolution] [every how many ms]
const [url = 'http://localhost:8080', symbol = 'TICKER00USDT', resolution = '1', every = 1000] =
  process.argv.slice(2);

/** @param {string} path */
async function ask(path) {
  const answer = await (await fetch(`${url}/udf/${path}`)).json();
  if (answer.s === 'error') throw new Error(answer.errmsg);
  return answer;
}

for (let from; ; await new Promise((go) => setTimeout(go, Number(every)))) {
  const to = (await ask('time')) + 1; // which the answer ends before
  const asked = from === undefined ? 'countback=2' : `from=${from}`;
  const bars = await ask(`history?symbol=${symbol}&resolution=${resolution}&${asked}&to=${to}`);
  if (bars.s === 'no_data') continue;
  // The last one still forms: it is asked for again.
  for (let n = 0; n < bars.t.length - 1; n++) {
    const values = ['o', 'h', 'l', 'c', 'v'].map((name) => bars[name][n]);
    console.log(new Date(bars.t[n] * 1000).toISOString(), ...values);
  }
  from = bars.t.at(-1);
}
