import { vi } from 'vitest';

/** So long that only what hangs fails, however busy the machine. */
const PATIENCE_MS = 45_000;

/** Resolves when this no longer throws. */
export function eventually<T>(
  check: () => T | Promise<T>,
  timeout: number = PATIENCE_MS,
): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 20 });
}
