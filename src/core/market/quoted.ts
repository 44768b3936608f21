/** `value` as a short text for the end of a sentence that says what was given. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return '""';
  // JSON has no text for NaN, the infinities and big integers.
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? beginningOf(value) : String(value);
  return visible(short(text));
}

/** A value as JSON, whose end may differ where it is not shown: it may be nested without bound. */
function beginningOf(value: object): string {
  let parts = 0;
  // Each stands at least one character behind the one before.
  return JSON.stringify(value, (_, part: unknown) => {
    parts += 1;
    return parts > MOST_SHOWN + 1 ? undefined : part;
  });
}

/** Characters of longer texts are left out at the end. */
const MOST_SHOWN = 60;

function short(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 3)}...` : text;
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
