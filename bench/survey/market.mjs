/** The market that clients are surveyed on: what its two instruments are called, and when it begins. */

/** A time at which no clause of any profile with a name strikes, so that everybody can come in. */
export const BEGIN = Date.UTC(2026, 2, 2, 14, 30, 7);

export const SYMBOLS = [
  { own: 'ORBX', binance: 'ORBXUSDT', ccxt: 'ORBX/USDT', alpaca: 'ORBX/USDT', deriv: 'ORBXUSDT' },
  { own: 'VEYR', binance: 'VEYRUSDT', ccxt: 'VEYR/USDT', alpaca: 'VEYR/USDT', deriv: 'VEYRUSDT' },
];

/** What an instrument of a protocol is called in the market. */
export const ownName = (name) =>
  SYMBOLS.find((names) => Object.values(names).includes(name))?.own ?? `no name: ${name}`;

export const SPEC = {
  interval: 1000,
  dtype: 'uint32',
  defaults: { tickSize: 0.01 },
  instruments: [
    { symbol: 'ORBX', startPrice: 250 },
    { symbol: 'VEYR', startPrice: 80 },
  ],
};
