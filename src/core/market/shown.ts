/** `value` as a short text for the end of a sentence that says what was given. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return '""';
  // JSON has no text for NaN, the infinities and big integers.
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? JSON.stringify(value) : String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  // Half a character, cut here or given so, is no text to readers of JSON that are strict.
  return short.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A name as it was given, in quotes, short and with nothing in it that a terminal would obey. */
export function quoted(name: string): string {
  return JSON.stringify(name === '' ? '' : shown(name));
}
