import type { What } from '../core/history/wanted.ts';
import type { FanOutGroup } from './groups.ts';
import type { Part } from './sending.ts';

/** Where payloads come from that are no plain rows: one for each of what else is followed. */
export interface PartSource {
  /**
   * Writes the payload of what comes next for who wants row `from` next, if it is at hand. Of books
   * it differs for who has none yet.
   */
  put(group: FanOutGroup, from: number, hasBook: boolean): Part | undefined;
  /**
   * Reads what comes next for who wants row `from` next, as far as one turn goes: it may be at hand
   * then, or need another turn. False if that could not be paid.
   */
  read(
    group: FanOutGroup,
    from: number,
    pay: (cost: number) => boolean,
    hasBook: boolean,
  ): Generator<void, boolean, void>;
  /** Keeps what is wanted near the head, while nothing is told of it. */
  keepUp(group: FanOutGroup): void;
  /** A group has no subscription any more. */
  ended(group: FanOutGroup): void;
}

/** Everything that is followed but rows. */
export type PartKind = Exclude<What, 'rows'>;

export type PartSources = Readonly<Record<PartKind, PartSource>>;

/** The source of a group; undefined if it is of rows. */
export function sourceOf(sources: PartSources, { what }: FanOutGroup): PartSource | undefined {
  return what === 'rows' ? undefined : sources[what];
}
