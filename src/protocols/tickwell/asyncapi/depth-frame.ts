import { ROWS_HEAD_BYTES } from '../../../wire/binary.ts';
import { depthBytes, fillDepthHead } from '../../../wire/binary-depth.ts';
import { table } from './texts.ts';

/** Books as bytes: what a schema cannot say, as text. */
export function depthFrameDescription(): string {
  const fields = table(
    ['at byte', 'type', 'field'],
    [
      ['2', 'u8', 'kind: 5, books'],
      ['24', 'u32', 'levels of all columns, or changes of them'],
      ['36', 'u32', '1 if it is a snapshot'],
      [String(ROWS_HEAD_BYTES), 'u32', 'of each column two: how many bids, how many asks'],
    ],
  );
  return [
    'The same as a message of books, for connections with the subprotocol `tickwell.v1.bin`. ' +
      'Everything is little endian. The head is that of a frame of rows, but:',
    fields,
    'Then come the levels, of each column the bids, then the asks, the best first: their prices ' +
      'of the dtype, then their lots as u32, 0 where nothing waits any more. Each part begins at ' +
      'the next multiple of 8, zeros before it.',
  ].join('\n\n');
}

/** The example of a row that changed four levels, as hexadecimal digits. */
export function depthExample(): string {
  const lists = {
    columns: 1,
    counts: Uint32Array.of(1, 3),
    ticks: Float64Array.of(45_361, 45_366, 45_369, 45_370),
    lots: Float64Array.of(19, 29, 9, 0),
  };
  const head = new Uint8Array(ROWS_HEAD_BYTES);
  fillDepthHead(head, {
    dtype: 'uint16',
    isSnapshot: false,
    id: 11,
    since: 1_769_860_805_000,
    until: 1_769_860_806_000,
    levels: lists.ticks.length,
    columns: 1,
    lagRows: 0,
  });
  return Buffer.concat([head, depthBytes('uint16', lists)]).toString('hex');
}
