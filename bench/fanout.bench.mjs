/**
 * What a reader costs: the same rows to 1, 10, ... 10,000 connections, all due at once, by Tickwell
 * and by other means. Server and readers are processes of their own, each on its core. Rounds are
 * interleaved, so that what disturbs one disturbs all; costs are CPU time, which tells more on a
 * shared machine than time does.
 *
 *     BENCH_CLIENTS=1000,5000 BENCH_ROUNDS=3 BENCH_SECONDS=5 BENCH_KINDS=bare,tickwell
 *
 * Readers of the same are the best case: the others ask under ids of their own, or for symbols of
 * their own. The floors are what a handle of Node and a C program with epoll can send at best.
 */
import { epollProgram, measure } from './fanout/measure.mjs';
import { keep, median, report, saveSvg, table } from './lib.mjs';
import { plotOf } from './plot.mjs';

const listOf = (name, byDefault) => (process.env[name] ?? byDefault).split(',');
const CLIENTS = listOf('BENCH_CLIENTS', '1,10,100,1000,5000,10000').map(Number);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** As long as from one ping to the next: each reader's is counted once. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20);
const ALL =
  'epoll,handle,bare,tickwell,ids,tens,orders,latest,two,mix,binary,events,bareone,one,ws,socketio,poll,idle,' +
  'oneids,candles,everycandles,tenids,tencandles,tenscandles,books,ownbooks,' +
  'baretrades,trades,owntrades';
const canCompile = epollProgram() !== undefined;
if (!canCompile) console.log('without a C compiler (cc), the floor of epoll is left out');
const KINDS = listOf('BENCH_KINDS', ALL).filter((kind) => kind !== 'epoll' || canCompile);

const TITLES = {
  epoll: 'C with epoll and send',
  handle: 'writes to the handles of Node',
  bare: 'bare net.Socket.write',
  ids: 'the same, each under its own id',
  tens: 'each its own ten of them',
  orders: 'all of them in 1,000 orders',
  latest: 'all of them in two orders, the latest alone',
  two: 'two subscriptions, to each order',
  mix: 'JSON, binary, events, a third each',
  binary: 'all of them, binary',
  events: 'all of them, server-sent events',
  oneids: 'one of them, each under its own id',
  candles: 'candles of one of them, each under its own id',
  everycandles: 'the same, every 5 s',
  tenids: 'the same ten of them, each under its own id',
  tencandles: 'candles of the same ten, each under its own id',
  tenscandles: 'candles of its own ten, each under its own id',
  books: 'books of 20 levels of the same two',
  ownbooks: 'the same of its own two',
  baretrades: 'bare, the bytes of the trades of one',
  trades: 'Binance-style @trade of one symbol',
  owntrades: 'the same, each of its own symbol',
  tickwell: 'Tickwell, 100 instruments',
  bareone: 'bare, the bytes of one of them',
  one: 'Tickwell, one of them',
  ws: 'ws, JSON.stringify and send for each',
  socketio: 'socket.io',
  poll: 'asking every 500 ms over HTTP',
  idle: 'Tickwell, connected and idle',
};
const FLOORS_AND_TYPES = ['epoll', 'handle', 'orders', 'latest', 'two', 'mix', 'binary', 'events'];
/** Candles are held against rows of the same symbols. */
const ROWS_OF = {
  candles: 'oneids',
  everycandles: 'oneids',
  tencandles: 'tenids',
  tenscandles: 'tens',
};
const OF_BOOKS = ['books', 'ownbooks'];
const OF_TRADES = ['baretrades', 'trades', 'owntrades'];
const OF_CANDLES = [...Object.keys(ROWS_OF), 'oneids', 'tenids'];
/** Fewer readers show the cost of a row alone; those that are asked one by one would only wait. */
const isMeasured = (kind, clients) =>
  (clients >= 1000 || kind === 'bare' || kind === 'tickwell') &&
  (!FLOORS_AND_TYPES.includes(kind) || clients >= 5000) &&
  (kind !== 'poll' || clients === 1000) &&
  (!kind.endsWith('one') || clients !== 5000) &&
  (!OF_CANDLES.includes(kind) || clients === 5000) &&
  (!OF_TRADES.includes(kind) || clients === 5000) &&
  (!OF_BOOKS.includes(kind) || clients === 1000) &&
  (kind !== 'idle' || clients === 10_000);

const results = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const clients of CLIENTS) {
    for (const kind of KINDS.filter((each) => isMeasured(each, clients))) {
      const result = await measure(kind, clients, SECONDS);
      results.push({ round, ...result });
      process.stderr.write(`${round} ${clients} ${kind}: ${result.usPerRow.toFixed(2)} us a row\n`);
    }
  }
}

const of = (kind, clients, name) => {
  const found = results.filter((each) => each.kind === kind && each.clients === clients);
  return found.length === 0 ? Number.NaN : median(found.map((each) => each[name]));
};
/** What sends the same bytes with no protocol at all. */
const floorOf = (kind) => {
  if (OF_TRADES.includes(kind)) return 'baretrades';
  return kind.endsWith('one') ? 'bareone' : 'bare';
};
/** The median of the ratios to `base` within each round. */
const ratioOf = (kind, base, clients, name) => {
  const found = results.filter((each) => each.kind === kind && each.clients === clients);
  const ratios = found.flatMap((each) => {
    const other = results.find(
      (one) => one.kind === base && one.clients === clients && one.round === each.round,
    );
    return other === undefined ? [] : [each[name] / other[name]];
  });
  return ratios.length === 0 ? Number.NaN : median(ratios);
};
const ofBare = (kind, clients, name) => ratioOf(kind, floorOf(kind), clients, name);
const show = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '');

const rows = CLIENTS.flatMap((clients) =>
  KINDS.filter((kind) => isMeasured(kind, clients)).map((kind) => [
    TITLES[kind],
    `${clients}`,
    show(of(kind, clients, 'usPerRow'), 2),
    show(ofBare(kind, clients, 'usPerRow'), 2),
    ...['p50', 'p99', 'p999'].map((name) => show(of(kind, clients, name))),
    show(ofBare(kind, clients, 'p99'), 2),
    show(clients >= 1000 ? of(kind, clients, 'kbPerClient') : Number.NaN),
  ]),
);
const HEAD = ['fan-out', 'readers', 'us a row', 'x bare', 'p50 ms', 'p99 ms', 'p99.9 ms', 'x bare'];
console.log(`\n${table([...HEAD, 'KB each'], rows)}\n`);

const most = Math.max(...CLIENTS);
const cost = (kind, clients) => of(kind, clients, 'usPerRow');
const GOALS = { bare: '', tickwell: 'of bare at most 1.11', one: 'of bare at most 1.11' };
for (const kind of KINDS.filter((each) => isMeasured(each, most) && each !== 'idle')) {
  const value = `${show(cost(kind, most))} us, ${show(ofBare(kind, most, 'usPerRow'), 2)} of bare`;
  report(`CPU a row and reader, ${most} readers: ${TITLES[kind]}`, value, GOALS[kind] ?? '');
}
for (const clients of CLIENTS.filter((each) => each >= 1000)) {
  for (const [kind, goal] of Object.entries({
    ids: 'at most 1.1',
    tens: 'at most 1.4',
    orders: '',
    latest: '',
    two: '',
  })) {
    if (!KINDS.includes(kind) || !isMeasured(kind, clients)) continue;
    const value = `${show(ratioOf(kind, 'tickwell', clients, 'usPerRow'), 2)} of equal ones`;
    report(`${TITLES[kind]}, ${clients} readers`, value, goal);
  }
}
for (const kind of OF_BOOKS.filter((each) => KINDS.includes(each) && CLIENTS.includes(1000))) {
  const ratio = ratioOf(kind, 'tickwell', 1000, 'usPerRow');
  const value = `${show(of(kind, 1000, 'usPerRow'), 2)} us, ${show(ratio, 2)} of rows of all`;
  report(`${TITLES[kind]}, 1000 readers`, value, '');
}
for (const kind of ['trades', 'owntrades'].filter((each) => KINDS.includes(each))) {
  const ratio = ofBare(kind, 5000, 'usPerRow');
  const value = `${show(of(kind, 5000, 'usPerRow'), 2)} us, ${show(ratio, 2)} of bare`;
  report(`${TITLES[kind]}, 5000 readers`, value, kind === 'trades' ? 'at most 1.3' : '');
}
for (const [kind, rows] of Object.entries(ROWS_OF).filter(([kind]) => KINDS.includes(kind))) {
  const ratio = ratioOf(kind, rows, 5000, 'usPerRow');
  const value = `${show(of(kind, 5000, 'usPerRow'), 2)} us, ${show(ratio, 2)} of rows of the same`;
  report(`${TITLES[kind]}, 5000 readers`, value, 'at most 1.1');
}
for (const rival of ['socketio', 'ws'].filter(
  (kind) => KINDS.includes('tens') && isMeasured(kind, most),
)) {
  const value = `${show(ratioOf('tens', rival, most, 'usPerRow'), 2)} of ${TITLES[rival]}`;
  report(`${TITLES.tens}, ${most} readers`, value, 'below 1');
}
const p99 = `${show(of('tickwell', most, 'p99'))} ms, ${show(ofBare('tickwell', most, 'p99'), 2)}`;
report(`p99 from due to read, ${most} readers of 100`, `${p99} of bare`, 'at most 1.25');
const kb = ['tickwell', 'idle', 'ws', 'bare'].map((kind) => show(of(kind, most, 'kbPerClient')));
report(`KB a connection: live, idle, of ws, bare`, kb.join(', '), 'ws + 12 at most');
const polled = cost('poll', 1000) / cost('tickwell', most);
report('readers for what one who asks costs', show(polled), 'at least 20');
keep({ seconds: SECONDS, rounds: ROUNDS, results });

/** One instrument is another picture: its floor is another too. */
const DRAWN = {
  bare: 'bare sockets',
  tickwell: 'Tickwell',
  ws: 'ws, JSON for each',
  socketio: 'socket.io',
  poll: 'asking every 500 ms',
};
const linesOf = (name) =>
  KINDS.filter((kind) => DRAWN[kind] !== undefined).map((kind) => ({
    name: DRAWN[kind],
    points: CLIENTS.filter((clients) => isMeasured(kind, clients))
      .map((clients) => [clients, of(kind, clients, name)])
      .filter(([, value]) => value > 0),
  }));
/** A picture of what was measured, if any of it is drawn. */
const draw = (file, name, about) => {
  const series = linesOf(name).filter(({ points }) => points.length > 0);
  if (series.length > 0) saveSvg(file, plotOf({ ...about, series }));
};
draw('clients-cpu', 'usPerRow', {
  title: 'CPU of the server for a row and reader, by readers',
  ...{ xLabel: 'readers', yLabel: 'us of CPU a row and reader' },
});
draw('clients-latency', 'p99', {
  title: 'From due to read, 99 of 100 rows, by readers',
  ...{ xLabel: 'readers, all due at once', yLabel: 'ms, p99' },
});
