import type { Preset } from './presets.ts';
import { driftOf, instrumentsOf } from './table.ts';

/** Price, tick size, volatility a year, thousands of trades a day, spread in ticks, name. */
const PAIRS: Readonly<Record<string, string>> = {
  Aurel: `
    AUR/VEL   1.08432 0.00001 0.075 520 2 Aurel / Velar
    AUR/KRO  10.4185  0.0001  0.090 180 8 Aurel / Kronel
    AUR/TYN 157.482   0.001   0.095 330 5 Aurel / Tynen
    AUR/PND   0.86274 0.00001 0.060 240 4 Aurel / Pondra
    AUR/SKA  11.2647  0.0001  0.085 110 9 Aurel / Skarne`,
  Velar: `
    VEL/TYN 145.236   0.001   0.100 410 3 Velar / Tynen
    VEL/FRA   0.90518 0.00001 0.080 260 3 Velar / Franko
    VEL/KAN   1.36742 0.00001 0.070 230 4 Velar / Kanuk
    VEL/PSO  17.1263  0.0001  0.130 120 12 Velar / Pesona
    VEL/RND  18.7405  0.0001  0.150  90 16 Velar / Rondal
    VEL/LYR  32.3871  0.0001  0.180  70 30 Velar / Lyrant
    VEL/ZLO   3.98714 0.00001 0.100  60 18 Velar / Zlota`,
  Pondra: `
    PND/VEL   1.25681 0.00001 0.080 310 3 Pondra / Velar
    PND/TYN 182.547   0.001   0.110 170 6 Pondra / Tynen
    PND/FRA   1.13764 0.00001 0.075  90 6 Pondra / Franko`,
  South: `
    OZI/VEL   0.65827 0.00001 0.100 220 3 Ozial / Velar
    KIW/VEL   0.60194 0.00001 0.105 140 4 Kiwal / Velar
    OZI/TYN  95.607   0.001   0.120 120 5 Ozial / Tynen
    OZI/KIW   1.09358 0.00001 0.065  50 7 Ozial / Kiwal
    KIW/TYN  87.426   0.001   0.125  60 7 Kiwal / Tynen`,
};

export const FX: Preset = {
  title: '20 pairs of invented currencies, at a tenth of a pip',
  spec: {
    // One by which most days have some that rise and some that fall.
    seed: 16,
    dtype: 'uint32',
    defaults: {
      model: 'market',
      marketShare: 0.25,
      sectorShare: 0.2,
      intraday: -0.35,
      pull: 0.3,
    },
    instruments: Object.entries(PAIRS).flatMap(([sector, table]) =>
      instrumentsOf(table, 5, ([startPrice, tickSize, volatility, kilotrades, spreadTicks]) => ({
        ...{ sector, startPrice, tickSize, volatility, spreadTicks },
        drift: driftOf(0, volatility!),
        tradesPerDay: 1000 * kilotrades!,
        lotsPerTrade: 10,
      })),
    ),
  },
};
