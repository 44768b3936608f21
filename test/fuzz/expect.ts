import { ERRORS, TickwellError } from '../../src/wire/errors.ts';

/** Throws unless `holds`: what was found is told with the input. */
export function must(holds: boolean, sentence: string, input: unknown): void {
  if (holds) return;
  throw new Error(`${sentence}; given: ${JSON.stringify(input)}`);
}

/** The value of `parse`; undefined if it throws the error that tells a client what is wrong. */
export function unlessRefused<T>(parse: () => T, input: unknown): T | undefined {
  try {
    return parse();
  } catch (error) {
    must(error instanceof TickwellError, `a refusal is a TickwellError, not ${error}`, input);
    expectTold(error as TickwellError, input);
    return undefined;
  }
}

/** Checks that an error is one of those that are documented, with a sentence. */
export function expectTold(error: { code: string; message: string }, input: unknown): void {
  const { code, message } = error;
  must(Object.hasOwn(ERRORS, code) && code !== 'internal', `${code} is documented`, input);
  const isSentence =
    /; (given|given twice|asked for): |^unknown [\w ]+ ".*"|^[\w-]+ is missing/s.test(message);
  must(isSentence, `"${message}" says what was given`, input);
  must(message.length < 400, `"${message}" is short`, input);
}
