import { parseResolution, type Resolution } from '../../src/core/market/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';

/** How candles of a market are asked for in a simulation. */
export interface NamedCut {
  readonly resolution: string;
  readonly tz?: string;
  readonly offset?: string;
}

/** Widths in rows, the halves too: a market of a row every 7 s has days. */
const WIDTHS = [1, 2, 2.5, 7, 12, 37, 64.5, 500, 5000];

const CALENDAR: readonly NamedCut[] = [
  { resolution: '1d' },
  { resolution: '1w' },
  { resolution: '1mo' },
  { resolution: '1y' },
  { resolution: '3mo', tz: 'Europe/Berlin' },
  { resolution: '1d', tz: 'America/New_York' },
  { resolution: '6h', tz: 'Australia/Lord_Howe' },
  { resolution: '1w', tz: 'Pacific/Apia' },
  { resolution: '1d', tz: 'Africa/Casablanca' },
  { resolution: '1mo', offset: '-5h' },
];

const cuts = new Map<number, readonly NamedCut[]>();

/** The cuts that candles of rows every `intervalMs` are asked for in. */
export function cutsOf(intervalMs: number): readonly NamedCut[] {
  let known = cuts.get(intervalMs);
  if (known === undefined) {
    const widths = WIDTHS.map((rows) => ({ resolution: `${rows * intervalMs}ms` }));
    known = [...widths, ...CALENDAR].filter((cut) => resolutionOf(cut).ms >= intervalMs);
    cuts.set(intervalMs, known);
  }
  return known;
}

/** By what is named: readers look at each row of each candle, and a zone is long to count. */
const resolutions = new Map<string, Resolution>();

/** The same as `cuttingOf`, without a market. */
export function resolutionOf(cut: NamedCut): Resolution {
  const key = `${cut.resolution} ${cut.tz} ${cut.offset}`;
  const known = resolutions.get(key) ?? newResolution(cut);
  resolutions.set(key, known);
  return known;
}

function newResolution({ resolution, tz, offset }: NamedCut): Resolution {
  const offsetMs = offset === undefined ? 0 : -5 * 3_600_000;
  const cut =
    tz === undefined ? parseResolution(resolution, offsetMs) : zonedResolution(resolution, tz);
  if (cut === undefined) throw new Error(`a cut must be one; given: ${resolution} ${tz}`);
  return cut;
}
