import { newTradeLists } from '../../../core/market/trading/trade-lists.ts';
import { ROWS_HEAD_BYTES } from '../../../wire/binary.ts';
import { fillTradesHead, tradesBytes } from '../../../wire/binary-trades.ts';
import { table } from './texts.ts';

/** Single trades as bytes: what a schema cannot say, as text. */
export function tradesFrameDescription(): string {
  const fields = table(
    ['at byte', 'type', 'field'],
    [
      ['2', 'u8', 'kind: 4, trades'],
      ['24', 'u32', 'trades, of all columns'],
      ['36', 'u32', '0'],
      [String(ROWS_HEAD_BYTES), 'f64', 'the number of the first trade of each column'],
    ],
  );
  return [
    'The same as a message of trades, for connections with the subprotocol `tickwell.v1.bin`. ' +
      'Everything is little endian. The head is that of a frame of rows, but:',
    fields,
    'Then come how many trades each column has (u32), and of all trades, column by column: ' +
      'microseconds after since (f64), prices of the dtype, lots (f64), and sides (u8): 1 if a ' +
      'buyer came, 2 if a seller. Each part begins at the next multiple of 8, zeros before it.',
  ].join('\n\n');
}

/** The example of two trades of a row, as hexadecimal digits. */
export function tradesExample(): string {
  const lists = newTradeLists([5_256_303], [2]);
  lists.micros.set([1_158_368, 1_467_517]);
  lists.prices.set([21_408, 21_408]);
  lists.lots.set([8, 3]);
  lists.sides.set([1, 1]);
  const head = new Uint8Array(ROWS_HEAD_BYTES);
  fillTradesHead(head, {
    dtype: 'uint16',
    id: 10,
    since: 1_769_860_805_000,
    until: 1_769_860_806_000,
    trades: 2,
    columns: 1,
    lagRows: 0,
  });
  return Buffer.concat([head, tradesBytes('uint16', lists)]).toString('hex');
}
