import type { Preset } from './presets.ts';
import { instrumentsOf } from './table.ts';

/** Price, tick size, volatility a year, thousands of trades a day, spread in ticks, name. */
const COINS = `
  ORBX  64250.50      0.5           0.55 1900 1 Orbix
  ETHRA  3184.75       0.05          0.68 1500 1 Ethra
  SOLUN  148.32        0.01          0.85 1200 1 Solune
  KADZU  587.1         0.01          0.62  600 4 Kadzu
  RIPLA  0.5214        0.00001       0.90  900 3 Ripla
  DOGGO  0.12873       0.00001       1.05 1100 1 Doggora
  AVLON  31.474        0.001         0.95  500 2 Avalon Chain
  POLKO  6.205         0.001         0.92  350 2 Polkora
  LITHE  82.65         0.01          0.78  300 1 Lithe
  LYNKS  14.118        0.001         0.96  420 2 Lynks
  MATIK  0.7041        0.0001        1.00  380 1 Matika
  COSMA  8.364         0.001         0.98  260 2 Cosma
  NEARO  5.127         0.0001        1.08  240 7 Nearo
  ALGEA  0.18032       0.00001       1.02  150 3 Algea
  FYLES  5.786         0.001         1.10  180 2 Fyles
  VEKTR  0.03418       0.000001      1.04  120 3 Vektor
  TRONE  0.11957       0.00001       0.72  300 1 Trone
  STELO  0.10866       0.00001       0.88  200 2 Stelora
  HEDRA  0.07925       0.00001       1.06  110 2 Hedra
  SANDO  0.4417        0.00001       1.20  160 4 Sandora
  GALAX  0.03905       0.000001      1.25  140 3 Galaxor
  PEPPR  0.0000084213  0.0000000001  1.60  700 9 Peppra
  SHIBB  0.000023174   0.000000001   1.30  650 4 Shibbo
  BONKI  0.000026843   0.000000001   1.70  420 6 Bonki
  FLOKE  0.00016432    0.00000001    1.55  200 5 Floke
  MONRO  162.85        0.01          0.70   90 4 Monro
  ZEKRA  23.46         0.001         0.89   60 6 Zekra
  STABL  1             0.0001        0.01  800 1 Stablo
  GOLDT  2318.4        0.01          0.16   70 9 Gold Token
  YIELD  6842          1             0.82   40 3 Yieldra`;

export const CRYPTO: Preset = {
  title: '30 coins, from a hundred-thousandth to tens of thousands, each at its own tick size',
  spec: {
    dtype: 'uint32',
    defaults: {
      model: 'market',
      marketShare: 0.5,
      // They trade round the clock, a little more by day.
      intraday: -0.15,
      weekend: 0.45,
      jumpSkew: 0.7,
      pull: 0.3,
    },
    instruments: instrumentsOf(
      COINS,
      5,
      ([startPrice, tickSize, volatility, kilotrades, spreadTicks]) => ({
        ...{ startPrice, tickSize, volatility, spreadTicks },
        // The logarithm has no trend: in ten years nothing is at a wall.
        drift: (volatility! * volatility!) / 2,
        tradesPerDay: 1000 * kilotrades!,
        lotsPerTrade: 20,
      }),
    ),
  },
};
