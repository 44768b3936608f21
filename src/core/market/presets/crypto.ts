import type { Preset } from './presets.ts';
import { driftOf, instrumentsOf } from './table.ts';

/** Price, tick size, volatility a year, thousands of trades a day, spread in ticks, name. */
const COINS = `
  ORBX  64250.50      0.5            0.55 1900  1 Orbix
  ETHRA 3184.75       0.05           0.68 1500  1 Ethra
  SOLUN 148.32        0.001          0.78 1200 15 Solune
  KADZU 587.1         0.01           0.62  600  4 Kadzu
  RIPLA 0.5214        0.000001       0.84  900 20 Ripla
  DOGGO 0.12873       0.000001       0.95 1100 10 Doggora
  AVLON 31.474        0.0001         0.90  500 20 Avalon Chain
  POLKO 6.205         0.0001         0.88  350 12 Polkora
  LITHE 82.65         0.001          0.75  300 12 Lithe
  LYNKS 14.118        0.0001         0.88  420 20 Lynks
  MATIK 0.7041        0.00001        0.92  380 12 Matika
  COSMA 8.364         0.0001         0.90  260 15 Cosma
  NEARO 5.127         0.0001         0.95  240  7 Nearo
  ALGEA 0.18032       0.000001       0.94  150 30 Algea
  FYLES 5.786         0.0001         0.98  180 12 Fyles
  VEKTR 0.03418       0.0000001      0.96  120 25 Vektor
  TRONE 0.11957       0.000001       0.68  300 10 Trone
  STELO 0.10866       0.000001       0.82  200 16 Stelora
  HEDRA 0.07925       0.000001       0.96  110 14 Hedra
  SANDO 0.4417        0.000001       1.00  160 40 Sandora
  GALAX 0.03905       0.0000001      1.05  140 28 Galaxor
  PEPPR 0.0000084213  0.00000000001  1.15  700 90 Peppra
  SHIBB 0.000023174   0.0000000001   1.00  650 36 Shibbo
  BONKI 0.000026843   0.0000000001   1.15  420 54 Bonki
  FLOKE 0.00016432    0.000000001    1.10  200 45 Floke
  MONRO 162.85        0.001          0.66   90 40 Monro
  ZEKRA 23.46         0.0001         0.82   60 55 Zekra
  GOLDT 2318.4        0.01           0.16   70  9 Gold Token
  YIELD 6842          0.1            0.78   40 26 Yieldra`;

/** Coins that are this restless are held more: else some would be worth nothing in ten years. */
const RESTLESS = 0.8;

/** A coin that is worth one, and hardly ever a thousandth more or less. */
const STABLE = {
  symbol: 'STABL',
  name: 'Stablo',
  model: 'ou',
  startPrice: 1,
  tickSize: 0.00001,
  volatility: 0.03,
  halfLife: '6h',
  spreadTicks: 4,
  tradesPerDay: 800_000,
  lotsPerTrade: 20,
};

export const CRYPTO: Preset = {
  title: '30 coins, from a hundred-thousandth to tens of thousands, each at its own tick size',
  spec: {
    // One by which most days have some that rise and some that fall.
    seed: 16,
    dtype: 'uint32',
    defaults: {
      model: 'market',
      marketShare: 0.4,
      // They trade round the clock, a little more by day.
      intraday: -0.15,
      weekend: 0.45,
      jumpSkew: 0.7,
      pull: 0.3,
    },
    instruments: [
      ...instrumentsOf(COINS, 5, ([startPrice, tickSize, volatility, kilotrades, spreadTicks]) => ({
        ...{ startPrice, tickSize, volatility, spreadTicks },
        drift: driftOf(0, volatility!),
        ...(volatility! > RESTLESS ? { pull: 0.5 } : {}),
        tradesPerDay: 1000 * kilotrades!,
        lotsPerTrade: 20,
      })),
      STABLE,
    ],
  },
};
