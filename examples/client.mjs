// Prints the newest price of every row, each row once and in order, though this program and the
// server may both be stopped and started again: the cursor in the file is all that is remembered.
//   node examples/client.mjs [url] [symbols] [file]
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { subscribe } from 'tickwell/client';
import { WebSocket } from 'ws';

const [url = 'http://localhost:8080', symbols = '*', file] = process.argv.slice(2);
const isKnown = file !== undefined && existsSync(file);
const saved = isKnown ? JSON.parse(readFileSync(file, 'utf8')) : { until: 'now' };

const stream = subscribe({
  url,
  symbols: symbols === '*' ? '*' : symbols.split(','),
  since: saved.until,
  market: saved.market, // that the cursor is of
  WebSocket,
  onState: (state) =>
    console.error('reason' in state ? `${state.kind}: ${state.reason.message}` : state.kind),
});
process.once('SIGINT', () => stream.close());

for await (const rows of stream) {
  for (const { time, prices } of rows) {
    console.log(time, ...rows.symbols.map((symbol) => prices[symbol]));
  }
  if (file === undefined) continue;
  // Written aside and renamed, so that there is always one whole cursor.
  writeFileSync(`${file}.new`, JSON.stringify({ until: rows.until, market: stream.market }));
  renameSync(`${file}.new`, file);
}
