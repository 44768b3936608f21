/**
 * One client, as its users have it, in a process of its own: `node follow.mjs CLIENT HTTP WS TLS`. A line
 * of JSON for all that it is given: `["record", atMs, record]`, `["told", atMs, text]`, once `["ready"]`.
 */
import { format } from 'node:util';
import { CLIENTS } from './clients.mjs';

/** Longer texts say nothing more. */
const LETTERS = 160;
/** Clients that do not say when they have subscribed are given so long to. */
const READY_MS = 3000;

const [name, http, ws, tls] = process.argv.slice(2);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let isReady = false;
const ready = () => {
  if (!isReady) write(['ready']);
  isReady = true;
};
const tell = (what) => {
  const text = what instanceof Error ? `${what.name}: ${what.message}` : String(what);
  write(['told', Date.now(), text.slice(0, LETTERS)]);
};
const take = (record) => write(['record', Date.now(), record]);

process.removeAllListeners('warning');
// What a client prints, a person is told; warnings of Node itself are about the process.
for (const level of ['log', 'warn', 'error']) console[level] = (...said) => tell(format(...said));
for (const level of ['info', 'debug']) console[level] = () => {};

await CLIENTS[name].follow({ http, ws, tls, take, tell, ready });
setTimeout(ready, READY_MS);
