import { TickwellError } from '../../../wire/errors.ts';
import { loadedArrow } from '../formats/arrow-library.ts';
import type { GradedFormat } from '../formats/format.ts';
import { ArrowReader } from './arrow.ts';
import { CsvReader } from './csv.ts';
import type { Grading } from './grading.ts';
import { NdjsonReader } from './ndjson.ts';

/** Reads a recording from its bytes, as they come, and has it graded. */
export interface Reader {
  /** Takes the next bytes; yields often. Throws a `TickwellError` on what is wrong. */
  take(bytes: Uint8Array): Generator<void, void, void>;
  /** Takes what is left, when there are no more. */
  end(): Iterable<void>;
}

export function readerOf(format: GradedFormat, grading: Grading): Reader {
  switch (format) {
    case 'csv':
      return new CsvReader(grading);
    case 'ndjson':
      return new NdjsonReader(grading);
    case 'arrow': {
      const arrow = loadedArrow();
      if (arrow !== undefined) return new ArrowReader(arrow, grading);
      throw new TickwellError('bad_request', 'format must be said to be arrow; given: nothing');
    }
  }
}
