const SECOND_MS = 1000;
/** What is paced goes in so many parts a second. */
const PARTS_PER_SECOND = 10;

/** How many bytes go at once, of so many a second; at least one. */
export function partBytes(bytesPerSecond: number): number {
  return Math.max(1, Math.floor(bytesPerSecond / PARTS_PER_SECOND));
}

/** How long so many bytes take, in milliseconds. */
export function paceMs(bytes: number, bytesPerSecond: number): number {
  return (bytes * SECOND_MS) / bytesPerSecond;
}
