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
   * Keeps what is half read of what comes next for who wants row `from` next, until that is let go
   * of; a reader does so before each turn of `read`. `isFirst` says that nothing was read for it
   * before. Sources without it read what the head has come to.
   */
  hold?(group: FanOutGroup, from: number, isFirst: boolean): Held;
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
  /**
   * Whether what comes next for a group will be at hand when the head moves, so that its readers
   * move together. Default: if nothing of it has to be made of prices.
   */
  isPrompt?(group: FanOutGroup): boolean;
  /** Keeps what is wanted near the head, while nothing is told of it. */
  keepUp(group: FanOutGroup): void;
  /** A group has no subscription any more. */
  ended(group: FanOutGroup): void;
}

/** What is half read, and kept while somebody waits for it. */
export interface Held {
  /** The row that is wanted next by who waits. */
  readonly from: number;
  /** Call it once. */
  letGo(): void;
}

/** Everything that is followed but rows. */
export type PartKind = Exclude<What, 'rows'>;

export type PartSources = Readonly<Record<PartKind, PartSource>>;

/** The source of a group; undefined if it is of rows. */
export function sourceOf(sources: PartSources, { what }: FanOutGroup): PartSource | undefined {
  return what === 'rows' ? undefined : sources[what];
}
