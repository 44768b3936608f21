/** What it takes to show a price. */
export interface PriceFormat {
  readonly tickSize: number;
  readonly decimals: number;
}

const MINUS = '−';

/** The price of `ticks` whole ticks, free of the noise of binary fractions. */
export function priceOf(ticks: number, { tickSize, decimals }: PriceFormat): number {
  return Number((ticks * tickSize).toFixed(decimals));
}

/** `18,610.25`, `−0.50` */
export function formatNumber(value: number, decimals: number): string {
  const fixed = Math.abs(value).toFixed(decimals);
  const point = decimals === 0 ? fixed.length : fixed.length - decimals - 1;
  let text = fixed.slice(point);
  for (let end = point; end > 0; end -= 3) {
    const group = fixed.slice(Math.max(0, end - 3), end);
    text = end === point ? group + text : `${group},${text}`;
  }
  return value < 0 && Number(fixed) !== 0 ? MINUS + text : text;
}

export function formatPrice(ticks: number, format: PriceFormat): string {
  return Number.isFinite(ticks) ? formatNumber(ticks * format.tickSize, format.decimals) : '—';
}

const LOTS: readonly (readonly [lots: number, letter: string])[] = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** `950`, `1.2k`, `38.4M`: what was traded, where room is short. */
export function formatLots(lots: number): string {
  // From what would be rounded up to it: 999,960 is 1.0M.
  const found = LOTS.find(([unit]) => lots >= unit * 0.99995);
  return found === undefined ? String(lots) : `${(lots / found[0]).toFixed(1)}${found[1]}`;
}

/** `+1.10`, `−1.10`, `0.00` */
export function formatSigned(value: number, decimals: number): string {
  const text = formatNumber(value, decimals);
  return value > 0 && Number(value.toFixed(decimals)) !== 0 ? `+${text}` : text;
}

/** The change in per cent; undefined where there is no positive price to compare with. */
export function percentChange(ticks: number, baseTicks: number): number | undefined {
  return baseTicks > 0 && Number.isFinite(ticks) ? (ticks / baseTicks - 1) * 100 : undefined;
}

/** `+0.63%`, `+1,583%`: two decimals, where they still tell something. */
export function formatPercent(percent: number): string {
  return `${formatSigned(percent, Math.abs(percent) < 1_000 ? 2 : 0)}%`;
}

/** `−1.79%`; the absolute change where per cent would mean nothing. */
export function formatChange(ticks: number, baseTicks: number, format: PriceFormat): string {
  if (!Number.isFinite(ticks) || !Number.isFinite(baseTicks)) return '—';
  const percent = percentChange(ticks, baseTicks);
  return percent === undefined
    ? formatSigned((ticks - baseTicks) * format.tickSize, format.decimals)
    : formatPercent(percent);
}

/** Which way a price went. */
export type Direction = 'up' | 'down' | 'flat';

export function directionOf(change: number): Direction {
  return change > 0 ? 'up' : change < 0 ? 'down' : 'flat';
}

/** How many leading characters two texts share: what follows has changed. */
export function commonPrefix(a: string, b: string): number {
  if (a.length !== b.length) return 0;
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared;
}
