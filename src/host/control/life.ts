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
      // To leave it out would make other rows of it than those that were given.
      const rule = 'it must say what this version of Tickwell knows';
      throw new WrongLog(`${rule}; given: ${quoted(line)}`);
    }
  };

  #takeTurn({ clock, digest }: LogLine): void {
    const { key, index, ...anchor } = clock as Anchor & Pick<Turned, 'key' | 'index'>;
    try {
      if (this.time === undefined) this.time = new MarketTime([anchor]);
      else this.time.add(anchor);
    } catch (error) {
      throw new WrongLog(`of the clock: ${(error as Error).message}; given: ${quoted(clock)}`);
    }
    this.turned.push({
      digest: String(digest),
      taken: { key, index, anchor, id: this.#timeline.id },
    });
  }

  #takeEntry({ entry, digest, isProvisional = false }: LogLine): void {
    const { key, index, name, effects } = entry as Partial<Record<keyof Entry, unknown>>;
    const check = checkEffects(effects, this.#timeline);
    if (!check.ok) throw new WrongLog(`of entry ${quoted(key)}: ${check.problems[0]?.message}`);
    if (typeof key !== 'string' || !KEY.test(key) || !Number.isSafeInteger(index)) {
      throw new WrongLog(`an entry must have a key and an index; given: ${quoted(entry)}`);
    }
    const named = typeof name === 'string' ? { name } : {};
    const read: Entry = { key, index: index as number, ...named, effects: check.effects };
    this.#timeline.add(read);
    // What it was told then: the ids of those that were written before it.
    const taken = takenOf(this.#timeline, read, isProvisional === true);
    this.done.push({ digest: String(digest), taken });
  }
}
