import type { Prices } from './dtype.ts';

/** FNV-1a over the prices' low 32 bits: 8 hexadecimal digits, the same on every machine. */
export function checksum(prices: Prices | Float64Array): string {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < prices.length; i++) {
    hash = Math.imul(hash ^ (prices[i]! | 0), 0x0100_0193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
