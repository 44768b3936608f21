import { checkEffects } from '../../core/market/entries/effects.ts';
import { type Entry, KEY } from '../../core/market/entries/entry.ts';
import { quoted } from '../../core/market/quoted.ts';
import { type Anchor, MarketTime } from '../../core/timeline/market-time.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import type { Taken, Turned } from './director.ts';
import { type LogLine, WrongLog } from './log-lines.ts';
import { takenOf } from './taken.ts';

/** Something that was done before, and the digest of what was asked for then. */
export interface Done {
  readonly digest: string;
  readonly taken: Taken;
}

/** A change of the clock, likewise. */
export interface DoneTurn {
  readonly digest: string;
  readonly taken: Turned;
}

/** What a log says of the lives before this one. */
export class Life {
  /** Rows before this one may have been given. */
  mark = 0;
  /** In the order in which it was written. */
  readonly done: Done[] = [];
  /** How the market's time was changed. */
  readonly turned: DoneTurn[] = [];
  /** Undefined if the log says nothing of it. */
  time: MarketTime | undefined;
  readonly #timeline: Timeline;

  /** What was done is added to `timeline`. */
  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** How the market's time began: what was written of it before there was a row. */
  get firstAnchors(): readonly Anchor[] {
    const later = this.turned.findIndex(({ taken }) => taken.index > 0);
    const first = later < 0 ? this.turned : this.turned.slice(0, later);
    return first.map(({ taken }) => taken.anchor);
  }

  /** Whether there is more in it than that. */
  get isMoreThanBegun(): boolean {
    return (
      this.mark > 0 || this.done.length > 0 || this.turned.some(({ taken }) => taken.index > 0)
    );
  }

  /** Takes a line of the log. Throws `WrongLog` on one that it does not know, or that is wrong. */
  readonly take = (line: LogLine): void => {
    if (typeof line.mark === 'number') {
      // The last one counts: what was marked may be taken back by who has given less.
      this.mark = line.mark;
    } else if (line.entry !== undefined) {
      this.#takeEntry(line);
    } else if (line.clock !== undefined) {
      this.#takeTurn(line);
    } else {
      throw unknownLine(line);
    }
  };

  #takeTurn(line: LogLine): void {
    const { key, index, anchor, digest } = turnOf(line);
    this.time = withAnchor(this.time, anchor, line);
    this.turned.push({ digest, taken: { key, index, anchor, id: this.#timeline.id } });
  }

  #takeEntry(line: LogLine): void {
    const { entry, digest, isProvisional } = entryOf(line, this.#timeline);
    this.#timeline.add(entry);
    // What it was told then: the ids of those that were written before it.
    this.done.push({ digest, taken: takenOf(this.#timeline, entry, isProvisional) });
  }
}

/** Of a line that says nothing of all this: to leave it out would make other rows of it. */
export function unknownLine(line: unknown): WrongLog {
  const rule = 'it must say what this version of Tickwell knows';
  return new WrongLog(`${rule}; given: ${quoted(line)}`);
}

/** The entry that a line says, for a market. Throws `WrongLog` if it is none. */
export function entryOf(line: LogLine, timeline: Timeline) {
  const { entry, digest, isProvisional } = line;
  const { key, index, name, effects } = (entry ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const check = checkEffects(effects, timeline);
  if (!check.ok) throw new WrongLog(`of entry ${quoted(key)}: ${check.problems[0]?.message}`);
  if (typeof key !== 'string' || !KEY.test(key) || !Number.isSafeInteger(index)) {
    throw new WrongLog(`an entry must have a key and an index; given: ${quoted(entry)}`);
  }
  const named = typeof name === 'string' ? { name } : {};
  const read: Entry = { key, index: index as number, ...named, effects: check.effects };
  return { entry: read, digest: String(digest), isProvisional: isProvisional === true };
}

/** The change of the clock that a line says. */
export function turnOf({ clock, digest }: LogLine) {
  const { key, index, ...anchor } = clock as Anchor & Pick<Turned, 'key' | 'index'>;
  return { key, index, anchor: anchor as Anchor, digest: String(digest) };
}

/**
 * A market's time with one more anchor, which `line` says; undefined is one that has none yet.
 * Throws `WrongLog` if it cannot have that.
 */
export function withAnchor(
  time: MarketTime | undefined,
  anchor: Anchor,
  line: LogLine,
): MarketTime {
  try {
    if (time === undefined) return new MarketTime([anchor]);
    time.add(anchor);
    return time;
  } catch (error) {
    const { message } = error as Error;
    throw new WrongLog(`of the clock: ${message}; given: ${quoted(line.clock)}`);
  }
}
