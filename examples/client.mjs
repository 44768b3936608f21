// Prints the newest price of every row, each row once and in order, though this program and the
// server may both be stopped and started again: the cursor in the file is all that is remembered.
//   node examples/client.mjs [url] [symbols] [file]
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { subscribe, timeOf } from 'tickwell/client';
import { WebSocket } from 'ws';

const [url = 'http://localhost:8080', symbols = '*', file] = process.argv.slice(2);
const isKnown = file !== undefined && existsSync(file);
const cursor = isKnown ? JSON.parse(readFileSync(file, 'utf8')) : { since: 'now' };

const stream = subscribe({
  url,
  symbols: symbols === '*' ? '*' : symbols.split(','),
  ...cursor, // since, and the market that it is of
  WebSocket,
  onState: (state) => console.error(state.kind),
});
process.once('SIGINT', () => stream.close());

for await (const rows of stream) {
  for (let row = 0; row < (rows.prices[0]?.length ?? 0); row++) {
    console.log(timeOf(rows, row), ...rows.prices.map((column) => column[row]));
  }
  if (file === undefined) continue;
  // Written aside and renamed, so that there is always one whole cursor.
  writeFileSync(`${file}.new`, JSON.stringify({ since: rows.until, market: stream.market }));
  renameSync(`${file}.new`, file);
}
