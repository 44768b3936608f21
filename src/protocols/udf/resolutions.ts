import { inQuotes } from '../../core/market/quoted.ts';
import { formatDuration, parseResolution, type Resolution } from '../../core/market/resolution.ts';
import { TickwellError } from '../../wire/errors.ts';

/** Widths as TradingView writes them: minutes are plain numbers. */
const SECONDS = ['1S', '5S', '10S', '15S', '30S'];
const MINUTES = [
  '1',
  '2',
  '3',
  '5',
  '10',
  '15',
  '30',
  '45',
  '60',
  '120',
  '180',
  '240',
  '360',
  '480',
  '720',
];
const DAYS = ['1D', '3D', '1W', '1M', '3M', '6M', '12M'];
const UNITS = { '': 'm', S: 's', D: 'd', W: 'w', M: 'mo' } as const;

/** What a chart offers of a market whose rows are `intervalMs` apart. */
export function offered(intervalMs: number) {
  const widths = (texts: readonly string[]) =>
    texts.filter((text) => parse(text)!.ms >= intervalMs);
  return { seconds: widths(SECONDS), minutes: widths(MINUTES), days: widths(DAYS) };
}

/** A width such as `5`, `1S`, `D` or `1M`. Throws a `TickwellError`. */
export function resolutionOf(text: string, intervalMs: number): Resolution {
  const resolution = parse(text);
  if (resolution === undefined) {
    const rule = 'resolution must be minutes such as 5, or such as 1S, 1D, 1W and 1M';
    throw new TickwellError('bad_request', `${rule}; given: ${inQuotes(text)}`);
  }
  if (resolution.ms >= intervalMs) return resolution;
  const rule = `resolution must be at least ${formatDuration(intervalMs)}, between two rows`;
  throw new TickwellError('bad_request', `${rule}; given: ${inQuotes(text)}`);
}

function parse(text: string): Resolution | undefined {
  const [, count, unit] = /^(\d{0,6})([SDWM]?)$/.exec(text) ?? [];
  if (count === undefined || text === '') return undefined;
  return parseResolution(`${count === '' ? 1 : count}${UNITS[unit as keyof typeof UNITS]}`);
}
