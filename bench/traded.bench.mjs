/**
 * What trades cost beside prices: a year of daily candles with volume and trades against one without,
 * both cold; rows of all six fields against prices alone. CPU time, as ratios within a round.
 */
import { BLOCK_ROWS, checkSpec, Fold, Market, newTrades, TradeSums } from '../dist/index.js';
import { keep, median, report } from './lib.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const DAYS = Number(process.env.BENCH_DAYS ?? 365);
const DAY_ROWS = 86_400;
const BLOCKS = 300;

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function timed(work) {
  const before = cpuMs();
  work();
  return cpuMs() - before;
}

let seed = 0;
/** A market that nothing is known of yet. */
const marketOf = (model) => {
  seed += 1;
  return new Market(checkSpec({ seed, count: 1, defaults: { model } }).spec);
};

const fold = new Fold();
const sums = new TradeSums();
function foldDay(market, day, isTraded) {
  const [from, next] = [day * DAY_ROWS, (day + 1) * DAY_ROWS];
  fold.clear();
  sums.clear();
  market.fold(fold, 0, from, next);
  if (isTraded) market.foldTrades(sums, 0, from, next);
}

const prices = new Uint16Array(BLOCK_ROWS);
const traded = newTrades('uint16', BLOCK_ROWS);
function fillBlock(market, block, isTraded) {
  if (isTraded) market.fillTrades(traded, 0, block);
  market.fillBlock(prices, 0, block);
}

/** What a round of pieces took without trades and with them: piece by piece, in turn. */
function roundOf(model, piece, pieces) {
  const markets = [marketOf(model), marketOf(model)];
  const ms = [0, 0];
  for (let n = 0; n < pieces; n++) {
    // Who comes first finds the caches of the one before: each does in turn.
    for (const which of n % 2 === 0 ? [0, 1] : [1, 0]) {
      ms[which] += timed(() => piece(markets[which], n, which === 1));
    }
  }
  return { plainMs: ms[0], tradedMs: ms[1] };
}

for (const model of ['market', 'walk']) {
  for (const [what, piece, pieces, goal] of [
    [`${DAYS} daily candles of seconds, with volume and trades`, foldDay, DAYS, 'at most 1.1'],
    ['rows of all six fields', fillBlock, BLOCKS, 'at most 1.5'],
  ]) {
    const seen = [];
    // The first round is for the compilers.
    for (let round = -1; round < ROUNDS; round++) {
      const one = roundOf(model, piece, pieces);
      if (round >= 0) seen.push(one);
    }
    const ratio = median(seen.map(({ plainMs, tradedMs }) => tradedMs / plainMs));
    const plainMs = median(seen.map((each) => each.plainMs));
    const said = model === 'market' ? goal : '';
    report(`${model}: ${what}`, `${ratio.toFixed(2)} x ${plainMs.toFixed(0)} ms`, said);
    keep({ [`${model}: ${what}`]: seen });
  }
}
