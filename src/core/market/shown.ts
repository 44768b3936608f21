/** `value` as a short text for the end of a sentence that says what was given. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return '""';
  // JSON has no text for NaN, the infinities and big integers.
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
