import { TickwellError } from '../wire/errors.ts';
import type { Service } from './service.ts';

/** What clients are told of an error: never more than the sentence that is meant for them. */
export function toldOf(error: unknown): TickwellError {
  if (error instanceof TickwellError) return error;
  return new TickwellError('internal', 'the server failed; the same request may succeed later');
}

interface Refusal {
  readonly code: TickwellError['code'];
  /** What it comes from. */
  readonly error: unknown;
  readonly address: string | undefined;
  /** Where the request went, if it was one. */
  readonly path?: string;
}

/** Counts and logs what a client is refused, or our own fault that it is told of. */
export function noteRefused(
  { metrics, log, failures }: Pick<Service, 'metrics' | 'log' | 'failures'>,
  { code, error, address, path }: Refusal,
): void {
  if (code === 'internal') {
    failures.tell(error, path);
    return;
  }
  metrics.refused(code);
  log.tell('refused', { code, path, address });
}
