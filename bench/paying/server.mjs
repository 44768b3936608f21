/**
 * A market in a process of its own, which says what it has charged and what CPU it has used. All
 * that anybody pays goes through `Address`, so it is counted there.
 */

import { Address } from '../../dist/host/budgets/addresses.js';
import { checkSpec, Market, startServer } from '../../dist/index.js';

let charged = 0;
const { pay, spend } = Address.prototype;
Address.prototype.pay = function (cost, nowMs, before) {
  const waitMs = pay.call(this, cost, nowMs, before);
  if (waitMs === 0) charged += cost;
  return waitMs;
};
Address.prototype.spend = function (cost, nowMs) {
  charged += cost;
  spend.call(this, cost, nowMs);
};

const NEVER = 1_000_000;
const server = await startServer({
  market: new Market(checkSpec(JSON.parse(process.argv[2])).spec),
  host: '127.0.0.1',
  port: 0,
  // What is kept is not made again.
  cacheMb: 0,
  limits: {
    ...{ workPerSecond: 10 ** 15, workBurst: 10 ** 15 },
    ...{ messagesPerSecond: NEVER, messagesBurst: NEVER, firstRequestMs: NEVER },
  },
});
await server.ready;
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuUs: user + system, charged });
});
process.on('disconnect', () => process.exit(0));
process.send({ url: server.url });
