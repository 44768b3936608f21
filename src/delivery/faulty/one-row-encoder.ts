import type { Encoder } from '../encoder.ts';

const known = new WeakMap<Encoder, Encoder>();

/**
 * An encoder whose frames tell of one row, one candle, the trades of one row: each has a fate of
 * its own. There is one for all readers of the same encoder, so that they have groups of their own
 * and share what is made. Bodies are shared with everybody.
 */
export function oneRowOf(encoder: Encoder): Encoder {
  let one = known.get(encoder);
  if (one === undefined) {
    one = newOneRow(encoder);
    known.set(encoder, one);
  }
  return one;
}

function newOneRow(encoder: Encoder): Encoder {
  const { candles, depth, trades, harm } = encoder;
  const perFrame = () => 1;
  return {
    name: encoder.name,
    bodyKind: encoder.bodyKind,
    format: encoder.format,
    isByRow: true,
    get puts() {
      return encoder.puts;
    },
    rowsPerFrame: perFrame,
    rowsBytes: (wanted, rows) => encoder.rowsBytes(wanted, rows),
    encode: (fields, values, place) => encoder.encode(fields, values, place),
    putNewest: (rows, columns, head) => encoder.putNewest(rows, columns, head),
    putBody: (body, wanted, from, next, head) => encoder.putBody(body, wanted, from, next, head),
    frameFor: (id) => encoder.frameFor(id),
    ...(encoder.marketFrame === undefined
      ? {}
      : { marketFrame: (id, market, from) => encoder.marketFrame!(id, market, from) }),
    ...(candles === undefined ? {} : { candles: { ...bound(candles), perFrame } }),
    ...(trades === undefined ? {} : { trades: { ...bound(trades), perFrame } }),
    ...(depth === undefined ? {} : { depth }),
    ...(harm === undefined ? {} : { harm }),
  };
}

/** What makes bodies and puts them down, whatever it is called by. */
function bound<
  T extends Pick<NonNullable<Encoder['candles'] | Encoder['trades']>, 'encode' | 'put'>,
>(of: T): Pick<T, 'encode' | 'put'> {
  return {
    encode: of.encode.bind(of) as T['encode'],
    put: of.put.bind(of) as T['put'],
  };
}
