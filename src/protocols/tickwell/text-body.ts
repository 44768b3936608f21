import type { Lists } from '../../core/market/columns.ts';
import type { Field } from '../../core/market/fields.ts';
import { valuesJsonInSteps } from '../../wire/json.ts';

/** The values of rows as JSON, for messages and events alike; yields often. */
export function* textBody(
  fields: readonly Field[],
  values: Lists,
): Generator<void, Uint8Array, void> {
  return textBytes(yield* valuesJsonInSteps(fields, values));
}

/** In memory of its own: a part of Node's pool would keep all of it, frames that are gone too. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
