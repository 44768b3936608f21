/**
 * Draws the pictures of docs/models.md and docs/scenarios.md from what is really made: `npm run
 * pictures`. Those of models are of the market that `tickwell serve --preset teaching` serves.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';
import { marketPicture } from './market-pictures.mjs';
import { scenarioPicture } from './scenario-pictures.mjs';

const WIDTH = 800;
const HEIGHT = 230;
const TOP = 34;
const BOTTOM = HEIGHT - 30;

/** Both are of the market's first week, which is neither picked nor special. */
const PANELS = [
  { title: 'a week, in bars of 30 minutes', left: 8, right: 448, rows: 7 * 86_400, barRows: 1800 },
  { title: 'an hour of it, by five seconds', left: 512, right: 752, rows: 3600, barRows: 5 },
];

/** An instrument of each preset that has days, a book and years. */
const PRESETS = { equities: 'NIMBO', exchange: 'VITRA', crypto: 'ORBX', fx: 'AUR/VEL' };

/** An instrument for each scenario, and how long it takes. */
const SCENARIOS = {
  'flash-crash': { preset: 'equities', symbol: 'NIMBO', minutes: 8 },
  'circuit-breaker': { preset: 'equities', symbol: 'NIMBO', minutes: 15 },
  'earnings-gap': { preset: 'equities', symbol: 'NIMBO', minutes: 12 },
  'melt-up': { preset: 'equities', symbol: 'NIMBO', minutes: 30 },
  'dead-market': { preset: 'equities', symbol: 'NIMBO', minutes: 30 },
  depeg: { preset: 'crypto', symbol: 'STABL', minutes: 50 },
  'fat-finger': { preset: 'equities', symbol: 'NIMBO', minutes: 1 },
};

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { fill: #1f2328; font-weight: 600 }
  .rule { stroke: #d0d7de; stroke-width: 1 }
  .range { stroke: #2563a8; stroke-width: 1; opacity: 0.45 }
  .line { stroke: #1c5a9c; stroke-width: 1.3; fill: none; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af }
    .title { fill: #e6edf3 }
    .rule { stroke: #30363d }
    .range { stroke: #5aa2ee }
    .line { stroke: #6cb0f5 }
  }`;

/**
 * Open, high, low and close of each bar of a column.
 * @param {import('../dist/index.js').Market} market
 * @param {typeof import('../dist/index.js').Fold} Fold
 * @param {number} column
 * @param {{ rows: number, barRows: number }} panel
 */
function barsOf(market, Fold, column, { rows, barRows }) {
  const fold = new Fold();
  return Array.from({ length: rows / barRows }, (_, n) => {
    fold.clear();
    market.fold(fold, column, n * barRows, (n + 1) * barRows);
    return { high: fold.high, low: fold.low, close: fold.close };
  });
}

/**
 * @param {{ title: string, left: number, right: number }} panel
 * @param {readonly { high: number, low: number, close: number }[]} bars
 * @param {number} tickSize
 */
function panelOf({ title, left, right }, bars, tickSize) {
  const high = Math.max(...bars.map((bar) => bar.high));
  const low = Math.min(...bars.map((bar) => bar.low));
  const x = (/** @type {number} */ n) => left + ((n + 0.5) / bars.length) * (right - left);
  const y = (/** @type {number} */ ticks) =>
    BOTTOM - ((ticks - low) / Math.max(1, high - low)) * (BOTTOM - TOP);
  const px = (/** @type {number} */ value) => value.toFixed(1).replace(/\.0$/, '');
  const ranges = bars
    .filter((bar) => bar.high > bar.low)
    .map((bar) => `M${px(x(bars.indexOf(bar)))} ${px(y(bar.high))}V${px(y(bar.low))}`);
  const line = bars.map((bar, n) => `${px(x(n))},${px(y(bar.close))}`).join(' ');
  const rule = (/** @type {number} */ ticks) => {
    const at = Math.round(y(ticks)) + 0.5;
    return (
      `<path class="rule" d="M${left} ${at}H${right}"/>` +
      `<text x="${right + 6}" y="${at + 4}">${(ticks * tickSize).toFixed(2)}</text>`
    );
  };
  return [
    `<text class="title" x="${left}" y="16">${title}</text>`,
    rule(high),
    rule(low),
    `<path class="range" d="${ranges.join('')}"/>`,
    `<polyline class="line" points="${line}"/>`,
  ].join('\n');
}

/**
 * @param {import('../dist/index.js').Market} market
 * @param {typeof import('../dist/index.js').Fold} Fold
 * @param {number} column
 */
function pictureOf(market, Fold, column) {
  const { model, tickSize } = /** @type {any} */ (market.instruments[column]);
  const panels = PANELS.map((panel) =>
    panelOf(panel, barsOf(market, Fold, column, panel), tickSize),
  );
  const title = `Prices of the model ${model.kind}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${title}: ${PANELS.map((panel) => panel.title).join('; ')}</title>`,
    `<style>${STYLE}\n</style>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

await main(async () => {
  await install();
  await buildIfOld();
  const tickwell = await import('../dist/index.js');
  const { checkSpec, Fold, Market } = tickwell;
  const check = checkSpec({ preset: 'teaching' });
  if (!check.ok) throw new Error('the preset is right');
  const market = new Market(check.spec);
  mkdirSync(`${ROOT}/docs/models`, { recursive: true });
  for (const [column, { model }] of market.instruments.entries()) {
    const path = `${ROOT}/docs/models/${model.kind}.svg`;
    writeFileSync(path, pictureOf(market, Fold, column));
    console.log(path);
  }
  for (const [preset, symbol] of Object.entries(PRESETS)) {
    const path = `${ROOT}/docs/models/${preset}.svg`;
    writeFileSync(path, marketPicture(tickwell, preset, symbol));
    console.log(path);
  }
  mkdirSync(`${ROOT}/docs/scenarios`, { recursive: true });
  for (const [name, shown] of Object.entries(SCENARIOS)) {
    const path = `${ROOT}/docs/scenarios/${name}.svg`;
    writeFileSync(path, scenarioPicture(tickwell, name, shown));
    console.log(path);
  }
});
