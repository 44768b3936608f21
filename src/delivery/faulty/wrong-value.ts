import type { WrongPrice } from './harm-form.ts';

/**
 * What JSON says in place of `right`, a price; `write` gives a price in ticks as numbers or texts
 * stand there.
 */
export function wrongValue(
  right: unknown,
  wrong: WrongPrice,
  write: (ticks: number) => unknown,
): unknown {
  switch (wrong.as) {
    case 'ticks':
      return write(wrong.ticks);
    case 'null':
      return null;
    case 'nan':
      return 'NaN';
    case 'string':
      return typeof right === 'string' ? Number(right) : String(right);
  }
}
