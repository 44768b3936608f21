/** A promise, and what settles it. Nobody need wait for it: it may be rejected unheard. */
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
