import { ruleBroken } from '../../../core/market/quoted.ts';
import { TickwellError } from '../../../wire/errors.ts';

/** What is wrong with a line of a recording: `rule` is what it must be or have. */
export function lineProblem(line: number, rule: string, given: unknown): TickwellError {
  return new TickwellError('bad_request', ruleBroken(`line ${line}`, rule, given), { line });
}

/** What is wrong with one thing that a line says. */
export function cellProblem(
  line: number,
  name: string,
  rule: string,
  given: unknown,
): TickwellError {
  return new TickwellError('bad_request', ruleBroken(`line ${line}: ${name}`, rule, given), {
    line,
  });
}
