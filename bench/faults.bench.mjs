/**
 * What it costs to decide what is done to a row, and to list the strikes of a million rows of a
 * hundred instruments: rates, which draw a word for each, and periods, which draw none.
 */
import { Decider } from '../dist/core/faults/decider.js';
import { ledger } from '../dist/core/faults/ledger.js';
import { parseFaults } from '../dist/core/faults/profile.js';
import { fillWords } from '../dist/core/random/threefry.js';
import { interleavedMs, report } from './lib.mjs';

const GRID = { originMs: Date.UTC(2026, 0, 1), intervalMs: 1000 };
const SYMBOLS = Array.from({ length: 100 }, (_, n) => `S${n}`);
const COLUMNS = SYMBOLS.map((_, column) => column);
const ROWS = 1_000_000;
const ASKED = 200_000;

const decider = (text) => new Decider(parseFaults(text), GRID, SYMBOLS);
const profiles = {
  'drop@1%': decider('drop@1%'),
  'flaky-wifi': decider('flaky-wifi'),
  'bad-vendor': decider('bad-vendor'),
};

for (const [name, asked] of Object.entries(profiles)) {
  const rows = () => {
    let strikes = 0;
    for (let index = 0; index < ASKED; index++) strikes += asked.strikes(index).length;
    return strikes;
  };
  const { rows: ms } = interleavedMs({ rows }, 9);
  report(`${name}: decide on a row`, `${((ms * 1e6) / ASKED).toFixed(0)} ns`, '< 1000 ns');
}

const corrupt = decider('corrupt@0.1%');
const cut = decider('cut@30s');
const walk = (asked, next) => () => {
  let strikes = 0;
  for (const found of ledger(asked, COLUMNS, 0, next)) strikes += found.length;
  return strikes;
};
const words = new Uint32Array(2 ** 15);
const bare = () => {
  for (let n = 0; n < (2 * ROWS * SYMBOLS.length) / words.length; n++) {
    fillWords(words, { k0: n, k1: 1 }, 0, 0);
  }
};
const each = interleavedMs(
  { bare, rates: walk(corrupt, ROWS), periods: walk(cut, 30 * ROWS) },
  5,
  1,
);
const draws = ROWS * SYMBOLS.length;
report(
  'ledger of corrupt@0.1%: a row of one of 100 symbols',
  `${((each.rates * 1e6) / draws).toFixed(1)} ns`,
  '< 20 ns',
);
report(
  'ledger of corrupt@0.1% : its words alone',
  `${(each.rates / each.bare).toFixed(2)} x`,
  '< 1.5 x',
);
report('ledger of cut@30s: a strike', `${((each.periods * 1e6) / ROWS).toFixed(0)} ns`, '');
