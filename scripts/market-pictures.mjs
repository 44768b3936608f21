/** A year of days and an hour of the book of a preset, drawn for docs/models.md. */

/** In half pixels, so that whole numbers do: a picture is 20 KB. */
const WIDTH = 1600;
const HEIGHT = 600;
const TOP = 68;
const BOTTOM = HEIGHT - 52;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
/** The days of a year are read on this grid. */
const WIDE_MS = 300_000;
/** The book of an hour of the New York morning, every half minute. */
const BOOK_TIME = Date.UTC(2026, 2, 4, 15);
const BOOK_STEP = 30;
const BOOK_ROWS = 3600;
const LEVELS = 60;
/** Bands go to where so many lots wait as up to these levels, half of the time. */
const BAND_LEVELS = [4, 15, 50];

const STYLE = `
  text { font: 24px system-ui, sans-serif; fill: #57606a }
  .title { fill: #1f2328; font-weight: 600 }
  .rule { stroke: #d0d7de; stroke-width: 2 }
  .up { stroke: #0a7853 } .down { stroke: #b35c00 }
  .bid { fill: #0b6bcb } .ask { fill: #b35c00 }
  .best { fill: none; stroke-width: 2; stroke: #1f2328; stroke-opacity: .55 }
  .volume { stroke: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af }
    .title { fill: #e6edf3 }
    .rule { stroke: #30363d }
    .up { stroke: #2fc28f } .down { stroke: #f0a04b }
    .bid { fill: #4aa8ff } .ask { fill: #f0a04b }
    .best { stroke: #e6edf3 }
    .volume { stroke: #57606a }
  }`;

/** @param {number} value */
const px = (value) => String(Math.round(value));

/**
 * A path through points, from one to the next.
 * @param {readonly (readonly [number, number])[]} points
 */
function pathOf(points) {
  const whole = points.map(([x, y]) => [Math.round(x), Math.round(y)]);
  const steps = whole.map(([x = 0, y = 0], n) => {
    const [beforeX = 0, beforeY = 0] = whole[n - 1] ?? [];
    return `${n === 1 ? 'l' : ' '}${x - beforeX} ${y - beforeY}`;
  });
  return `M${steps.join('').trim().replaceAll(' -', '-')}`;
}

/**
 * Prices beside a rule.
 * @param {number} tickSize
 */
function priceTextOf(tickSize) {
  const digits = Math.max(0, Math.ceil(-Math.log10(tickSize) - 1e-9));
  return (/** @type {number} */ ticks) => (ticks * tickSize).toFixed(digits);
}

/**
 * @param {{ left: number, right: number, high: number, low: number, floor: number }} panel
 * @param {(ticks: number) => string} textOf
 */
function scaleOf({ left, right, high, low, floor }, textOf) {
  const y = (/** @type {number} */ ticks) =>
    floor - ((ticks - low) / Math.max(1, high - low)) * (floor - TOP);
  const rule = (/** @type {number} */ ticks) => {
    const at = px(y(ticks));
    return (
      `<path class="rule" d="M${left} ${at}H${right}"/>` +
      `<text x="${right + 10}" y="${px(y(ticks) + 8)}">${textOf(ticks)}</text>`
    );
  };
  return { y, rules: rule(high) + rule(low) };
}

/**
 * Candles of the days of a year on which anything was traded.
 * @param {typeof import('../dist/index.js')} tickwell
 * @param {import('../dist/index.js').Market} market
 * @param {number} column
 */
function daysOf({ Fold, TradeSums }, market, column) {
  const rows = DAY_MS / WIDE_MS;
  const [fold, sums] = [new Fold(), new TradeSums()];
  return Array.from({ length: YEAR_DAYS }, (_, day) => {
    fold.clear();
    sums.clear();
    // What is traded up to midnight is in the row there.
    market.fold(fold, column, day * rows + 1, (day + 1) * rows + 1);
    market.foldTrades(sums, column, day * rows + 1, (day + 1) * rows + 1);
    const { open, high, low, close } = fold;
    return { open, high, low, close, volume: sums.volume };
  }).filter(({ volume }) => volume > 0);
}

/**
 * @param {ReturnType<typeof daysOf>} days
 * @param {(ticks: number) => string} textOf
 */
function daysPanel(days, textOf) {
  const [left, right] = [16, 880];
  const high = Math.max(...days.map((day) => day.high));
  const low = Math.min(...days.map((day) => day.low));
  const floor = BOTTOM - 116;
  const { y, rules } = scaleOf({ left, right, high, low, floor }, textOf);
  const step = (right - left) / days.length;
  const x = (/** @type {number} */ n) => left + (n + 0.5) * step;
  const most = Math.max(...days.map((day) => day.volume));
  const candles = ['up', 'down'].map((side) => {
    const of = days.flatMap((day, n) =>
      (day.close >= day.open ? 'up' : 'down') === side ? [{ day, at: x(n) }] : [],
    );
    const wicks = of.map(({ day, at }) => `M${px(at)} ${px(y(day.high))}V${px(y(day.low))}`);
    const bodies = of.map(({ day, at }) => {
      const [from, to] = [y(day.open), y(day.close)];
      return `M${px(at)} ${px(from)}V${px(Math.abs(to - from) < 1 ? from + 1 : to)}`;
    });
    return (
      `<path class="${side}" stroke-width="1" d="${wicks.join('')}"/>` +
      `<path class="${side}" stroke-width="2" d="${bodies.join('')}"/>`
    );
  });
  const bars = days.map(
    ({ volume }, n) => `M${px(x(n))} ${BOTTOM}V${px(BOTTOM - (volume / most) * 92)}`,
  );
  return [
    `<text class="title" x="${left}" y="32">a year of days, with volume</text>`,
    rules,
    ...candles,
    `<path class="volume" stroke-width="2" d="${bars.join('')}"/>`,
  ].join('\n');
}

/**
 * The books of an hour, of each side the prices that lots can be had at.
 * @param {typeof import('../dist/index.js')} tickwell
 * @param {import('../dist/index.js').Market} market
 * @param {number} column
 */
function booksOf({ newDepth }, market, column) {
  const { originMs, intervalMs } = market.grid;
  const first = (BOOK_TIME - originMs) / intervalMs;
  return Array.from({ length: BOOK_ROWS / BOOK_STEP + 1 }, (_, n) => {
    const depth = newDepth(LEVELS);
    market.fillDepth(depth, column, first + n * BOOK_STEP, LEVELS);
    return { bids: sideOf(depth.bids), asks: sideOf(depth.asks) };
  });
}

/** @param {import('../dist/index.js').BookSide} side */
function sideOf({ ticks, lots, levels }) {
  let sum = 0;
  return Array.from({ length: levels }, (_, n) => {
    sum += lots[n] ?? 0;
    return { ticks: ticks[n] ?? 0, sum };
  });
}

/**
 * @param {ReturnType<typeof booksOf>} books
 * @param {(ticks: number) => string} textOf
 */
function bookPanel(books, textOf) {
  const [left, right] = [1016, 1472];
  const sides = /** @type {const} */ (['bids', 'asks']);
  /** The price at which `lots` can be had of a side. @type {(levels: { ticks: number, sum: number }[], lots: number) => number} */
  const priceOf = (levels, lots) =>
    (levels.find(({ sum }) => sum >= lots) ?? levels.at(-1))?.ticks ?? 0;
  const bands = sides.map((side) => {
    const amounts = BAND_LEVELS.map((level) => {
      const sums = books.map((book) => book[side][level - 1]?.sum ?? 0).sort((a, b) => a - b);
      return sums[Math.floor(sums.length / 2)] ?? 0;
    });
    return [0, ...amounts].map((lots) => books.map((book) => priceOf(book[side], lots)));
  });
  const all = bands.flatMap((lines) => lines.flat());
  const [high, low] = [Math.max(...all), Math.min(...all)];
  const { y, rules } = scaleOf({ left, right, high, low, floor: BOTTOM }, textOf);
  const x = (/** @type {number} */ n) => left + (n / (books.length - 1)) * (right - left);
  /** @type {(ticks: number, n: number) => [number, number]} */
  const point = (ticks, n) => [x(n), y(ticks)];
  const areas = bands.flatMap((lines, side) =>
    lines.slice(1).map((line, n) => {
      const inner = (lines[n] ?? []).map(point).reverse();
      const paint = `class="${side === 0 ? 'bid' : 'ask'}" fill-opacity="${[0.75, 0.45, 0.2][n]}"`;
      return `<path ${paint} d="${pathOf([...line.map(point), ...inner])}z"/>`;
    }),
  );
  const best = bands.map(([line]) => `<path class="best" d="${pathOf((line ?? []).map(point))}"/>`);
  return [
    `<text class="title" x="${left}" y="32">an hour of the book</text>`,
    rules,
    ...areas,
    ...best,
  ].join('\n');
}

/**
 * The picture of an instrument of a preset, by its symbol.
 * @param {typeof import('../dist/index.js')} tickwell
 * @param {string} preset
 * @param {string} symbol
 */
export function marketPicture(tickwell, preset, symbol) {
  const marketOf = (/** @type {object} */ more) => {
    const check = tickwell.checkSpec({ preset, ...more });
    if (!check.ok) throw new Error(`${preset} is right`);
    return new tickwell.Market(check.spec);
  };
  const market = marketOf({});
  const column = market.columnOf(symbol) ?? -1;
  const textOf = priceTextOf(market.instruments[column]?.tickSize ?? 1);
  const days = daysOf(tickwell, marketOf({ interval: WIDE_MS }), column);
  const books = booksOf(tickwell, market, column);
  const title = `${symbol} of the preset ${preset}: a year of days with volume; an hour of the book`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    daysPanel(days, textOf),
    bookPanel(books, textOf),
    '</svg>\n',
  ].join('\n');
}
