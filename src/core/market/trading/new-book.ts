import type { Key } from '../../random/threefry.ts';
import type { OpenRows } from '../calendar/open-rows.ts';
import type { Instrument } from '../instrument.ts';
import type { Overlay } from '../models/overlay.ts';
import { Book } from './book.ts';

/**
 * The book of an instrument; `open` are its rows that are open, where not all are, and `overlay` is
 * what is done to it, if anything is.
 */
export function newBook(
  key: Key,
  { trading, minTicks, maxTicks }: Instrument,
  open?: OpenRows,
  overlay?: Overlay,
): Book {
  const shape = { ...trading, minTicks, maxTicks };
  if (overlay === undefined) {
    return new Book(
      key,
      shape,
      open && { rowOf: (index) => open.shownAt(index), depthAt: () => 1 },
    );
  }
  const rowOf = (index: number) => {
    // Before a halt it may have been closed, and before that halted.
    for (let row = index; ; ) {
      const halted = overlay.openRow(open?.shownAt(row) ?? row);
      if (halted === row) return row;
      row = halted;
    }
  };
  return new Book(key, shape, { rowOf, depthAt: (row) => overlay.spellAt(row).depth });
}
