/** A text of a client may be of any length: longer ones are looked at anew. */
const MOST_LENGTH = 512;

/**
 * `of`, which depends on its text alone, remembered for `most` short texts: clients send the same
 * ones with every request. When there are more, all are forgotten: a client that makes up new texts
 * costs others that alone, and no memory.
 */
export function remember<T>(most: number, of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = of(text);
    if (text.length > MOST_LENGTH) return value;
    if (known.size >= most) known.clear();
    known.set(text, value);
    return value;
  };
}
