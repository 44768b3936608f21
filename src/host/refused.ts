import { ERRORS, TickwellError } from '../wire/errors.ts';
import type { Service } from './service.ts';

/** What a client is told of an error. */
export type ClientError = TickwellError;

/** Whether the same request would fail again. */
export function isWrong({ code }: ClientError): boolean {
  return !ERRORS[code].retry;
}

/** What clients are told of an error: never more than the sentence that is meant for them. */
export function clientErrorOf(error: unknown): ClientError {
  if (error instanceof TickwellError) return error;
  const sentence = 'the server failed; the same request may succeed later';
  return Object.assign(new TickwellError('internal', sentence), { cause: error });
}

interface Refused {
  readonly address: string | undefined;
  /** Where the request went, if it was one. */
  readonly path?: string;
}

/** Counts and logs the error that a client gets: its refusal, or our own failure with its cause. */
export function noteRefused(
  { metrics, log, failures }: Pick<Service, 'metrics' | 'log' | 'failures'>,
  refusal: TickwellError,
  { address, path }: Refused,
): void {
  const { code } = refusal;
  if (code === 'internal') {
    failures.tell(Object.hasOwn(refusal, 'cause') ? refusal.cause : refusal, path);
    return;
  }
  metrics.refused(code);
  log.tell('refused', { code, path, address });
}
