/** The number types a market can keep its prices in. */

export type Prices =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float64Array;

/** `min` and `max` in ticks; a price never leaves them. */
interface DtypeInfo {
  readonly bytes: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Float64 prices are whole ticks too. They end at 2^48: the path of a walk then stays exact for as
 * many rows as a market can have, and the exponential of a bound's logarithm never passes it.
 */
export const DTYPES = {
  uint8: { bytes: 1, min: 0, max: 0xff },
  uint16: { bytes: 2, min: 0, max: 0xffff },
  uint32: { bytes: 4, min: 0, max: 0xffff_ffff },
  int8: { bytes: 1, min: -0x80, max: 0x7f },
  int16: { bytes: 2, min: -0x8000, max: 0x7fff },
  int32: { bytes: 4, min: -0x8000_0000, max: 0x7fff_ffff },
  float64: { bytes: 8, min: -0x1_0000_0000_0000, max: 0x1_0000_0000_0000 },
} as const satisfies Record<string, DtypeInfo>;

export type Dtype = keyof typeof DTYPES;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(DTYPES, name);
}

/** `length` prices, all 0. */
export function newPrices(dtype: Dtype, length: number): Prices {
  switch (dtype) {
    case 'uint8':
      return new Uint8Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'float64':
      return new Float64Array(length);
  }
}
