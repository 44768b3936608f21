/** A number with three significant digits, no exponent where it can be read without one. */
export function formatNumber(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(1));
  if (size >= 100) return grouped(value);
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toFixed(digits);
  return minus(Number(text) === 0 ? value.toPrecision(1) : text);
}

/** The value of a fact: three decimals below 1, as bounds are not finer. */
export function formatValue(value: number | null): string {
  if (value === null || Math.abs(value) >= 1) return formatNumber(value);
  const text = value.toFixed(3);
  return minus(Number(text) === 0 ? '0.000' : text);
}

/** A round number, as on an axis: no more digits than it has. */
export function formatTick(value: number): string {
  if (Math.abs(value) >= 1000) return grouped(value);
  return minus(String(Number(value.toPrecision(6))));
}

/** A whole number, a comma at each thousand. */
export function grouped(value: number): string {
  return minus(value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ','));
}

/** A hyphen is too short beside digits. */
function minus(text: string): string {
  return text.replace('-', '−');
}

const SPANS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
  [1, 'ms'],
];

/** How long something takes, in the largest unit that it is at least one of. */
export function formatSpan(ms: number): string {
  const [unitMs, unit] = SPANS.find(([least]) => ms >= least) ?? [1, 'ms'];
  return `${Number((ms / unitMs).toFixed(1))} ${unit}`;
}

/** What is reported: both bounds, or the one there is. */
export function formatRange(range: { low: number | null; high: number | null }): string {
  const { low, high } = range;
  if (low !== null && high !== null) return `${bound(low)} to ${bound(high)}`;
  if (low !== null) return `at least ${bound(low)}`;
  return high === null ? '–' : `at most ${bound(high)}`;
}

/** Bounds are round numbers: as many digits as they have. */
function bound(value: number): string {
  return minus(String(value));
}

/** A time to the second, in UTC; a dash for none. */
export function formatTime(ms: number | null): string {
  if (ms === null) return '–';
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
