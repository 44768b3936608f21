// Appends each candle to a file of CSV once it is final, and shows the one that is being made. This
// program and the server may be stopped and started again: the file is all that is remembered.
//   node examples/candles.mjs <file> [url] [symbol] [resolution] [tz]
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { subscribeCandles } from 'tickwell/client';
import { WebSocket } from 'ws';

const [file, url = 'http://localhost:8080', symbol = 'ticker_00', resolution = '1m', tz] =
  process.argv.slice(2);
if (file === undefined) throw new Error('name a file to append to');
const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
const [since = 'now', market] = lines.at(-1)?.split(',') ?? [];

const stream = subscribeCandles({
  url,
  symbols: [symbol],
  resolution,
  tz,
  since: since === 'now' ? since : Number(since), // time of the last row that is in the file
  market, // that the file is of
  WebSocket,
});
for await (const candles of stream) {
  for (const { time, open, high, low, close, final } of candles) {
    const values = [open, high, low, close].map((ticks) => ticks[symbol]);
    const line = [candles.until, stream.market, new Date(time).toISOString(), ...values].join(',');
    if (final) appendFileSync(file, `${line}\n`);
    console.log(final ? line : `${line} ...`);
  }
}
