/** Uniform in [0, 1): the same sequence for the same seed. Source: T. Ettinger, mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of `choices`, each as likely as the others. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  if (choices.length === 0) throw new Error('there must be something to pick from; given: nothing');
  return choices[Math.floor(random() * choices.length)];
}
