/** A long computation in short steps, so that a caller with other work can pause between them. */
export type Steps<T> = Generator<void, T, void>;

/** Values that a statistic passes over between two yields: 0.1 to 1 ms of work. */
export const SLICE = 2 ** 17;

/**
 * Values that are put into an array between two yields, or whose logarithm is taken: memory that is
 * new costs up to 30 ns for each.
 */
export const FILL_SLICE = 2 ** 15;
