import { newCandleLists } from '../../../core/market/candle-lists.ts';
import { ROWS_HEAD_BYTES } from '../../../wire/binary.ts';
import { candlesBytes, fillCandlesHead } from '../../../wire/binary-candles.ts';
import { table } from './texts.ts';

/** Candles as bytes: what a schema cannot say, as text. */
export function candlesFrameDescription(): string {
  const fields = table(
    ['at byte', 'type', 'field'],
    [
      ['2', 'u8', 'kind: 3, candles'],
      ['24', 'u32', 'candles'],
      [
        '36',
        'u32',
        '8 if there is volume, 16 if there are trades, 256 if they are final, 512 with ' +
          '`held` false: added up',
      ],
      [String(ROWS_HEAD_BYTES), 'f64', 'the start of each, in ms since 1970-01-01T00:00:00Z'],
    ],
  );
  return [
    'The same as a message of candles of a subscription, for connections with the subprotocol ' +
      '`tickwell.v1.bin`. Everything is little endian. The head is that of a frame of rows, but:',
    fields,
    'Then come open, high, low and close, of each columns x candles prices of the dtype, column ' +
      'by column; then volume and trades, those that are there, of each columns x candles f64. ' +
      'With 512 there follow columns x candles u8: 1 where a column has no candle, as all of its ' +
      'rows are held; what is said of it is 0. Each part begins at the next multiple of 8, zeros ' +
      'before it.',
  ].join('\n\n');
}

/** The example of a candle that forms, as hexadecimal digits. */
export function candlesExample(): string {
  const lists = newCandleLists([], 1, [1_769_860_800_000]);
  lists.values.open[0] = 21_412;
  lists.values.high[0] = 21_412;
  lists.values.low[0] = 21_407;
  lists.values.close[0] = 21_408;
  const head = new Uint8Array(ROWS_HEAD_BYTES);
  fillCandlesHead(head, {
    dtype: 'uint16',
    fields: [],
    isFinal: false,
    isSparse: false,
    id: 9,
    since: 1_769_860_799_000,
    until: 1_769_860_806_000,
    candles: 1,
    columns: 1,
    lagRows: 0,
  });
  return Buffer.concat([head, candlesBytes('uint16', lists)]).toString('hex');
}
