import { TickwellError } from '../../wire/errors.ts';

/** What is too much for one request, however long one would wait until it is paid. */

/** Throws if what the parameters `asked` describe takes more rows than `most`. */
export function checkRows(asked: string, rows: number, most: number, of = ''): void {
  if (rows <= most) return;
  throw new TickwellError(
    'range_too_large',
    `${asked} must take at most ${most} rows${of}; given: ${rows}`,
    { limit: most },
  );
}

/**
 * Throws if what the parameters `asked` describe costs more than a full budget: no more than that
 * is ever paid for one request, though all is done. `said` stands behind what is given.
 */
export function checkWork(
  asked: string,
  cost: number,
  { workBurst: limit }: { readonly workBurst: number },
  said = '',
): void {
  if (cost <= limit) return;
  throw new TickwellError(
    'range_too_large',
    `${asked} must take at most ${limit} prices of work; given: ${Math.ceil(cost)}${said}`,
    { limit },
  );
}
