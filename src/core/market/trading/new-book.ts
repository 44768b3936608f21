import type { Key } from '../../random/threefry.ts';
import type { Instrument } from '../instrument.ts';
import { isMidModel, type MidModel, type Model } from '../models/model.ts';
import type { Overlay } from '../models/overlay.ts';
import { Book, type BookRows } from './book.ts';
import { StillRows } from './still-rows.ts';

/** The book of an instrument; `overlay` is what is done to it, if anything is. */
export function newBook(
  key: Key,
  { model: said, trading, minTicks, maxTicks }: Instrument,
  model: Model | MidModel,
  overlay?: Overlay,
): Book {
  const closes = isMidModel(model) && said.kind === 'market' && said.calendar !== 'always';
  const still = closes ? new StillRows((index) => model.clockAt(index)) : undefined;
  const shape = { ...trading, minTicks, maxTicks };
  if (overlay === undefined) {
    const rows = still && { rowOf: (index: number) => still.firstOf(index), depthAt: () => 1 };
    return new Book(key, shape, rows);
  }
  const rows: BookRows = {
    rowOf: (index) => {
      const open = overlay.openRow(index);
      return still?.firstOf(open) ?? open;
    },
    depthAt: (row) => overlay.spellAt(row).depth,
  };
  return new Book(key, shape, rows);
}
