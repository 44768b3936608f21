import { FIELDS } from '../../../core/market/fields.ts';
import { DTYPE_CODES, fillRowsHead, ROWS_HEAD_BYTES } from '../../../wire/binary.ts';
import type { Limits } from '../limits.ts';
import { table } from './texts.ts';

/** Rows as bytes: what a schema cannot say, as text. */
export function frameDescription({ frameBytes }: Limits): string {
  const dtypes = Object.entries(DTYPE_CODES).map(([dtype, code]) => `${code} ${dtype}`);
  const fields = table(
    ['at byte', 'type', 'field'],
    [
      ['0', 'u8', 'magic: 0x54'],
      ['1', 'u8', 'version: 1'],
      ['2', 'u8', 'kind: 1, rows; 2, rows with fields'],
      ['3', 'u8', `dtype of the prices: ${dtypes.join(', ')}`],
      ['4', 'u32', 'id of the request'],
      ['8', 'f64', 'since, in ms since 1970-01-01T00:00:00Z'],
      ['16', 'f64', 'until, in ms since 1970-01-01T00:00:00Z'],
      ['24', 'u32', 'rows'],
      ['28', 'u32', 'columns'],
      ['32', 'u32', 'lag: rows still behind the head; 2^32 - 1 for more than that'],
      ['36', 'u32', `0; of kind 2 which fields: bit n for the nth of ${FIELDS.join(', ')}`],
      [String(ROWS_HEAD_BYTES), 'dtype', 'prices in whole ticks: columns x rows, column by column'],
    ],
  );
  return [
    'The same as a message of rows, for connections with the subprotocol `tickwell.v1.bin`. ' +
      'Everything is little endian.',
    fields,
    `The length is exactly ${ROWS_HEAD_BYTES} + columns * rows * width of the dtype, at most ` +
      `${frameBytes} bytes, but always one whole row. The dtype is that of GET /v1/market.`,
    'If fields were named, the kind is 2: for each of them, in the order above, columns x rows ' +
      'values of its own type, from the next multiple of 8 on, zeros before it. Prices are of ' +
      'the dtype, volume and trades u32, the aggressor and status u8.',
  ].join('\n\n');
}

/** The example `rows` of a fetch, as hexadecimal digits. */
export function frameExample(): string {
  const frame = new Uint8Array(ROWS_HEAD_BYTES + 4);
  fillRowsHead(frame, {
    dtype: 'uint16',
    id: 3,
    since: 1_769_860_800_000,
    until: 1_769_860_802_000,
    rows: 2,
    columns: 1,
    lagRows: 4,
  });
  const view = new DataView(frame.buffer, ROWS_HEAD_BYTES);
  view.setUint16(0, 21_411, true);
  view.setUint16(2, 21_410, true);
  return Buffer.from(frame).toString('hex');
}
