/** What the scenarios that have names do to an instrument, drawn for docs/scenarios.md. */

/** In half pixels, so that whole numbers do. */
const WIDTH = 1600;
const HEIGHT = 520;
const [LEFT, RIGHT] = [16, 1440];
const [TOP, PRICE_FLOOR, FLOOR] = [56, 372, 468];
/** A morning in New York, neither picked nor special. */
const START = '2026-03-04T15:00:00Z';
/** How much of its time is shown before a scenario, and behind it. */
const BEFORE = 0.15;
const BEHIND = 0.35;
/** Points across a picture, at most. */
const POINTS = 700;
const HALTED = 1;

const STYLE = `
  text { font: 24px system-ui, sans-serif; fill: #57606a }
  .rule { stroke: #d0d7de; stroke-width: 2 }
  .start { stroke: #b35c00; stroke-width: 2; stroke-dasharray: 8 6 }
  .spread { fill: #0b6bcb; fill-opacity: .25 }
  .line { fill: none; stroke: #0b6bcb; stroke-width: 3; stroke-linejoin: round }
  .halt { fill: #b35c00; fill-opacity: .16 }
  .volume { stroke: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af }
    .rule { stroke: #30363d }
    .start { stroke: #f0a04b }
    .spread { fill: #4aa8ff }
    .line { stroke: #4aa8ff }
    .halt { fill: #f0a04b }
    .volume { stroke: #57606a }
  }`;

/** @param {number} value */
const px = (value) => String(Math.round(value));

/** What is read of a row. */
const FIELDS = /** @type {const} */ (['last', 'bid', 'ask', 'volume', 'status']);

/**
 * The rows `[from, next)` of a column as a feed gives them, by field.
 * @param {import('../dist/index.js').Feed} feed
 * @param {number} column
 * @param {number} from
 * @param {number} next
 */
function rowsOf({ history }, column, from, next) {
  const read = FIELDS.map((field) => {
    const values = history.newValues(field, next - from);
    history.copyField(values, 0, field, column, from, next);
    return [field, values];
  });
  return /** @type {Record<typeof FIELDS[number], ArrayLike<number>>} */ (Object.fromEntries(read));
}

/**
 * The lowest, highest, last and summed values of each few rows.
 * @param {ReturnType<typeof rowsOf>} rows
 */
function barsOf(rows) {
  const { length } = rows.last;
  const step = Math.ceil(length / POINTS);
  return Array.from({ length: Math.floor(length / step) }, (_, n) => {
    const bar = { price: 0, bid: 0, ask: 0, volume: 0, isHalted: false };
    for (let i = n * step; i < (n + 1) * step; i++) {
      bar.price = rows.last[i] ?? 0;
      [bar.bid, bar.ask] = [rows.bid[i] ?? 0, rows.ask[i] ?? 0];
      bar.volume += rows.volume[i] ?? 0;
      bar.isHalted ||= rows.status[i] === HALTED;
    }
    return bar;
  });
}

/**
 * @param {string} title
 * @param {ReturnType<typeof barsOf>} bars
 * @param {number} start where the scenario begins, as a part of the width
 * @param {{ tickSize: number, decimals: number }} instrument
 * @param {string} span how long the picture is
 */
function pictureOf(title, bars, start, { tickSize, decimals }, span) {
  const high = Math.max(...bars.map(({ price, ask }) => Math.max(price, ask)));
  const low = Math.min(...bars.map(({ price, bid }) => Math.min(price, bid)));
  const most = Math.max(1, ...bars.map(({ volume }) => volume));
  const step = (RIGHT - LEFT) / bars.length;
  const x = (/** @type {number} */ n) => LEFT + n * step;
  const y = (/** @type {number} */ ticks) =>
    PRICE_FLOOR - ((ticks - low) / Math.max(1, high - low)) * (PRICE_FLOOR - TOP);
  const rule = (/** @type {number} */ ticks) =>
    `<path class="rule" d="M${LEFT} ${px(y(ticks))}H${RIGHT}"/>` +
    `<text x="${RIGHT + 10}" y="${px(y(ticks) + 8)}">${(ticks * tickSize).toFixed(decimals)}</text>`;
  const points = (/** @type {(bar: typeof bars[number]) => number} */ of) =>
    bars.map((bar, n) => `${px(x(n + 0.5))} ${px(y(of(bar)))}`);
  const spread = [...points(({ ask }) => ask), ...points(({ bid }) => bid).reverse()];
  const halts = bars.flatMap(({ isHalted }, n) =>
    isHalted ? [`M${px(x(n))} ${TOP}H${px(x(n + 1))}V${FLOOR}H${px(x(n))}z`] : [],
  );
  const volumes = bars.map(({ volume }, n) => {
    return `M${px(x(n + 0.5))} ${FLOOR}V${px(FLOOR - (volume / most) * (FLOOR - PRICE_FLOOR - 12))}`;
  });
  const at = px(LEFT + start * (RIGHT - LEFT));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    ...(halts.length === 0 ? [] : [`<path class="halt" d="${halts.join('')}"/>`]),
    rule(high),
    rule(low),
    `<path class="start" d="M${at} ${TOP - 20}V${FLOOR}"/>`,
    `<polygon class="spread" points="${spread.join(',')}"/>`,
    `<polyline class="line" points="${points(({ price }) => price).join(',')}"/>`,
    `<path class="volume" stroke-width="${Math.max(1, Math.round(step))}" d="${volumes.join('')}"/>`,
    `<text x="${LEFT}" y="${HEIGHT - 12}">${span}; below, what was traded</text>`,
    '</svg>\n',
  ].join('\n');
}

/**
 * The picture of a named scenario, done to an instrument of a preset by its market file.
 * @param {typeof import('../dist/index.js')} tickwell
 * @param {string} name
 * @param {{ preset: string, symbol: string, minutes: number }} shown
 */
export function scenarioPicture({ checkSpec, Feed, Market }, name, { preset, symbol, minutes }) {
  const scenario = [{ at: START, scenario: name, symbol }];
  const check = checkSpec({ preset, scenario, origin: '2026-03-04' });
  if (!check.ok) throw new Error(check.problems.map(({ message }) => message).join('\n'));
  const feed = new Feed(new Market(check.spec));
  const { grid, instruments } = feed.market;
  const column = feed.market.columnOf(symbol) ?? -1;
  const instrument = instruments[column];
  if (instrument === undefined) throw new Error(`${preset} has ${symbol}`);
  const startMs = Date.parse(START);
  const row = (/** @type {number} */ ms) => Math.round((ms - grid.originMs) / grid.intervalMs);
  const spanMs = minutes * 60_000;
  const [from, next] = [row(startMs - BEFORE * spanMs), row(startMs + (1 + BEHIND) * spanMs)];
  feed.advance(grid.originMs + next * grid.intervalMs);
  const bars = barsOf(rowsOf(feed, column, from, next));
  const shownMinutes = Math.round(((next - from) * grid.intervalMs) / 60_000);
  const span = `${symbol} for ${shownMinutes < 2 ? `${Math.round(((next - from) * grid.intervalMs) / 1000)} seconds` : `${shownMinutes} minutes`}, from ${START.slice(11, 16)} at the dashed line`;
  return pictureOf(`${name}: ${span}`, bars, BEFORE / (1 + BEFORE + BEHIND), instrument, span);
}
