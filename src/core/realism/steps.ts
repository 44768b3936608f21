/** A long computation in short steps, so that a caller with other work can pause between them. */
export type Steps<T> = Generator<void, T, void>;

/** Values that a statistic passes over between two yields: 0.1 to 1 ms of work. */
export const SLICE = 2 ** 17;

/** What `steps` comes to, without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
