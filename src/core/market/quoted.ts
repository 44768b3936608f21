/** `value` as a short text for the end of a sentence that says what was given. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return '""';
  // JSON has no text for NaN, the infinities and big integers.
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? JSON.stringify(value) : String(value);
  return visible(short(text));
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * Text that moves no cursor and turns no line around, wherever it is shown: characters that control
 * a terminal, or the direction of what is beside them, are written as JSON would.
 */
export function visible(text: string): string {
  return (
    text
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
      })
      // Half a character, cut here or given so, is no text to readers of JSON that are strict.
      .replace(/\p{Surrogate}/gu, '\ufffd')
  );
}

/** The sentence of the house: a field, the rule it breaks (`must be ...`), and what was given. */
export function ruleBroken(field: string, rule: string, value: unknown): string {
  if (value === undefined) return `${field} is missing: it ${rule}`;
  return `${field} ${rule}; given: ${quoted(value)}`;
}

/** A name as it was given, in quotes, short and with nothing in it that a terminal would obey. */
export function inQuotes(name: string): string {
  return visible(JSON.stringify(short(name).replace(/\p{Surrogate}/gu, '\ufffd')));
}
