/** A promise, and what settles it. It may be rejected with nobody waiting for it. */
export function settled() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  // Whoever waits for one of several need not wait for the others.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
