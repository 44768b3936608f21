function isPromise(given: unknown): given is PromiseLike<unknown> {
  return typeof (given as { then?: unknown } | null | undefined)?.then === 'function';
}

/**
 * Has `failed` called if a protocol gave a promise that is broken later: nobody else waits for it,
 * and a rejection that nobody takes ends the process.
 */
export function whenBroken(given: unknown, failed: (error: unknown) => void): void {
  if (isPromise(given)) given.then(undefined, failed);
}

/** What a protocol gave, which is needed now. Throws a `TypeError` if it is a promise. */
export function atOnce<T>(given: T, what: string): T {
  if (!isPromise(given)) return given;
  // The error that is thrown says enough.
  whenBroken(given, () => {});
  throw new TypeError(`${what} must answer at once; given: a promise`);
}
